"""Families of Arrow types that are summarised alike."""

from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

Family = Literal["number", "boolean", "time", "text", "binary", "nested", "null"]

_NANOSECONDS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}
_DAY = 86_400 * 10**9


def family_of(kind: "pa.DataType") -> Family:
    """Tell how values of an Arrow type are summarised."""
    from pyarrow import types

    if types.is_dictionary(kind):
        return family_of(kind.value_type)
    tests: tuple[tuple[Any, Family], ...] = (
        (types.is_null, "null"),
        (types.is_boolean, "boolean"),
        (types.is_temporal, "time"),
        (types.is_nested, "nested"),
    )
    for test, family in tests:
        if test(kind):
            return family
    if types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind):
        return "number"
    return (
        "text"
        if types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind)
        else "binary"
    )


def plain(array: "pa.Array | pa.ChunkedArray") -> "pa.Array":
    """Undo what does not change the values: chunks, extension types, views, decimals; text stays dictionary encoded."""
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import types

    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks() if array.num_chunks != 1 else array.chunk(0)
    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    if types.is_run_end_encoded(array.type):
        array = pc.run_end_decode(array)
    if types.is_dictionary(array.type) and not _is_clean_text(array):
        array = array.dictionary_decode()
    if types.is_string_view(array.type):
        return array.cast(pa.large_string())
    if types.is_binary_view(array.type) or types.is_fixed_size_binary(array.type):
        return array.cast(pa.large_binary())
    if types.is_decimal(array.type) or types.is_float16(array.type):
        return array.cast(pa.float64())
    return array


def _is_clean_text(array: "pa.Array") -> bool:
    from pyarrow import types

    return (types.is_string(array.type.value_type) or types.is_large_string(array.type.value_type)) and (
        not array.dictionary.null_count
    )


def ticks_of(array: "pa.Array") -> "tuple[np.ndarray[Any, Any], int]":
    """Give moments as whole numbers, nulls as 0, and how many nanoseconds one of their units has."""
    import pyarrow as pa
    from pyarrow import types

    kind = array.type
    if types.is_date64(kind):
        array, kind = array.cast(pa.date32()), pa.date32()
    width = pa.int32() if kind.bit_width == 32 else pa.int64()
    ticks = array.view(width).fill_null(0).to_numpy(zero_copy_only=False).astype("<i8", copy=False)
    return ticks, _DAY if types.is_date(kind) else _NANOSECONDS[kind.unit]
