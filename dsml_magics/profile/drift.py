"""How far the columns of a second table have moved from the first, and whether by more than chance."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from dsml_magics.profile.column import GROUPED, Column
from dsml_magics.profile.figures import CategoryChange, Comparison, CorrelationChange, Drift
from dsml_magics.profile.shares import Exclusive, apart, exclusive, shares_p
from dsml_magics.profile.significance import holm, proportions_p
from dsml_magics.profile.two_samples import TwoSamples

if TYPE_CHECKING:
    from dsml_magics.profile.correlation import Changed

_DAY = 86_400 * 10**9
_NANOSECONDS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1, "day": _DAY}
FALSE_ALARMS = 0.01
"""Of comparisons of tables that do not differ, the share that may raise an alarm, where nobody says another."""
_PAIRS = 20
"""So many pairs with another correlation are listed."""


@dataclass(frozen=True, slots=True)
class _Tested:
    """A column's drift with the probabilities as they are before correction, and what only one table has."""

    drift: Drift
    lost: Sequence[Exclusive] | None = None
    new: Sequence[Exclusive] | None = None

    @property
    def p_values(self) -> tuple[float | None, ...]:
        """The probability of each test, the last two of the most striking category of one table only."""
        found = (
            None if listed is None else min((each.p_value for each in listed), default=1.0)
            for listed in (self.lost, self.new)
        )
        return (self.drift.p_value, self.drift.missing_p_value, *found)

    def corrected(self, p_values: Sequence[float | None], level: float) -> Drift:
        """Put in the corrected probabilities, and the categories that are significant by them."""
        lost, new = (
            _frequent(listed, before, after, level)
            for listed, before, after in zip(
                (self.lost, self.new), self.p_values[2:], p_values[2:], strict=True
            )
        )
        return replace(
            self.drift,
            p_value=p_values[0],
            missing_p_value=p_values[1],
            lost_categories=lost,
            new_categories=new,
        )


def _frequent(
    listed: Sequence[Exclusive] | None, before: float | None, after: float | None, level: float
) -> tuple[CategoryChange, ...]:
    """Keep the categories that stay significant when corrected as the most striking one is."""
    if listed is None or before is None or after is None:
        return ()
    return tuple(
        CategoryChange(each.value, each.rows) for each in listed if each.p_value * after <= level * before
    )


def comparison(  # noqa: PLR0913  figures
    here: Mapping[str, Column],
    there: Mapping[str, Column],
    *,
    rows: int,
    overlap: tuple[int, float] | None,
    origin: str,
    false_alarms: float = FALSE_ALARMS,
    correlations: "tuple[Sequence[Changed], int, int]" = ((), 0, 0),
    names: tuple[str, str] = ("", ""),
) -> Comparison:
    """Compare a second table with the first.

    Ordered columns: the two-sample Kolmogorov-Smirnov distance. Categories: the total variation distance,
    which is the share of rows that would have to change. Missing is a value of its own in both. Columns whose
    values cannot be compared have the difference of their shares of missing values.

    Each column is tested for its values present, its share of missing values, and categories that one table alone has;
    each pair of numbers for its correlation. Holm's correction divides `false_alarms` among all of these, half of it
    among the pairs.

    Parameters
    ----------
    rows, origin
        Of the second table.
    overlap
        Distinct rows in both tables and how far they may be off; None where the columns differ.
    correlations
        Pairs with their probabilities, how many pairs were tested, and how many columns were not paired.
    """
    shared = [name for name in here if name in there]
    tested = [found for name in shared if (found := _tested(here[name], there[name]))]
    pairs, pairs_tested, unpaired = correlations
    parts = 2 if pairs_tested else 1
    drifts = _corrected(tested, parts=parts, level=false_alarms)
    return Comparison(
        rows=rows,
        drifts=tuple(
            sorted(
                drifts,
                key=lambda drift: (not drift.is_significant(false_alarms), -drift.distance, drift.column),
            )
        ),
        only_here=tuple(name for name in here if name not in there),
        only_there=tuple(name for name in there if name not in here),
        kinds_changed=_changes(shared, {name: (here[name].kind, there[name].kind) for name in shared}),
        types_changed=_changes(shared, {name: (here[name].type, there[name].type) for name in shared}),
        overlap=None if overlap is None else overlap[0],
        overlap_bound=0.0 if overlap is None else overlap[1],
        columns=MappingProxyType(dict(there)),
        origin=origin,
        false_alarms=false_alarms,
        tests=sum(p is not None for each in tested for p in each.p_values) + pairs_tested,
        names=names,
        correlations=_significant(pairs, number=pairs_tested, parts=parts, level=false_alarms),
        unpaired=unpaired,
    )


def _corrected(tested: Sequence[_Tested], *, parts: int, level: float) -> list[Drift]:
    raw = [p for each in tested for p in each.p_values if p is not None]
    adjusted = iter([min(1.0, parts * p) for p in holm(raw)])
    return [
        each.corrected([None if p is None else next(adjusted) for p in each.p_values], level)
        for each in tested
    ]


def _significant(
    pairs: "Sequence[Changed]", *, number: int, parts: int, level: float
) -> tuple[CorrelationChange, ...]:
    """Keep the pairs that are significant; those not listed have larger probabilities."""
    adjusted = holm([*(pair.p_value for pair in pairs), *[1.0] * (number - len(pairs))])
    found = [
        CorrelationChange(pair.column, pair.other, pair.correlation, parts * p)
        for pair, p in zip(pairs, adjusted, strict=False)
        if parts * p <= level
    ]
    return tuple(sorted(found, key=lambda each: -abs(each.correlation[1] - each.correlation[0]))[:_PAIRS])


def _changes(shared: Iterable[str], found: Mapping[str, tuple[str, str]]) -> tuple[tuple[str, str, str], ...]:
    return tuple((name, *found[name]) for name in shared if found[name][0] != found[name][1])


def _tested(here: Column, there: Column) -> _Tested | None:
    found = _of_present(here, there)
    if not here.missing and not there.missing:
        return found
    p_value = proportions_p(here.missing, there.missing, rows=(here.rows, there.rows))
    if found is None:
        gaps = abs(_gap(here) - _gap(there))
        moved = Drift(
            here.name, "missing share", gaps, (here.missing, there.missing), (here.mean, there.mean)
        )
        return _Tested(replace(moved, missing_p_value=p_value))
    return replace(found, drift=replace(found.drift, missing_p_value=p_value))


def _of_present(here: Column, there: Column) -> _Tested | None:
    kinds = {here.kind, there.kind}
    if kinds.isdisjoint(GROUPED) and (found := _of_values(here, there)):
        return _Tested(found)
    return _of_shares(here, there) if kinds.intersection((*GROUPED, "constant")) else None


def _of_values(here: Column, there: Column) -> Drift | None:
    units = _unit(here.type), _unit(there.type)
    if units[0] is None or units[1] is None or units[0][0] != units[1][0]:
        return None
    if here.points is None or there.points is None:
        return None
    values = here.points.values, there.points.values
    if units[0] != units[1]:
        # A float holds the nanoseconds of every moment that a coarser unit counts.
        values = values[0] * float(units[0][1]), values[1] * float(units[1][1])
    samples = TwoSamples(values, (here.points.weights, there.points.weights), (here.present, there.present))
    bound = sum(points.error / points.total for points in (here.points, there.points))
    return Drift(
        here.name,
        "Kolmogorov-Smirnov",
        samples.distance_with_missing((_gap(here), _gap(there))),
        (here.missing, there.missing),
        (here.mean, there.mean),
        _cohens_d(here, there),
        bound,
        present_distance=samples.distance,
        p_value=samples.p_value(error=bound),
    )


def _of_shares(here: Column, there: Column) -> _Tested | None:
    if here.counts is None or there.counts is None or _is_time(here) or _is_time(there):
        return None
    counts, rows, missing = (
        (here.counts, there.counts),
        (here.present, there.present),
        (here.missing, there.missing),
    )
    present = apart(*counts, rows=rows)
    whole = apart(*counts, rows=rows, missing=missing) if any(missing) else present
    drift = Drift(
        here.name,
        "total variation",
        whole.distance,
        missing,
        (here.mean, there.mean),
        present.effect,
        whole.bound,
        present_distance=present.distance,
        p_value=shares_p(*counts, rows=rows, certain=present.certain),
    )
    return _Tested(drift, *exclusive(*counts, rows=rows))


def _gap(column: Column) -> float:
    return column.missing / column.rows if column.rows else 0.0


def _unit(kind: str) -> tuple[str, int] | None:
    """Tell what values of an Arrow type count, and how many of the least unit one of theirs has; None for no order."""
    kind = kind.removeprefix("dictionary<values=")
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


def _cohens_d(here: Column, there: Column) -> float | None:
    """Give the difference of the means in pooled standard deviations (Cohen 1988), above 0 where it grew."""
    if here.std is None or there.std is None:
        return None
    counts = here.present, there.present
    spare = sum(counts) - 2
    pooled = math.hypot(
        *(std * ((n - 1) / spare) ** 0.5 for std, n in zip((here.std, there.std), counts, strict=True))
    )
    effect = (float(there.mean) - float(here.mean)) / pooled if pooled else math.nan
    return effect if math.isfinite(effect) else None
