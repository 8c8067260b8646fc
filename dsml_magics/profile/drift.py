"""How far the columns of a second table have moved from the first."""

import math
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from dsml_magics.profile.column import GROUPED, Column
from dsml_magics.profile.figures import Comparison, Drift
from dsml_magics.profile.shares import apart

if TYPE_CHECKING:
    import numpy as np

_DAY = 86_400 * 10**9
_NANOSECONDS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1, "day": _DAY}


def comparison(
    here: Mapping[str, Column],
    there: Mapping[str, Column],
    *,
    rows: int,
    overlap: tuple[int, float] | None,
    origin: str,
) -> Comparison:
    """Hold a second table against the first.

    Ordered columns: the two-sample Kolmogorov-Smirnov distance. Categories: the total variation distance,
    which is the share of rows that would have to change. Columns without values in one of the tables, or
    with values that cannot be compared, have none.

    Parameters
    ----------
    rows, origin
        Of the second table.
    overlap
        Distinct rows in both tables and how far they may be off; None where the columns differ.
    """
    shared = [name for name in here if name in there]
    drifts = [drift for name in shared if (drift := _drift(here[name], there[name]))]
    return Comparison(
        rows=rows,
        drifts=tuple(sorted(drifts, key=lambda drift: (-drift.distance, drift.column))),
        only_here=tuple(name for name in here if name not in there),
        only_there=tuple(name for name in there if name not in here),
        kinds_changed=_changes(shared, {name: (here[name].kind, there[name].kind) for name in shared}),
        types_changed=_changes(shared, {name: (here[name].type, there[name].type) for name in shared}),
        overlap=None if overlap is None else overlap[0],
        overlap_bound=0.0 if overlap is None else overlap[1],
        columns=MappingProxyType(dict(there)),
        origin=origin,
    )


def _changes(shared: list[str], found: Mapping[str, tuple[str, str]]) -> tuple[tuple[str, str, str], ...]:
    return tuple((name, *found[name]) for name in shared if found[name][0] != found[name][1])


def _drift(here: Column, there: Column) -> Drift | None:
    if not here.present or not there.present:
        return None
    kinds = {here.kind, there.kind}
    if kinds.isdisjoint(GROUPED) and (found := _of_values(here, there)):
        return found
    return _of_shares(here, there) if kinds.intersection((*GROUPED, "constant")) else None


def _of_values(here: Column, there: Column) -> Drift | None:
    units = _unit(here.type), _unit(there.type)
    if units[0] is None or units[1] is None or units[0][0] != units[1][0]:
        return None
    if here.points is None or there.points is None:
        return None
    values = here.points.values, there.points.values
    if units[0] != units[1] or values[0].dtype != values[1].dtype:
        # A float holds the nanoseconds of every moment that a coarser unit counts.
        values = values[0] * float(units[0][1]), values[1] * float(units[1][1])
    return Drift(
        here.name,
        "Kolmogorov-Smirnov",
        _kolmogorov_smirnov(values, (here.points.weights, there.points.weights)),
        (here.missing, there.missing),
        (here.mean, there.mean),
        _cohens_d(here, there),
        min(1.0, sum(points.error / points.total for points in (here.points, there.points))),
    )


def _of_shares(here: Column, there: Column) -> Drift | None:
    if here.counts is None or there.counts is None or _is_time(here) or _is_time(there):
        return None
    found = apart(here.counts, there.counts, rows=(here.present, there.present))
    return Drift(
        here.name,
        "total variation",
        found.distance,
        (here.missing, there.missing),
        (here.mean, there.mean),
        found.effect,
        found.bound,
    )


def _unit(kind: str) -> tuple[str, int] | None:
    """Tell what values of an Arrow type count, and how many of the least unit one of theirs has; None for no order."""
    kind = kind.removeprefix("dictionary<values=").split(",")[0]
    if kind.startswith(("int", "uint", "float", "double", "halffloat", "decimal")):
        return "number", 1
    found = re.match(r"(timestamp|date|time|duration)\d*\[(\w+)", kind)
    if not found:
        return None
    if found[1] == "date":
        return "timestamp", _DAY
    return found[1], _NANOSECONDS[found[2]]


def _is_time(column: Column) -> bool:
    unit = _unit(column.type)
    return unit is not None and unit[0] != "number"


def _kolmogorov_smirnov(
    values: "tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]",
    weights: "tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]",
) -> float:
    """Find the greatest distance of two distributions, of sorted values that stand for so many rows each."""
    import numpy as np

    def greatest(one: int, two: int) -> float:
        """Look at the last row of each value of one of them."""
        last = np.append(values[one][1:] != values[one][:-1], True)
        own = np.cumsum(weights[one]) / totals[one]
        other = np.concatenate([[0.0], np.cumsum(weights[two])]) / totals[two]
        at = np.searchsorted(values[two], values[one][last], "right")
        return float(np.abs(own[last] - other[at]).max())

    totals = [each.sum() for each in weights]
    return min(1.0, max(greatest(0, 1), greatest(1, 0)))


def _cohens_d(here: Column, there: Column) -> float | None:
    """Give the difference of the means in pooled standard deviations (Cohen 1988), above 0 where it grew."""
    if here.std is None or there.std is None:
        return None
    counts = [column.present - column.infinite for column in (here, there)]
    spare = sum(counts) - 2
    pooled = math.hypot(
        *(std * ((n - 1) / spare) ** 0.5 for std, n in zip((here.std, there.std), counts, strict=True))
    )
    effect = (float(there.mean) - float(here.mean)) / pooled if pooled else math.nan
    return effect if math.isfinite(effect) else None
