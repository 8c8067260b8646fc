"""The role of each name that a block binds: a parameter goes into the work, a metric comes out of it.

By role, not by literal. In this order:

1. What comes from a score is a metric: functions of ``sklearn.metrics``, ``.score()``, ``cross_val_score``, ``evaluate``
   and their like, functions of the user that call one, ``best_score_``, items such as ``history["loss"]``, and what
   is computed from these.
2. What goes into a constructor, a fit or a split is a parameter, over copies, arithmetic, containers and loops.
3. A literal, or arithmetic of literals, is a parameter; the variable of a loop is neither.
4. What is named as scores are, such as ``loss``, is a metric.
5. What is copied from outside, such as ``args.lr`` or the variable of a loop around the block, is a parameter.
6. Anything else is a metric, if it is a float or holds floats.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from dsml_magics.track.origin import Origin, Origins
from dsml_magics.track.source import Source
from dsml_magics.track.vocabulary import (
    counts_with,
    is_score_name,
    name_of_call,
    takes_all_settings,
    takes_data_first,
)

Role = Literal["parameter", "metric", "none"]
_ADDS = frozenset({"append", "extend", "add", "update", "insert", "setdefault"})
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@dataclass(frozen=True)
class Binding:
    """A value that a name gets, wholly or as a part of what it holds."""

    name: str
    value: ast.expr
    kind: Literal["whole", "part", "loop"]


class Roles:
    """The roles of the names that a block binds, from its source and from the namespace after it."""

    def __init__(self, source: Source, names: Mapping[str, Any]) -> None:
        self._source, self._names = source, names

    def of(self, name: str) -> Role:
        """Return the role of a name; see this module."""
        origin = self._origins.get(name, Origin.COMPUTED)
        if origin == Origin.SCORE:
            return "metric"
        if name in self._used:
            return "parameter"
        own = [binding for binding in self._bindings if binding.name == name]
        if origin == Origin.LITERAL:
            return "parameter" if len(own) == 1 else "none"
        if own and all(binding.kind == "loop" for binding in own):
            return "none"
        return "parameter" if origin == Origin.GIVEN and not is_score_name(name) else "metric"

    @cached_property
    def _bindings(self) -> list[Binding]:
        return [binding for node in self._source.own for binding in _bindings_of(node)]

    @cached_property
    def _origins(self) -> dict[str, Origin]:
        origins = Origins(self._names)
        for binding in self._bindings:
            # To begin with, a name is what it is given last of all: nothing.
            origins.known.setdefault(binding.name, Origin.LITERAL)
        is_news = True
        while is_news:
            news = [origins.add(each.name, self._origin(origins, each)) for each in self._bindings]
            is_news = any(news)
        return origins.known

    def _origin(self, origins: Origins, binding: Binding) -> Origin:
        least = Origin.LITERAL if binding.kind == "whole" else Origin.GIVEN
        is_count = isinstance(binding.value, ast.BinOp) and binding.name in _names_in(binding.value)
        try:
            return max(Origin.COMPUTED if is_count else least, origins.of(binding.value))
        except RecursionError:
            return Origin.COMPUTED  # nested deeper than anybody writes by hand

    @cached_property
    def _used(self) -> set[str]:
        """Names whose values go into constructors, fits and splits."""
        used = {name for call in _calls(self._source.tree) for name in self._settings_of(*call)}
        for _ in range(len(self._bindings) + 1):
            more = {name for each in self._bindings for name in _carried(each, used)}
            if more <= used:
                break
            used |= more
        return used

    def _settings_of(self, call: ast.Call, local: frozenset[str]) -> Iterator[str]:
        keywords = [each.value for each in call.keywords]
        if takes_all_settings(call, self._names):
            settings = [*call.args, *keywords]
        elif takes_data_first(call):
            settings = [*call.args[2:], *keywords]
        else:
            return
        yield from (name for node in settings for name in flows_from(node) if name not in local)


def _carried(binding: Binding, used: set[str]) -> set[str]:
    """Return what is used because a binding connects it with what is: its sources, and copies of these."""
    sources = set(flows_from(binding.value))
    if binding.name in used:
        return sources
    is_copy = binding.kind == "whole" and isinstance(binding.value, ast.Name)
    return {binding.name} if is_copy and sources <= used else set()


def _calls(tree: ast.AST) -> Iterator[tuple[ast.Call, frozenset[str]]]:
    """Walk all calls, each with the names that are local to the functions around it."""
    waiting: list[tuple[ast.AST, frozenset[str]]] = [(tree, frozenset())]
    while waiting:
        node, local = waiting.pop()
        if isinstance(node, ast.Call):
            yield node, local
        inner = local | _local_names(node) if isinstance(node, _FUNCTIONS) else local
        waiting += [(child, inner) for child in ast.iter_child_nodes(node)]


def _local_names(function: ast.AST) -> frozenset[str]:
    nodes = list(ast.walk(function))
    stored = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return frozenset(stored | {node.arg for node in nodes if isinstance(node, ast.arg)})


def flows_from(node: ast.AST) -> Iterator[str]:
    """Name what an expression takes its value from by copies, containers, arithmetic and what passes values on."""
    waiting = [node]
    while waiting:
        part = waiting.pop()
        if isinstance(part, ast.Name):
            yield part.id
        waiting += _parts_of(part)


def _parts_of(node: ast.AST) -> Iterable[ast.AST]:
    """Return the parts of an expression whose values are in its own, as they are or counted with."""
    if isinstance(node, ast.Call):
        return [*node.args, *(each.value for each in node.keywords)] if counts_with(node) else ()
    if isinstance(node, ast.IfExp):
        return node.body, node.orelse
    if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
        return [generator.iter for generator in node.generators]
    if isinstance(node, ast.Dict):
        return node.values
    if isinstance(node, ast.Subscript | ast.NamedExpr):
        return (node.value,)
    is_whole = isinstance(
        node, ast.Starred | ast.BinOp | ast.UnaryOp | ast.BoolOp | ast.Tuple | ast.List | ast.Set
    )
    return ast.iter_child_nodes(node) if is_whole else ()


def _names_in(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def _bindings_of(node: ast.AST) -> Iterator[Binding]:
    if isinstance(node, ast.Assign):
        for target in node.targets:
            yield from _pairs(target, node.value, "whole")
    elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value is not None:
        yield from _pairs(node.target, node.value, "whole")
    elif isinstance(node, ast.AugAssign):
        both = ast.BinOp(_read(node.target), node.op, node.value)
        yield from _pairs(node.target, both, "whole")
    elif isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
        yield from _pairs(node.target, node.iter, "loop")
    elif isinstance(node, ast.withitem) and node.optional_vars is not None:
        yield from _pairs(node.optional_vars, node.context_expr, "part")
    elif isinstance(node, ast.Call) and name_of_call(node) in _ADDS:
        yield from _added(node)


def _added(call: ast.Call) -> Iterator[Binding]:
    """Read ``scores.append(x)``: the list holds what it gets."""
    holder = call.func.value if isinstance(call.func, ast.Attribute) else None
    if isinstance(holder, ast.Name):
        for value in [*call.args, *(each.value for each in call.keywords)]:
            yield Binding(holder.id, value, "part")


def _pairs(target: ast.expr, value: ast.expr, kind: Literal["whole", "part", "loop"]) -> Iterator[Binding]:
    """Bind the names of a target, each of a tuple to its own part where both are written out."""
    if isinstance(target, ast.Name):
        yield Binding(target.id, value, kind)
    elif isinstance(target, ast.Starred):
        yield from _pairs(target.value, value, kind)
    elif isinstance(target, ast.Tuple | ast.List):
        parts = value.elts if isinstance(value, ast.Tuple | ast.List) and kind == "whole" else []
        if len(parts) != len(target.elts) or any(isinstance(each, ast.Starred) for each in target.elts):
            parts = [value] * len(target.elts)
        for each, part in zip(target.elts, parts, strict=True):
            yield from _pairs(each, part, kind)
    elif isinstance(target, ast.Subscript | ast.Attribute) and isinstance(target.value, ast.Name):
        yield Binding(target.value.id, value, "part")


def _read(target: ast.expr) -> ast.expr:
    """Turn the target of ``x += 1`` into what is read."""
    if isinstance(target, ast.Name):
        return ast.Name(target.id, ast.Load())
    if isinstance(target, ast.Attribute):
        return ast.Attribute(target.value, target.attr, ast.Load())
    return (
        ast.Subscript(target.value, target.slice, ast.Load()) if isinstance(target, ast.Subscript) else target
    )
