"""Pairs of columns that go together otherwise in a second table."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from dsml_magics.profile.figures import CorrelationChange
from dsml_magics.profile.precision import error_of_pearson
from dsml_magics.profile.significance import normal_p
from dsml_magics.profile.strength import pearson
from dsml_magics.profile.vectors import Numbers, numbers_in

if TYPE_CHECKING:
    import numpy as np

    from dsml_magics.profile.coded import Coded

WIDEST = 200
"""So many columns are paired."""
_ROWS = 5_000
"""So many rows of each table are tested: enough to see a change of 0.1."""
_LEAST_ROWS = 50
_EVEN = 0.9
"""A column of which nearly all rows have one value has no correlation that could be compared."""
_HIGHEST = 0.9999
"""Stronger correlations than this are not told apart."""
_ROUNDED = 1e-13
"""A variance of ranks as small as this is what rounding leaves of none."""
_LIKELY = 2.0
"""Differences below so many standard errors are not looked at twice."""


@dataclass(frozen=True, slots=True)
class Changed:
    """The correlation of two columns' common ranks in each table, and how probable the difference is by chance."""

    column: str
    other: str
    correlation: tuple[float, float]
    p_value: float


class Compared(NamedTuple):
    """Pairs of columns compared in two tables.

    Attributes
    ----------
    changed
        Those that are not far from significant.
    tested
        How many there are in all.
    unpaired
        How many columns were left out, as there are more than `WIDEST`.
    """

    changed: Sequence[Changed] = ()
    tested: int = 0
    unpaired: int = 0


@dataclass(frozen=True, slots=True)
class _Ranks:
    """Ranks of the columns of one table, of shape ``(columns, rows)``; where there is none, 0 with a mask of 0."""

    ranks: "np.ndarray[Any, Any]"
    mask: "np.ndarray[Any, Any]"
    weights: "np.ndarray[Any, Any]"
    is_complete: bool


def changed_correlations(here: "Coded", there: "Coded") -> Compared:
    """Compare the rank correlations of numbers and truth values in two tables.

    Values are ranked among those of both tables, so that a correlation changes only with what goes together. The
    difference of Fisher's z is set against its standard error, by the influence of each row or that of independent
    normal values (Fisher 1921), whichever is larger. Pairs that are far from significant are counted, not listed.
    """
    import numpy as np

    names, unpaired, ranked = _ranked(here, there)
    if len(names) < 2:
        return Compared()
    (first, rows_first), (second, rows_second) = (_correlations(each) for each in ranked)
    with np.errstate(all="ignore"):
        usable = (
            np.isfinite(first) & np.isfinite(second) & (np.minimum(rows_first, rows_second) >= _LEAST_ROWS)
        )
        apart = np.abs(np.arctanh(first) - np.arctanh(second))
        likely = apart > _LIKELY * np.sqrt(1 / rows_first + 1 / rows_second)
    above = np.triu(usable, 1)
    found = [
        Changed(names[one], names[two], (first[one, two], second[one, two]), _p_value(*ranked, one, two))
        for one, two in np.argwhere(above & likely).tolist()
    ]
    return Compared(found, int(above.sum()), unpaired)


def with_strengths(
    changes: Sequence[CorrelationChange], here: "Coded", there: "Coded"
) -> tuple[CorrelationChange, ...]:
    """Put Spearman's correlation in each table (1904), over all rows there are, into changes; the largest first."""
    pairs = [(change.column, change.other) for change in changes]
    found = [
        replace(change, correlation=(one, two), bound=max(first, second))
        for change, (one, first), (two, second) in zip(
            changes, _spearman(here, pairs), _spearman(there, pairs), strict=True
        )
    ]
    return tuple(sorted(found, key=lambda each: -abs(each.correlation[1] - each.correlation[0])))


def _spearman(table: "Coded", pairs: Sequence[tuple[str, str]]) -> Iterator[tuple[float, float]]:
    """Correlate ranks over the rows that have both; tell how far each may be off in the whole table."""
    import numpy as np

    names = {name for pair in pairs for name in pair}
    values = {name: numbers_in(table.array(name)) for name in names}
    known = {name: each for name, each in values.items() if each is not None}
    gaps = {name: np.isnan(each) for name, each in known.items()}
    alone = {
        name: _weighted_ranks(each, table.weights) for name, each in known.items() if not gaps[name].any()
    }
    for pair in pairs:
        if set(pair) <= set(alone):
            one, two = (Numbers.of(alone[name], table.weights) for name in pair)
        else:
            both = ~(gaps[pair[0]] | gaps[pair[1]])
            weights = None if table.weights is None else table.weights[both]
            one, two = (Numbers.of(_weighted_ranks(known[name][both], weights), weights) for name in pair)
        strength = pearson(one, two) or 0.0
        yield strength, error_of_pearson(one, two, strength, table.drawn) if table.drawn.left else 0.0


def _weighted_ranks(
    values: "np.ndarray[Any, Any]", weights: "np.ndarray[Any, Any] | None"
) -> "np.ndarray[Any, Any]":
    """Give middle ranks of values that each stand for `weights` rows."""
    import numpy as np

    _, places = np.unique(values, return_inverse=True)
    counts = np.bincount(places, weights)
    return np.asarray((np.cumsum(counts) - counts / 2)[places])


def _ranked(here: "Coded", there: "Coded") -> tuple[list[str], int, tuple[_Ranks, _Ranks]]:
    """Rank the columns that both tables have as numbers; tell how many of them were left out."""
    import numpy as np

    rows = [_chosen(each) for each in (here, there)]
    names: list[str] = []
    ranks, unpaired = [], 0
    for name in here.columns:
        if len(names) == WIDEST:
            unpaired += all(_is_ranked(each, name) for each in (here, there))
            continue
        first, second = _numbers(here, name, rows[0]), _numbers(there, name, rows[1])
        if first is None or second is None:
            continue
        if (found := _ranks_of(np.concatenate([first, second]))) is not None:
            names.append(name)
            ranks.append(found)
    stacked = np.array(ranks).reshape(len(names), sum(map(len, rows)))
    mask = ~np.isnan(stacked)
    stacked[~mask] = 0.0
    sides = (
        np.split(stacked, [len(rows[0])], axis=1),
        np.split(mask.astype(np.float64), [len(rows[0])], axis=1),
    )
    weights = [
        np.ones(len(place)) if each.weights is None else each.weights[place]
        for each, place in zip((here, there), rows, strict=True)
    ]
    complete = [each.bound == 0 for each in (here, there)]
    one, two = (_Ranks(sides[0][k], sides[1][k], weights[k], complete[k]) for k in (0, 1))
    return names, unpaired, (one, two)


def _chosen(coded: "Coded") -> "np.ndarray[Any, Any]":
    """Choose rows at equal distances."""
    import numpy as np

    rows = coded.table.num_rows
    return np.arange(rows) if rows <= _ROWS else np.linspace(0, rows - 1, _ROWS).astype(np.intp)


def _numbers(coded: "Coded", name: str, rows: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any] | None":
    import pyarrow as pa

    if not _is_ranked(coded, name):
        return None
    array = coded.array(name)
    return numbers_in(array if len(rows) == len(array) else array.take(pa.array(rows)))


def _is_ranked(coded: "Coded", name: str) -> bool:
    column = coded.columns.get(name)
    return column is not None and column.kind in ("numeric", "boolean")


def _ranks_of(values: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any] | None":
    """Give middle ranks from -0.5 to 0.5, NaN where there is no value; None where nearly all are equal."""
    import numpy as np

    present = ~np.isnan(values)
    _, places, counts = np.unique(values[present], return_inverse=True, return_counts=True)
    total = int(present.sum())
    if not total or counts.max() > _EVEN * total:
        return None
    ranks = np.full(len(values), np.nan)
    ranks[present] = ((np.cumsum(counts) - counts / 2) / total - 0.5)[places]
    return ranks


def _correlations(table: _Ranks) -> "tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]":
    """Correlate each two columns over the rows that have both; give these rows too, each of shape ``(p, p)``."""
    import numpy as np

    u, mask, weights = table.ranks, table.mask, table.weights
    rows, sums, squares = (np.asarray((each * weights) @ mask.T) for each in (mask, u, u * u))
    products = (u * weights) @ u.T
    with np.errstate(all="ignore"):
        variances = squares / rows - (sums / rows) ** 2
        # A column may have but one value in the rows that have both.
        variances[variances < _ROUNDED] = np.nan
        found = (products / rows - sums * sums.T / rows**2) / np.sqrt(variances * variances.T)
        effective = rows if table.is_complete else rows**2 / ((mask * weights**2) @ mask.T)
    return np.clip(found, -_HIGHEST, _HIGHEST), effective


def _p_value(here: _Ranks, there: _Ranks, one: int, two: int) -> float:
    found = [_fisher_z(table, one, two) for table in (here, there)]
    z = found[0][0] - found[1][0]
    return normal_p(z / math.sqrt(found[0][1] + found[1][1]))


def _fisher_z(table: _Ranks, one: int, two: int) -> tuple[float, float]:
    """Give Fisher's z of a pair that has enough rows, and its variance."""
    both = (table.mask[one] * table.mask[two]).astype(bool)
    u, v, weights = table.ranks[one][both], table.ranks[two][both], table.weights[both]
    total = float(weights.sum())
    mass = weights / total
    u, v = ((each - mass @ each) for each in (u, v))
    u, v = (each / math.sqrt(mass @ (each * each)) for each in (u, v))
    r = max(-_HIGHEST, min(_HIGHEST, float(mass @ (u * v))))
    influence = (u * v - r * (u * u + v * v) / 2) / (1 - r * r)
    # Of a sample of distinct rows, the copies of a row come or stay away together.
    counted = mass / total if table.is_complete else mass * mass
    rows = total if table.is_complete else 1 / float(mass @ mass)
    return math.atanh(r), max(float(counted @ (influence * influence)), 1 / (rows - 3))
