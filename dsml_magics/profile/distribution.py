"""How the numbers of a column are distributed, read from their sorted values."""

import math
from typing import TYPE_CHECKING, Any

from dsml_magics.profile.column import Histogram
from dsml_magics.profile.sketch.column import ColumnSketch
from dsml_magics.profile.sketch.quantiles import Points

if TYPE_CHECKING:
    import numpy as np

_BINS = 20
_FENCE = 3.0
_Z_SCORE = 3.5 / 0.6745
"""Distances from the median, in MADs, that make a modified z-score of 3.5."""
_HALVES = 2.0**51
"""Larger floats have no halves."""


def distribution_of(sketch: ColumnSketch) -> dict[str, Any]:
    """Read percentiles, histogram, outliers and their bounds.

    Outliers lie beyond Tukey's outer fences (1977); deviants have a modified z-score above 3.5 (Iglewicz and Hoaglin
    1993).
    """
    import numpy as np

    points = sketch.points()
    if points is None:
        return {}
    shares = np.arange(101) / 100
    percentiles = [float(value) for value in points.quantiles(shares)]
    percentiles[0], percentiles[-1] = float(sketch.lowest), float(sketch.highest)
    off = points.error / points.total
    far, deviant = _far_off(points, sketch)
    bounds = {"percentiles": off, "histogram": 2 * off} if off else {}
    for name, count in (("outliers", far), ("deviants", deviant)):
        if off and count:
            bounds[name] = min(1.0, 2 * points.error / count)
    return {
        "percentiles": tuple(percentiles),
        "histogram": histogram_of(points, sketch),
        "outliers": far,
        "deviants": deviant,
        "points": points,
        "bounds": bounds,
    }


def _far_off(points: Points, sketch: ColumnSketch) -> tuple[int, int]:
    """Count the finite values beyond the fences of the quartiles, and far from the median in MADs."""
    finite = sketch.present - sketch.infinite
    if finite < 8:
        return 0, 0
    lower, middle, upper = (float(value) for value in points.quantiles([0.25, 0.5, 0.75]))
    reach = _FENCE * (upper - lower)
    spread = _spread(points, middle)
    return (
        _outside(points, sketch, lower - reach, upper + reach) if 0 < reach < math.inf else 0,
        _outside(points, sketch, middle - _Z_SCORE * spread, middle + _Z_SCORE * spread)
        if 0 < spread < math.inf
        else 0,
    )


def _outside(points: Points, sketch: ColumnSketch, low: float, high: float) -> int:
    count = round(float(points.below([low])[0]) + points.total - float(points.at_most([high])[0]))
    return max(0, min(count, sketch.present) - sketch.infinite)


def _spread(points: Points, middle: float) -> float:
    """Find the median distance from the median: the values are sorted already."""
    values, half = points.values, points.total / 2
    if not math.isfinite(float(values[0])) or not math.isfinite(float(values[-1])):
        return math.inf
    return _evenly(values, middle) if points.is_even else _bisected(points, middle, half)


def _evenly(values: "np.ndarray[Any, Any]", middle: float) -> float:
    """Look for the fewest values below the middle that are nearer to it than half of all are."""
    need = (len(values) + 1) // 2
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
    distances = [middle - float(values[center - low])] if low else []
    distances += [float(values[center + need - low - 1]) - middle] if need > low else []
    return max(distances)


def _bisected(points: Points, middle: float, half: float) -> float:
    if float(points.at_most([middle])[0] - points.below([middle])[0]) >= half:
        return 0.0
    low, high = 0.0, max(float(points.values[-1]) - middle, middle - float(points.values[0]))
    for _ in range(60):
        guess = low + (high - low) / 2
        inside = float(points.at_most([middle + guess])[0] - points.below([middle - guess])[0])
        low, high = (low, guess) if inside >= half else (guess, high)
    return high


def histogram_of(points: Points, sketch: ColumnSketch) -> Histogram | None:
    """Count the finite values in 20 bins of equal width, or one a whole number where these are few."""
    import numpy as np

    values = points.values
    if values.dtype.kind == "f":
        values = values[np.isfinite(values)]
    if not len(values):
        return None
    ends = [
        end for end in (sketch.lowest, sketch.highest) if not isinstance(end, float) or math.isfinite(end)
    ]
    low, high = float(min([*ends, values[0]])), float(max([*ends, values[-1]]))
    whole = values.dtype.kind in "iu" and sketch.family == "number"
    if whole and high - low < _BINS and max(abs(low), abs(high)) < _HALVES:
        edges = np.arange(low - 0.5, high + 1.0)
    elif high > low and np.isfinite(high - low):
        edges = np.linspace(low, high, _BINS + 1)
    else:
        edges = np.array([low, high])
    start = float(points.below([low])[0]) if edges[0] == low else 0.0
    finite = sketch.present - sketch.infinite
    inner = np.clip(np.round(points.below(edges[1:-1]) - start), 0, finite)
    counts = np.diff(np.concatenate([[0], inner, [finite]]))
    return Histogram(tuple(float(edge) for edge in edges), tuple(int(number) for number in counts))
