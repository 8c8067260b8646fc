"""Tensors: values of one type with a shape, as JSON or as bytes."""

import math
import struct
from collections.abc import Sequence
from typing import Any

from dsml_magics.package.contract import Contract
from dsml_magics.serve.protocol.exchange import Refusal, Rows

NUMPY = {
    "BOOL": "?",
    "UINT8": "<u1",
    "UINT16": "<u2",
    "UINT32": "<u4",
    "UINT64": "<u8",
    "INT8": "<i1",
    "INT16": "<i2",
    "INT32": "<i4",
    "INT64": "<i8",
    "FP16": "<f2",
    "FP32": "<f4",
    "FP64": "<f8",
}
_DIMENSIONS = 32
_LONGEST = 1 << 31
_PYTHON: dict[str, tuple[type, ...]] = {
    "BOOL": (bool,),
    "BYTES": (str,),
    "F": (int, float),
    "I": (int,),
    "U": (int,),
}


def size_of(shape: Sequence[int]) -> int:
    """Return how many values a shape holds.

    Raises
    ------
    Refusal
        It is no shape.
    """
    if len(shape) > _DIMENSIONS:
        raise Refusal(400, f"Expected a shape of at most {_DIMENSIONS} dimensions, got {len(shape):,}.")
    if any(not 0 <= length <= _LONGEST for length in shape):
        raise Refusal(400, f"Expected a shape of whole numbers from 0 to {_LONGEST:,}.")
    return math.prod(shape)


def checked_values(values: Any, datatype: str, shape: Sequence[int]) -> list[Any]:
    """Return the values of a JSON tensor in one list.

    Raises
    ------
    Refusal
        They are not of the type, or not as many as the shape says.
    """
    flat = values
    while flat and isinstance(flat[0], list):
        try:
            flat = [value for part in flat for value in part]
        except TypeError:
            raise Refusal(400, "Expected data nested as deeply everywhere.") from None
    if len(flat) != size_of(shape):
        raise _wrong_count(shape, len(flat))
    if datatype not in NUMPY and datatype != "BYTES":
        raise Refusal(400, f"Expected a datatype of {', '.join((*NUMPY, 'BYTES'))}.")
    allowed = _PYTHON[datatype] if datatype in _PYTHON else _PYTHON[datatype[0]]
    if not {*allowed, type(None)}.issuperset(map(type, flat)):
        raise Refusal(400, f"Expected values of {datatype}, got others.")
    return list(flat)


def values_of_bytes(content: memoryview, datatype: str, shape: Sequence[int]) -> list[Any]:
    """Return the values of a binary tensor; NaN is None.

    Raises
    ------
    Refusal
        The bytes are not as many as type and shape say, or no text in UTF-8.
    """
    import numpy as np

    count = size_of(shape)
    if datatype == "BYTES":
        found = _texts(content)
    elif datatype in NUMPY:
        if len(content) != count * np.dtype(NUMPY[datatype]).itemsize:
            raise Refusal(400, f"Expected {count:,} values of {datatype}, got {len(content):,} bytes.")
        found = np.frombuffer(content, NUMPY[datatype]).tolist()
        if datatype.startswith("FP"):
            found = [None if value != value else value for value in found]  # noqa: PLR0124  NaN
    else:
        raise Refusal(400, f"Expected a datatype of {', '.join((*NUMPY, 'BYTES'))}.")
    if len(found) != count:
        raise _wrong_count(shape, len(found))
    return found


def _wrong_count(shape: Sequence[int], count: int) -> Refusal:
    return Refusal(400, f"Expected as many values as the shape {list(shape)} holds, got {count:,}.")


def _texts(content: memoryview) -> list[Any]:
    """Read texts, each after its length in four bytes."""
    found, at, end = [], 0, len(content)
    while at < end:
        if at + 4 > end:
            raise Refusal(400, "Expected four bytes of length before each text.")
        (length,) = struct.unpack_from("<I", content, at)
        at += 4 + length
        if at > end:
            raise Refusal(400, "Expected as many bytes of text as its length says.")
        try:
            found.append(str(content[at - length : at], "utf-8"))
        except UnicodeDecodeError:
            raise Refusal(400, "Expected texts in UTF-8.") from None
    return found


def bytes_of(values: Sequence[Any], datatype: str) -> bytes:
    """Write values as a binary tensor."""
    import numpy as np

    if datatype == "BYTES":
        texts = [str(value).encode() for value in values]
        return b"".join(struct.pack("<I", len(text)) + text for text in texts)
    return np.asarray(values, NUMPY[datatype]).tobytes()


def rows_of_array(values: Any, contract: Contract) -> Rows:
    """Return nested lists as the rows of a model that takes arrays.

    Raises
    ------
    Refusal
        They have another shape.
    """
    import numpy as np

    try:
        array = np.asarray(values, dtype=contract.dtype if not contract.columns else "float64")
    except (ValueError, TypeError, OverflowError):
        raise Refusal(400, "Expected nested lists of numbers, as long everywhere.") from None
    return rows_of_numpy(array, contract)


def rows_of_numpy(array: Any, contract: Contract) -> Rows:
    """Return an array as the rows of a model that takes arrays.

    Raises
    ------
    Refusal
        It has another shape.
    """
    width = (len(contract.columns),) if contract.columns else tuple(contract.shape or ())
    if array.shape[1:] != width and len(array):
        raise Refusal(422, f"Expected rows of shape {list(width)}, got {list(array.shape[1:])}.")
    if not contract.columns:
        return Rows((), len(array), tensor=array)
    whole = [rule.type == "integer" for rule in contract.columns]
    columns = [
        [
            None if math.isnan(value) else int(value) if is_whole and value.is_integer() else value
            for value in column
        ]
        for column, is_whole in zip(array.reshape(-1, width[0]).T.tolist(), whole, strict=True)
    ]
    return Rows(columns, len(array))
