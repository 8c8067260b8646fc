"""Measures of how strongly two vectors go together; None where two rows or two values are not there."""

from typing import TYPE_CHECKING, Any

from dsml_magics.profile.vectors import Groups, Numbers

if TYPE_CHECKING:
    import numpy as np

_CANCELLED = 1e-6
"""What is left of a difference when so little of the larger number remains may be rounding."""


def pearson(one: Numbers, two: Numbers) -> float | None:
    """Correlate two columns of numbers over the rows that have both (Pearson 1895)."""
    if one.present is not None or two.present is not None:
        return _of_shared_rows(one, two)
    return _correlation(float(one.mass @ two.values), one.spread, two.spread)


def _correlation(product: float, first: float, second: float) -> float | None:
    norm = first**0.5 * second**0.5
    return max(-1.0, min(1.0, product / norm)) if norm else None


def _of_shared_rows(one: Numbers, two: Numbers) -> float | None:
    """Correlate over the rows that have both, by sums over these rows of what is centred over all."""
    rows = _total(one, two)
    if not rows:
        return None
    first, second = _sum(one.mass, two), _sum(two.mass, one)
    spreads = [
        _sum(each.mass * each.values, other) - total**2 / rows
        for each, other, total in ((one, two, first), (two, one, second))
    ]
    if spreads[0] < _CANCELLED * one.spread or spreads[1] < _CANCELLED * two.spread:
        # What is far off in the other rows hides their spread: centre them anew.
        one, two = _shared(one, two)
        return _correlation(float(one.mass @ two.values), one.spread, two.spread)
    return _correlation(float(one.mass @ two.values) - first * second / rows, *spreads)


def _sum(values: "np.ndarray[Any, Any]", among: Numbers) -> float:
    return float(values.sum() if among.present is None else values @ among.present)


def _total(one: Numbers, two: Numbers) -> float:
    """Count the rows that have both; one of them has gaps, and so weights."""
    if one.weights is None:
        one, two = two, one
    return float(len(one.values)) if one.weights is None else _sum(one.weights, two)


def _shared(one: Numbers, two: Numbers) -> tuple[Numbers, Numbers]:
    """Keep the rows that have both, where one of them has gaps that the other has not."""
    import numpy as np

    here = [np.ones(len(each.values), bool) if each.present is None else each.present for each in (one, two)]
    both = here[0] & here[1]
    kept = [
        each if (both == rows).all() else each.among(both)
        for each, rows in zip((one, two), here, strict=True)
    ]
    return kept[0], kept[1]


def correlation_ratio(groups: Groups, numbers: Numbers, *, share: float = 1.0) -> float | None:
    """Tell how much of the spread of numbers lies between groups (Fisher 1925).

    The square root of eta squared, less what as many groups explain by chance (Kelley 1935).

    Parameters
    ----------
    share
        How many rows drawn one by one tell as much as one row.
    """
    import numpy as np

    missing = len(groups.labels)
    counts = groups.counts
    if numbers.present is not None:
        counts = np.bincount(groups.codes, numbers.weights, missing + 1)
    counts, sums = counts[:-1], np.bincount(groups.codes, numbers.mass, missing + 1)[:-1]
    square = numbers.spread
    if groups.has_gaps:
        gone = groups.codes == missing
        square -= float(numbers.mass[gone] @ numbers.values[gone])
    rows, total = float(counts.sum()), float(sums.sum())
    within = square - total**2 / max(rows, 1.0)
    if groups.has_gaps and within < _CANCELLED * numbers.spread:
        return _of_rows_in_groups(groups, numbers, share=share)
    return _corrected_ratio(counts[counts > 0], sums[counts > 0], spread=within, share=share)


def _of_rows_in_groups(groups: Groups, numbers: Numbers, *, share: float) -> float | None:
    """Centre the numbers anew, among the rows that belong to groups: what is far from these hides their spread."""
    import numpy as np

    missing = len(groups.labels)
    near = numbers.among(groups.codes < missing)
    counts = np.bincount(groups.codes, near.weights, missing + 1)[:-1]
    sums = np.bincount(groups.codes, near.mass, missing + 1)[:-1]
    return _corrected_ratio(counts[counts > 0], sums[counts > 0], spread=near.spread, share=share)


def _corrected_ratio(
    counts: "np.ndarray[Any, Any]",
    sums: "np.ndarray[Any, Any]",
    *,
    spread: float,
    share: float,
) -> float | None:
    rows = float(counts.sum())
    drawn, spare = rows * share - 1, rows * share - len(counts)
    if len(counts) < 2 or not spread > 0:
        return None
    if spare <= 0:
        return 0.0
    between = float(sums @ (sums / counts)) - float(sums.sum()) ** 2 / rows
    explained = 1 - (1 - between / spread) * drawn / spare
    return float(min(1.0, max(0.0, explained)) ** 0.5)


def cramers_v(
    one: Groups,
    two: Groups,
    *,
    weights: "np.ndarray[Any, Any] | None",
    share: float = 1.0,
) -> float | None:
    """Tell how strongly two groupings go together (Cramér 1946), with Bergsma's correction of the bias (2013).

    Parameters
    ----------
    weights
        How many rows each row stands for; None where all stand for one.
    share
        How many rows drawn one by one tell as much as one row.
    """
    import numpy as np

    width = len(two.labels) + 1
    cells = np.bincount(one.codes * width + two.codes, weights, (len(one.labels) + 1) * width)
    table = cells.reshape(-1, width)[:-1, :-1].astype(np.float64)
    of_one, of_two = table.sum(axis=1), table.sum(axis=0)
    rows, columns = int(np.count_nonzero(of_one)), int(np.count_nonzero(of_two))
    drawn = float(of_one.sum()) * share - 1
    if min(rows, columns) < 2 or drawn <= 0:
        return None
    # Empty rows and columns are divided by 1: they are all 0.
    parts = table * table / np.maximum(of_one, 1.0)[:, None] / np.maximum(of_two, 1.0)
    corrected = max(0.0, float(parts.sum()) - 1 - (rows - 1) * (columns - 1) / drawn)
    # A group of the whole table that is not in the sample counts too.
    sizes = [many + each.unseen for many, each in ((rows, one), (columns, two))]
    smaller = min(reach(size, drawn) for size in sizes)
    return float(min(1.0, corrected / smaller) ** 0.5) if smaller > 0 else 0.0


def reach(groups: int, rows: float) -> float:
    """Give the greatest mean square contingency, less its bias: that of as many groups on both sides, in so many rows."""
    return groups - 1 - (groups - 1) ** 2 / rows
