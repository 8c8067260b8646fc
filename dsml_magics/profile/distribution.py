"""How the numbers of a column are distributed, read from their sorted values."""

import math
from typing import Any

from dsml_magics.profile.column import Histogram
from dsml_magics.profile.sketch.column import ColumnSketch
from dsml_magics.profile.sketch.quantiles import Points
from dsml_magics.profile.tails import tails_of

_BINS = 20
_HALVES = 2.0**51
"""Larger floats have no halves."""


def distribution_of(sketch: ColumnSketch) -> dict[str, Any]:
    """Read percentiles, histogram, outliers and their bounds.

    See `tails` for outliers and deviants.
    """
    import numpy as np

    points = sketch.points()
    if points is None:
        return {}
    shares = np.arange(101) / 100
    percentiles = [float(value) for value in points.quantiles(shares)]
    percentiles[0], percentiles[-1] = float(sketch.lowest), float(sketch.highest)
    off = points.error / points.total
    (far, far_off), (deviant, deviant_off) = tails_of(points, sketch)
    bounds = {"percentiles": off, "histogram": 2 * off} if off else {}
    bounds |= {name: share for name, share in (("outliers", far_off), ("deviants", deviant_off)) if share}
    return {
        "percentiles": tuple(percentiles),
        "histogram": histogram_of(points, sketch),
        "outliers": far,
        "deviants": deviant,
        "points": points,
        "bounds": bounds,
    }


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
