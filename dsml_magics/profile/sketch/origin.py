"""Numbers far from zero as distances: a float there holds less of their differences than it could."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

_FAR = 1e3
"""So many times as far from zero as they are from each other are values that lose digits worth keeping."""


def origin_of(array: "pa.Array") -> float:
    """Choose what to take off the numbers of a column, so that little is left of them; 0.0 where that needs none."""
    import math

    import pyarrow.compute as pc
    from pyarrow import types

    if types.is_boolean(array.type) or not len(array):
        return 0.0
    ends = pc.min_max(array).as_py()
    low, high = ends["min"], ends["max"]
    if low is None or not math.isfinite(low) or not math.isfinite(high):
        return 0.0
    return float(low) if min(abs(low), abs(high)) > _FAR * (high - low) else 0.0


def less(array: "pa.Array", origin: float) -> "np.ndarray[Any, Any]":
    """Give numbers less an origin, missing ones as NaN; whole numbers are subtracted before they become floats."""
    import numpy as np
    from pyarrow import types

    if not origin:
        found: np.ndarray[Any, Any] = array.to_numpy(zero_copy_only=False)
        return found
    if types.is_floating(array.type):
        return np.asarray(array.to_numpy(zero_copy_only=False) - origin)
    whole = array.fill_null(0).to_numpy(zero_copy_only=False)
    start = np.uint64(int(origin) % 2**64)
    # Without a sign, whole numbers wrap around to the right distance even where a signed one is too short.
    above, up, down = whole >= int(origin), whole.astype("u8") - start, start - whole.astype("u8")
    distances = np.where(above, up.astype("f8"), -down.astype("f8"))
    if array.null_count:
        distances[array.is_null().to_numpy(zero_copy_only=False)] = np.nan
    return np.asarray(distances)
