"""How far the shares of categories of two tables lie apart when all rows are dealt out at random."""

import math
from typing import TYPE_CHECKING, Any

from dsml_magics.profile.significance import log_hypergeometric, proportions_p

if TYPE_CHECKING:
    import numpy as np

_NORMAL = 6.0
"""From this standard deviation on, a count is taken as normal."""
_REACH = 10
"""Counts are looked at within so many standard deviations."""
_PAIRED = 64
"""So many of the most frequent categories are looked at two by two: of rarer ones, one hardly moves another."""
_RARE = 10
"""With fewer rows of other categories expected in the smaller table, no gamma distribution fits."""
_HALF_NORMAL = math.pi / 2 - 1


def total_variation_p(
    first: "np.ndarray[Any, Any]", second: "np.ndarray[Any, Any]", *, distance: float | None = None
) -> float:
    """Tell how probable a total variation distance is when the rows of both tables are dealt out at random.

    The distance is half the sum of the deviations of hypergeometric counts. Its mean and variance are those of the
    single deviations, with what ties them together: all counts sum to the rows of the table. A gamma distribution
    with the same skewness (Pearson's type III) gives the tail. Of two categories, and where nearly all rows have the
    same one, Fisher's exact test of the most frequent one against all others does.

    Parameters
    ----------
    first, second
        Rows of each table that have each category; all its rows with a value have one.
    distance
        What is certain of it, where not all counts are known.
    """
    import numpy as np

    counts, rows = first + second, (int(first.sum()), int(second.sum()))
    if distance is None:
        distance = float(np.abs(first / rows[0] - second / rows[1]).sum()) / 2
    used = counts > 0
    if distance <= 0 or used.sum() < 2:
        return 1.0
    most = int(np.argmax(counts))
    if used.sum() == 2 or (sum(rows) - counts[most]) * min(rows) / sum(rows) < _RARE:
        return proportions_p(int(first[most]), int(second[most]), rows=rows)
    mean, variance, third = _moments(counts[used].astype(np.float64), rows)
    scale = 0.5 * (1 / rows[0] + 1 / rows[1])
    if variance <= 1e-9 * max(mean, 1.0) ** 2:
        return 1.0 if distance <= scale * mean * (1 + 1e-9) else 0.0
    z = (distance / scale - mean) / math.sqrt(variance)
    # At least as skewed as the length of a normal vector with this mean and variance: one of two categories is that.
    skewness = max(third / variance**1.5, _chi_skewness(mean, variance))
    return gamma_p(z, skewness)


def gamma_p(z: float, skewness: float) -> float:
    """Give the upper tail of a gamma distribution of this skewness, standardised (Wilson and Hilferty 1931)."""
    if skewness < 1e-3:
        return math.erfc(z / math.sqrt(2)) / 2
    shape = 4 / skewness**2
    ratio = max(0.0, 1 + z / math.sqrt(shape))
    return math.erfc((ratio ** (1 / 3) - 1 + 1 / (9 * shape)) * 3 * math.sqrt(shape / 2)) / 2


def _chi_skewness(mean: float, variance: float) -> float:
    """Give the skewness of the length of a normal vector: that of half a normal value for one dimension."""
    ratio = variance / mean**2
    # Lengths of n dimensions have about this ratio of variance to squared mean; it is exact for one.
    return 0.9953 * math.sqrt(ratio / _HALF_NORMAL)


def _moments(counts: "np.ndarray[Any, Any]", rows: tuple[int, int]) -> tuple[float, float, float]:
    """Give mean, variance and third cumulant of the sum of the absolute deviations of the counts in the first table."""
    import numpy as np

    sizes, times = np.unique(counts, return_counts=True)
    found = _deviations(sizes, rows)
    # The most frequent category moves as the sum of all others does, the other way; so do skewed deviations of these.
    others = times - (sizes == sizes[-1])
    drawn = sizes * (rows[0] * rows[1] / sum(rows) ** 2)
    slope = float(others @ found[2]) / float(others @ drawn)
    variances, cubes = _residuals(found, drawn, slope)
    most = _residuals(found[:, -1:], found[1, -1:], slope)
    alone = float(others @ variances) + float(most[0][0])
    largest = np.sort(counts)[-_PAIRED:]
    spread = np.sqrt(np.maximum(variances[np.searchsorted(sizes, largest)], 0.0))
    spread[-1] = math.sqrt(max(float(most[0][0]), 0.0))
    variance = alone + _covariances(largest / sum(rows), spread)
    # Deviations that go together add to the cube as they add to the square.
    third = float(others @ cubes) + float(most[1][0])
    third *= (variance / alone) ** 2 if alone > 0 else 0.0
    return float(times @ found[0]), variance, third


def _deviations(sizes: "np.ndarray[Any, Any]", rows: tuple[int, int]) -> "np.ndarray[Any, Any]":
    """Give the expectations of ``|x|, x^2, x |x|, |x|^3, x^3`` of hypergeometric counts less their means, of shape (5, n)."""
    import numpy as np

    both, share = sum(rows), rows[0] / sum(rows)
    std = np.sqrt(sizes * share * (1 - share) * (both - sizes) / max(both - 1, 1))
    none, root = np.zeros(len(sizes)), math.sqrt(2 / math.pi)
    found = np.array([std * root, std**2, none, 2 * root * std**3, none])
    small = np.flatnonzero(std < _NORMAL)
    if len(small):
        size, middle = sizes[small, None], sizes[small, None] * share
        reach = math.ceil(_REACH * std[small].max() + 8)
        count = np.floor(middle) + np.arange(-reach, reach + 1)
        possible = (count >= np.maximum(0, size - rows[1])) & (count <= np.minimum(size, rows[0]))
        kept = np.where(possible, count, np.minimum(np.floor(middle), rows[0]))
        mass = np.where(possible, np.exp(log_hypergeometric(kept, size, rows)), 0.0)
        x = count - middle
        size_of_x, square = np.abs(x), x * x
        parts = (size_of_x, square, x * size_of_x, square * size_of_x, square * x)
        found[:, small] = [(mass * part).sum(axis=1) for part in parts]
    return found


def _residuals(
    found: "np.ndarray[Any, Any]", drawn: "np.ndarray[Any, Any]", slope: float
) -> "tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]":
    """Give variances and third cumulants of absolute deviations, less what follows from the sum of all counts."""
    mean, square, product, cube, signed = found
    variance = square - mean**2 + slope * (slope * drawn - 2 * product)
    third = cube - 3 * mean * square + 2 * mean**3
    third -= slope * (
        3 * (signed - 2 * mean * product) - 3 * slope * (cube - mean * square) + slope**2 * signed
    )
    return variance, third


def _covariances(shares: "np.ndarray[Any, Any]", spread: "np.ndarray[Any, Any]") -> float:
    """Sum the covariances of absolute deviations, two by two, as if they were normal (Nabeya 1951)."""
    import numpy as np

    odds = np.sqrt(shares / np.maximum(1 - shares, 1e-12))
    rho = np.minimum(np.outer(odds, odds), 1.0)
    joint = (np.sqrt(1 - rho**2) + rho * np.arcsin(rho) - 1) / _HALF_NORMAL
    np.fill_diagonal(joint, 0.0)
    return float(spread @ joint @ spread)
