"""What a block did: the namespace before and after it, compared by means of its source."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

from dsml_magics.redaction import MASK, is_secret, redact
from dsml_magics.track.estimator import State, fitted_state, is_estimator, is_sound
from dsml_magics.track.modelling import described_models, fitted_models
from dsml_magics.track.notice import attempt
from dsml_magics.track.plain import parameter_values
from dsml_magics.track.roles import Roles
from dsml_magics.track.search import Best, best_of
from dsml_magics.track.series import values_of
from dsml_magics.track.source import Source
from dsml_magics.track.writing import written

Mark = tuple[int, object]
"""The identity of a value, and its size where that is quickly told."""


@dataclass(frozen=True)
class Before:
    """What must be noted before a block runs, because the block may change it."""

    marks: Mapping[str, Mark] = field(default_factory=dict)
    estimators: Mapping[str, tuple[object, State]] = field(default_factory=dict)

    @classmethod
    def of(cls, names: Mapping[str, Any]) -> "Before":
        """Note the names there are, and the fitted state of the estimators."""
        public = _public(names)
        estimators = {
            name: (value, fitted_state(value)) for name, value in public.items() if is_estimator(value)
        }
        return cls({name: _mark(value) for name, value in public.items()}, estimators)


@dataclass(frozen=True)
class Found:
    """What a block left behind.

    Attributes
    ----------
    series
        Metrics with a value for each step.
    changed
        Names that are new, or whose value is another one or has another size.
    models
        The estimators it fitted, by name.
    imports
        Lines that import the modules, classes and functions the code reads.
    not_recorded
        What could not be recorded, a sentence each.
    defaults
        Parameters of the estimators that the code leaves at their defaults.
    chosen
        Names whose role the user chose.
    """

    parameters: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    series: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    changed: tuple[str, ...] = ()
    models: Mapping[str, Any] = field(default_factory=dict)
    imports: tuple[str, ...] = ()
    not_recorded: tuple[str, ...] = ()
    defaults: Mapping[str, str] = field(default_factory=dict)
    chosen: tuple[str, ...] = ()


def found(
    source: Source,
    before: Before,
    names: Mapping[str, Any],
    *,
    params: Sequence[str] | None,
    metrics: Sequence[str] | None,
) -> Found:
    """Compare the namespace after a block with what it was before.

    Parameters
    ----------
    params, metrics
        What the user chose, instead of what the roles of the names say; dots lead to attributes.
    """
    names = {name: value for name, value in list(names.items()) if is_sound(value)}
    public = _public(names)
    bound = {name: public[name] for name in source.bound if name in public}
    roles = Roles(source, names)
    models = fitted_models(before.estimators, public, source.bound)
    said = (
        [] if source.is_read else ["parameters and metrics: the code cannot be parsed, or is nested too deep"]
    )
    own = parameter_values(source, roles, bound) if params is None else _chosen(names, params, said)
    candidates = (
        {name: value for name, value in bound.items() if roles.of(name) == "metric"}
        if metrics is None
        else _chosen(names, metrics, said)
    )
    values, series = values_of(candidates, chosen=metrics is not None, said=said)
    described = described_models(source, names, models, said)
    parameters = {**described.parameters, **_parameters(own)}
    if metrics is None:
        best = list(_bests(models, said))
        values = {**values, **{key: value for each in best for key, value in each.metrics.items()}}
        series = {**series, **{key: steps for each in best for key, steps in each.series.items()}}
    changed = tuple(
        name
        for name, value in public.items()
        if before.marks.get(name) != _mark(value) and not _is_ours(value)
    )
    return Found(
        parameters,
        values,
        series,
        changed,
        models,
        tuple(_imports(source, names)),
        tuple(said),
        described.defaults,
        (*(params or ()), *(metrics or ())),
    )


def _bests(models: Mapping[str, Any], said: list[str]) -> Iterator[Best]:
    for name, model in models.items():
        if best := attempt(partial(best_of, name, model), f"the scores of {name}", said):
            yield best


def _public(names: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value for name, value in list(names.items()) if not name.startswith("_") and is_sound(value)
    }


def _mark(value: object) -> Mark:
    """Note a value; its type is asked for its size, not the value: an object of the user may do anything."""
    kind = type(value)
    if kind in (list, dict, set, bytearray):
        return id(value), len(value)  # type: ignore[arg-type]
    if kind.__module__.partition(".")[0] in ("numpy", "pandas") and kind.__name__ in (
        "ndarray",
        "DataFrame",
        "Series",
    ):
        return id(value), value.shape  # type: ignore[attr-defined]
    return id(value), None


def _parameters(values: Mapping[str, Any]) -> dict[str, str]:
    return {name: MASK if is_secret(name) else redact(written(value)) for name, value in values.items()}


def _chosen(names: Mapping[str, Any], words: Sequence[str], said: list[str]) -> dict[str, Any]:
    """Look up what the user chose, such as ``search.best_score_``."""
    values = {}
    for word in words:
        first, *rest = word.split(".")
        try:
            value = names[first]
            for attribute in rest:
                value = value[attribute] if isinstance(value, Mapping) else getattr(value, attribute)
        except Exception as error:  # noqa: BLE001  attributes of a foreign object may raise anything
            said.append(
                f"{word}: expected a name or attribute after the block, got {type(error).__name__}: {error}"
            )
        else:
            values[word] = value
    return values


def _imports(source: Source, names: Mapping[str, Any]) -> Iterator[str]:
    """Write how the modules, classes and functions that the code reads, and does not bind, are imported."""
    for name in source.read:
        value = names.get(name)
        if name in source.bound or value is None:
            continue
        if isinstance(value, ModuleType):
            yield (
                f"import {value.__name__}" if value.__name__ == name else f"import {value.__name__} as {name}"
            )
        elif isinstance(value, type | FunctionType | BuiltinFunctionType):
            module, own = getattr(value, "__module__", None), getattr(value, "__qualname__", "")
            if module not in (None, "__main__", "builtins") and own.isidentifier():
                yield f"from {module} import {own}" + ("" if own == name else f" as {name}")


def _is_ours(value: object) -> bool:
    """Tell the run itself, in ``with dsml.track(...) as run``."""
    return type(value).__module__.startswith("dsml_magics.track.")
