"""How the dates, times and durations of a column are distributed and ordered."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsml_magics.profile.column import Histogram, Time
from dsml_magics.profile.distribution import histogram_of
from dsml_magics.profile.sketch.column import ColumnSketch
from dsml_magics.profile.sketch.quantiles import Points

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True, eq=False)
class Instants(Points):
    """The distribution of moments, as ticks of a type."""

    type: "pa.DataType" = None

    def quantile(self, share: float) -> Any:
        """Read one quantile as a moment: the nearest one there is."""
        return moments_of(self.quantiles([share], between=False).tolist(), self.type)[0]


def times_of(sketch: ColumnSketch) -> dict[str, Any]:
    """Read range, middle, percentiles, histogram and order."""
    import numpy as np

    points = sketch.points()
    if points is None:
        return {}
    ticks = points.quantiles(np.arange(101) / 100, between=False).tolist()
    ticks[0], ticks[-1] = sketch.lowest, sketch.highest
    histogram = histogram_of(points, sketch)
    edges = [round(edge) for edge in histogram.edges] if histogram else []
    if edges:
        edges[0], edges[-1] = sketch.lowest, sketch.highest
    low, high, middle = moments_of([sketch.lowest, sketch.highest, sketch.moments.nearest], sketch.value_type)
    off = points.error / points.total
    return {
        "min": low,
        "max": high,
        "mean": middle,
        "percentiles": tuple(moments_of(ticks, sketch.value_type)),
        "histogram": Histogram(tuple(moments_of(edges, sketch.value_type)), histogram.counts)
        if histogram
        else None,
        "time": _order(sketch),
        "points": Instants(points.values, points.weights, points.error, sketch.value_type),
        "bounds": {"percentiles": off, "histogram": 2 * off} if off else {},
    }


def _order(sketch: ColumnSketch) -> Time:
    from pyarrow import types

    order = sketch.order
    zone = sketch.value_type.tz if types.is_timestamp(sketch.value_type) else None
    if not order.steps:
        return Time(timezone=zone, monotonic=order.monotonic)
    step, number = max(order.steps.items(), key=lambda item: (item[1], -item[0]))
    wide, before = order.widest_gap()
    return Time(
        timezone=zone,
        step=distance_of(step, sketch.value_type),
        step_share=number / order.gaps,
        gap=distance_of(wide, sketch.value_type),
        gap_after=moments_of([before], sketch.value_type)[0],
        monotonic=order.monotonic,
    )


def moments_of(ticks: list[int], kind: "pa.DataType") -> list[Any]:
    """Turn ticks into Python's dates, times and durations; beyond their range into text."""
    import pyarrow as pa
    from pyarrow import types

    if types.is_date(kind):
        kind = pa.date32()
    # A tick between two of them may be rounded to beyond the end of the range.
    end = 2 ** (kind.bit_width - 1)
    within = [min(max(tick, -end), end - 1) for tick in ticks]
    whole = pa.array(within, pa.int32() if kind.bit_width == 32 else pa.int64()).view(kind)
    if getattr(kind, "unit", None) == "ns":
        whole = whole.cast(_in_microseconds(kind), safe=False)
    try:
        return list(whole.to_pylist())
    except (ValueError, OverflowError):
        return list(whole.cast(pa.string()).to_pylist())


def _in_microseconds(kind: "pa.DataType") -> "pa.DataType":
    """Give the type that Python's moments can be made of."""
    import pyarrow as pa
    from pyarrow import types

    if types.is_timestamp(kind):
        return pa.timestamp("us", kind.tz)
    return pa.duration("us") if types.is_duration(kind) else pa.time64("us")


def distance_of(ticks: int, kind: "pa.DataType") -> Any:
    """Turn a distance in ticks into a timedelta; None where it is too long for one."""
    import datetime as dt

    from dsml_magics.profile.sketch.column import nanoseconds_of

    try:
        return dt.timedelta(microseconds=ticks * nanoseconds_of(kind) // 1000)
    except OverflowError:
        return None
