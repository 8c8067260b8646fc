"""How many values of a column are far from the others, and how far that count may be off."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsml_magics.profile.sketch.column import ColumnSketch
from dsml_magics.profile.sketch.quantiles import Points

if TYPE_CHECKING:
    import numpy as np

_FENCE = 3.0
_Z_SCORE = 3.5 / 0.6745
"""Distances from the median, in MADs, that make a modified z-score of 3.5."""
_FEWEST = 8
"""Among fewer values none is far from the others."""

Counted = tuple[int, float]
"""A count, and how far it may be off as a share of the values present."""


@dataclass(frozen=True, slots=True)
class _Figure:
    """A figure read from the distribution, and the range that the true one lies in."""

    least: float
    guess: float
    most: float

    def plus(self, other: "_Figure", times: float) -> "_Figure":
        """Add some times another one, of which none of the three is negative."""
        low, high = (other.least, other.most) if times >= 0 else (other.most, other.least)
        return _Figure(self.least + times * low, self.guess + times * other.guess, self.most + times * high)

    @property
    def is_finite(self) -> bool:
        return all(map(math.isfinite, (self.least, self.guess, self.most)))


def tails_of(points: Points, sketch: ColumnSketch) -> tuple[Counted, Counted]:
    """Count outliers and deviants among the finite values.

    Outliers lie beyond Tukey's outer fences (1977), deviants have a modified z-score above 3.5 (Iglewicz and Hoaglin
    1993). There is no such score where half of the values are one, as their distances have the median 0.
    """
    if sketch.present - sketch.infinite < _FEWEST:
        return (0, 0.0), (0, 0.0)
    lower, middle, upper = (_quantile(points, sketch, share) for share in (0.25, 0.5, 0.75))
    spread = _Figure(max(0.0, upper.least - lower.most), upper.guess - lower.guess, upper.most - lower.least)
    outliers = _outside(points, sketch, lower.plus(spread, -_FENCE), upper.plus(spread, _FENCE))
    near = _spread(points, middle)
    if not near.most > 0:
        return outliers, (0, 0.0)
    deviants = _outside(points, sketch, middle.plus(near, -_Z_SCORE), middle.plus(near, _Z_SCORE))
    return outliers, deviants if near.guess > 0 else (0, deviants[1])


def _quantile(points: Points, sketch: ColumnSketch, share: float) -> _Figure:
    off = (points.error + 1) / points.total if points.error else 0.0
    low, guess, high = points.quantiles([max(0.0, share - off), share, min(1.0, share + off)]).tolist()
    return _Figure(
        float(sketch.lowest) if share < off else low,
        guess,
        float(sketch.highest) if share + off > 1 else high,
    )


def _spread(points: Points, middle: _Figure) -> _Figure:
    """Find the median distance from the median (MAD)."""
    if not math.isfinite(middle.guess):
        return _Figure(math.inf, math.inf, math.inf)
    rows = round(points.total)
    guess = sum(_within(points, middle.guess, rank) / 2 for rank in ((rows + 1) // 2, rows // 2 + 1))
    if not points.error:
        return _Figure(guess, guess, guess)
    shift = max(middle.guess - middle.least, middle.most - middle.guess)
    # Rows between two values: the ranks of both may be off.
    off = 2 * points.error + 1
    least, most = (_within(points, middle.guess, rows / 2 + way) for way in (-off, off))
    return _Figure(max(0.0, least - shift), guess, most + shift)


def _within(points: Points, middle: float, rows: float) -> float:
    """Find the distance from the middle within which so many rows lie: the values are sorted already."""
    import numpy as np

    if points.is_even:
        need = math.ceil(rows / float(points.weights[0]))
        return _evenly(points.values, middle, max(1, min(need, len(points.values))))
    distances = np.abs(points.values - middle)
    order = np.argsort(distances, kind="stable")
    place = int(np.searchsorted(np.cumsum(points.weights[order]), rows))
    return float(distances[order[min(place, len(order) - 1)]])


def _evenly(values: "np.ndarray[Any, Any]", middle: float, need: int) -> float:
    """Look for how many of the nearest values lie below the middle."""
    center = int(values.searchsorted(middle))
    low, high = max(0, need - (len(values) - center)), min(need, center)
    while low < high:
        left = (low + high) // 2
        # With one more from below, and one less from above, is the farthest one nearer?
        below, above = (
            middle - float(values[center - left - 1]),
            float(values[center + need - left - 1]) - middle,
        )
        low, high = (left + 1, high) if below < above else (low, left)
    # Where all lie on one side, what is read on the other is none of them, and not above 0.
    return max(middle - float(values[center - low]), float(values[center + need - low - 1]) - middle)


def _outside(points: Points, sketch: ColumnSketch, low: _Figure, high: _Figure) -> Counted:
    """Count the finite values below the one fence and above the other; none where the fences are not finite."""
    if not low.is_finite or not high.is_finite:
        return (0, 1.0) if points.error and math.isfinite(low.guess + high.guess) else (0, 0.0)
    count = _beyond(points, sketch, low.guess, high.guess, off=0.0)
    if not points.error:
        return round(count), 0.0
    least = _beyond(points, sketch, low.least, high.most, off=-points.error)
    most = _beyond(points, sketch, low.most, high.least, off=points.error)
    return round(count), math.ceil(max(most - count, count - least)) / sketch.present


def _beyond(points: Points, sketch: ColumnSketch, low: float, high: float, *, off: float) -> float:
    """Count the finite values outside, by ranks that are off by so many rows.

    No value lies beyond the extremes, which are exact, and at least one where they lie outside.
    """
    below = float(points.below([low])[0]) + off
    above = points.total - float(points.at_most([high])[0]) + off
    found = (max(1.0, below) if sketch.lowest < low else 0.0) + (
        max(1.0, above) if sketch.highest > high else 0.0
    )
    return max(0.0, min(found, sketch.present) - sketch.infinite)
