"""Where the value of an expression comes from: written there, given from outside, computed, or scored."""

import ast
from collections.abc import Iterable, Mapping
from enum import IntEnum
from functools import singledispatchmethod
from typing import Any

from dsml_magics.track.estimator import is_estimator
from dsml_magics.track.vocabulary import (
    base_of,
    is_score_name,
    is_settings,
    is_settings_name,
    passes_on,
    takes_all_settings,
    takes_data_first,
    yields_score,
)


class Origin(IntEnum):
    """Where a value comes from; of several parts the greatest decides."""

    LITERAL = 0
    GIVEN = 1
    COMPUTED = 2
    SCORE = 3


class Origins:
    """Finds the origin of expressions, given that of the names bound so far."""

    def __init__(self, names: Mapping[str, Any]) -> None:
        self._names = names
        self.known: dict[str, Origin] = {}

    def add(self, name: str, origin: Origin) -> bool:
        """Join an origin to that of a name; tell whether it is news."""
        before = self.known.get(name)
        self.known[name] = origin if before is None else max(before, origin)
        return self.known[name] != before

    @singledispatchmethod
    def of(self, _: ast.AST) -> Origin:
        """Return the origin of an expression; lambdas, texts with fields and the like are computed."""
        return Origin.COMPUTED

    def _join(self, nodes: Iterable[ast.AST | None]) -> Origin:
        return max((self.of(node) for node in nodes if node is not None), default=Origin.LITERAL)

    @of.register
    def _(self, _: ast.Constant) -> Origin:
        return Origin.LITERAL

    @of.register
    def _(self, node: ast.Name) -> Origin:
        outside = Origin.SCORE if is_score_name(node.id) else Origin.GIVEN
        return self.known.get(node.id, outside)

    @of.register(ast.NamedExpr)
    @of.register(ast.Starred)
    @of.register(ast.Await)
    @of.register(ast.UnaryOp)
    def _(self, node: Any) -> Origin:
        return self.of(node.operand if isinstance(node, ast.UnaryOp) else node.value)

    @of.register
    def _(self, node: ast.BinOp) -> Origin:
        sides = self.of(node.left), self.of(node.right)
        # A ratio of two given values is a result; ten times one is not.
        return Origin.COMPUTED if min(sides) == max(sides) == Origin.GIVEN else max(sides)

    @of.register
    def _(self, node: ast.BoolOp) -> Origin:
        return self._join(node.values)

    @of.register
    def _(self, node: ast.Compare) -> Origin:
        return self._join([node.left, *node.comparators])

    @of.register
    def _(self, node: ast.IfExp) -> Origin:
        return self._join([node.body, node.orelse])

    @of.register(ast.Tuple)
    @of.register(ast.List)
    @of.register(ast.Set)
    def _(self, node: Any) -> Origin:
        return self._join(node.elts)

    @of.register
    def _(self, node: ast.Dict) -> Origin:
        return self._join(node.values)

    @of.register(ast.ListComp)
    @of.register(ast.SetComp)
    @of.register(ast.GeneratorExp)
    @of.register(ast.DictComp)
    def _(self, node: Any) -> Origin:
        inner = Origins(self._names)
        inner.known = {**self.known, **dict(self._targets(node.generators))}
        result = node.value if isinstance(node, ast.DictComp) else node.elt
        return max(Origin.COMPUTED, inner.of(result))

    def _targets(self, generators: Iterable[ast.comprehension]) -> Iterable[tuple[str, Origin]]:
        for generator in generators:
            for target in ast.walk(generator.target):
                if isinstance(target, ast.Name):
                    yield target.id, self.of(generator.iter)

    @of.register
    def _(self, node: ast.Attribute) -> Origin:
        return Origin.SCORE if is_score_name(node.attr) else self._part(node.value, node.attr)

    @of.register
    def _(self, node: ast.Subscript) -> Origin:
        key = node.slice.value if isinstance(node.slice, ast.Constant) else None
        is_score = isinstance(key, str) and is_score_name(key)
        return Origin.SCORE if is_score and not self._is_settings(node.value) else self._part(node.value)

    def _part(self, whole: ast.expr, attribute: str = "") -> Origin:
        """Return the origin of a part of something."""
        if self._is_settings(whole) or is_settings_name(attribute):
            return Origin.GIVEN
        origin, value = self.of(whole), self._names.get(base_of(whole))
        is_container = type(value) in (list, tuple, dict)
        return max(origin, Origin.GIVEN if is_container and not attribute else Origin.COMPUTED)

    def _is_settings(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Attribute) and is_settings_name(node.attr):
            return True
        value = self._names.get(base_of(node))
        return (is_settings_name(base_of(node)) and not is_estimator(value)) or is_settings(value)

    @of.register
    def _(self, node: ast.Call) -> Origin:
        arguments = self._join([*node.args, *(each.value for each in node.keywords)])
        if yields_score(node, self._names):
            return Origin.SCORE
        if takes_all_settings(node, self._names) or takes_data_first(node):
            return Origin.COMPUTED
        if isinstance(node.func, ast.Attribute) and self._is_settings(node.func):
            return Origin.GIVEN
        has_key = any(each.arg == "key" for each in node.keywords)
        if passes_on(node) and arguments == Origin.GIVEN:
            return Origin.GIVEN
        # `max(scores, key=scores.get)` is a candidate, not its score.
        is_scored = arguments == Origin.SCORE and not has_key
        return Origin.SCORE if is_scored or self._is_of_scores(node.func) else Origin.COMPUTED

    def _is_of_scores(self, function: ast.expr) -> bool:
        """Tell a method of scores, such as ``scores.mean()``."""
        return isinstance(function, ast.Attribute) and self.of(function.value) == Origin.SCORE
