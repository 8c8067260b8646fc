"""Numbers as canonical bits: equal numbers have equal bits, whatever type they came in."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np


def bits_of_numbers(values: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    """Write each number as its float64 bits where that is exact, else as its int64 bits; shape and order are kept."""
    import numpy as np

    floats: np.ndarray[Any, Any] = values.astype("<f8")
    if values.dtype.kind == "f":
        floats += 0.0  # -0.0 becomes 0.0
        return floats.view("<u8")
    if len(values) == 0 or (
        values.dtype.itemsize <= 4 or max(abs(int(values.min())), abs(int(values.max()))) <= 2**53
    ):
        return floats.view("<u8")
    with np.errstate(invalid="ignore"):
        exact = (floats < 2.0**63) & (floats.astype(values.dtype) == values)
    return np.where(exact, floats.view("<u8"), values.astype("<i8").view("<u8"))
