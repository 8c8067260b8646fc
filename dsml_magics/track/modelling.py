"""The estimators of a block: which it fitted, and their parameters by the estimator's path.

A parameter is named as scikit-learn names it, below the class: ``LogisticRegression.C``,
``Pipeline.clf__C``. The name of the variable plays no part, so that runs compare. The second estimator of a class
is ``LogisticRegression_2``.
"""

import ast
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dsml_magics.redaction import MASK, is_secret, redact
from dsml_magics.track.estimator import (
    State,
    fitted_state,
    inner_estimators_or_none,
    is_estimator,
    is_predictor,
    parameters_of,
    was_fitted,
)
from dsml_magics.track.plain import NOT_PLAIN, plain
from dsml_magics.track.source import Source
from dsml_magics.track.vocabulary import called, name_of_call
from dsml_magics.track.writing import written


@dataclass(frozen=True)
class Described:
    """Parameters of the estimators of a block, those the code names or changes and those left at their defaults."""

    parameters: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)

    def joined(self, other: "Described") -> "Described":
        """Put two together."""
        return Described({**self.parameters, **other.parameters}, {**self.defaults, **other.defaults})


def fitted_models(
    before: Mapping[str, tuple[object, State]], public: Mapping[str, Any], bound: Sequence[str]
) -> dict[str, Any]:
    """Find the estimators that a block fitted, in the order of their names in the code."""
    order = {name: place for place, name in enumerate(bound)}
    found: dict[str, Any] = {}
    for name in sorted(public, key=lambda name: order.get(name, len(order))):
        value = public[name]
        if is_estimator(value):
            earlier, state = before.get(name, (None, None))
            if was_fitted(state if earlier is value else None, fitted_state(value)):
                found[name] = value
    return found


def described_models(
    source: Source, names: Mapping[str, Any], models: Mapping[str, Any], said: list[str]
) -> Described:
    """Describe the estimators that a block fitted, and those it only builds, as for ``cross_val_score``."""
    calls = list(_constructors(source, names))
    named = _named_in(source, calls)
    found = Described()
    paths = list(_paths(models))
    for name, (path, model) in paths:
        try:
            found = found.joined(_described(path, model, named))
        except Exception as error:  # noqa: BLE001  `get_params` of a foreign class may raise anything
            said.append(f"the parameters of {name}: its `get_params` raised {type(error).__name__}")
    built = dict(_only_built(calls, models))
    for kind, call in built.items():
        found = found.joined(Described(_arguments(call, kind, source, names)))
    kinds = [type(model) for _, (_, model) in paths] + list(built)
    if chosen := [kind for kind in kinds if is_predictor(kind)] or kinds:
        title = ", ".join(dict.fromkeys(kind.__name__ for kind in chosen))
        found = Described({"model": title}).joined(found)
    return found


def _paths(models: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, Any]]]:
    """Number the estimators of each class; leave out second names of one, and those inside another."""
    inside = {id(each) for model in models.values() for path, each in inner_estimators_or_none(model) if path}
    numbers = Counter[str]()
    for name, model in models.items():
        if id(model) in inside:
            continue
        inside.add(id(model))
        kind = type(model).__name__
        numbers[kind] += 1
        yield name, (kind if numbers[kind] == 1 else f"{kind}_{numbers[kind]}", model)


def _described(path: str, model: Any, named: set[tuple[str, str]]) -> Described:
    given, left = parameters_of(model, named)
    parameters = {f"{path}.{key}": _shown(key, value) for key, value in given.items()}
    return Described(
        parameters | _best(path, model), {f"{path}.{key}": _shown(key, value) for key, value in left.items()}
    )


def _only_built(
    calls: Sequence[tuple[ast.Call, type]], models: Mapping[str, Any]
) -> Iterator[tuple[type, ast.Call]]:
    """Find the classes of which the block builds an estimator without keeping a fitted one; the last call counts."""
    kept = {type(each) for model in models.values() for _, each in inner_estimators_or_none(model)}
    for call, kind in calls:
        if kind not in kept and hasattr(kind, "fit"):
            yield kind, call


def _constructors(source: Source, names: Mapping[str, Any]) -> Iterator[tuple[ast.Call, type]]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call):
            kind = called(node, names)
            if isinstance(kind, type) and hasattr(kind, "get_params"):
                yield node, kind


def _named_in(source: Source, calls: Sequence[tuple[ast.Call, type]]) -> set[tuple[str, str]]:
    """Name the parameters that the code gives: class and parameter; of ``set_params``, no class and the path."""
    found = {(kind.__name__, name) for call, kind in calls for name, _ in _written_arguments(call, kind)}
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and name_of_call(node) == "set_params":
            found |= {("", each.arg) for each in node.keywords if each.arg}
    return found


def _written_arguments(call: ast.Call, kind: type) -> Iterator[tuple[str, ast.expr]]:
    import inspect

    try:
        order = list(inspect.signature(kind).parameters)
    except (TypeError, ValueError):
        order = []
    yield from zip(order, call.args, strict=False)
    yield from ((each.arg, each.value) for each in call.keywords if each.arg)


def _arguments(call: ast.Call, kind: type, source: Source, names: Mapping[str, Any]) -> dict[str, str]:
    """Read the arguments of an estimator that is built and not kept, where the code says their values."""
    found: dict[str, str] = {}
    for name, node in _written_arguments(call, kind):
        value = _value_of(node, source, names)
        if value is not NOT_PLAIN:
            found[f"{kind.__name__}.{name}"] = _shown(name, written(value))
    return found


def _value_of(node: ast.expr, source: Source, names: Mapping[str, Any]) -> Any:
    if isinstance(node, ast.Name):
        # The variable of a loop had many values.
        return NOT_PLAIN if node.id in source.looped else plain(names.get(node.id, NOT_PLAIN))
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return NOT_PLAIN


def _best(path: str, model: Any) -> dict[str, str]:
    """Read what a search over parameters has found, as scikit-learn's and its like say it."""
    best = getattr(model, "__dict__", {}).get("best_params_")
    if not isinstance(best, Mapping):
        return {}
    return {f"{path}.best_params_.{key}": _shown(str(key), written(value)) for key, value in best.items()}


def _shown(key: str, value: str) -> str:
    return MASK if is_secret(key.rpartition("__")[2]) else redact(value)
