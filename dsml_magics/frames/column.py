"""One column of Python or numpy values as an Arrow array."""

import datetime as dt
import decimal
import hashlib
import re
import sys
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dsml_magics.errors import ColumnUnusable
from dsml_magics.frames.names import distinct_names, whole_text
from dsml_magics.frames.note import Note
from dsml_magics.frames.table import Table, check_names, table_of_arrow

if TYPE_CHECKING:
    import pyarrow as pa

MIXED = b"dsml.mixed"
"""Key in a field's metadata: the Python types that stood in one column.

A column of text holds scalars of several types; a column of bytes holds objects that no table format has, as
`described` writes them.
"""
REPLACED = b"dsml.replaced"
"""Key in a field's metadata: halves of surrogate pairs in its text were replaced."""

DEPTH = 50
_LONGEST = 1000
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_SCALARS = (str, bytes, bool, int, float, decimal.Decimal, dt.date, dt.time, dt.timedelta)


def table_of_columns(columns: Mapping[Any, Any], *, origin: str) -> Table:
    """Open columns of equal length, by their names.

    Raises
    ------
    ColumnUnusable
        A column has another length, or is one value.
    """
    return table_of_values(list(columns), list(columns.values()), origin=origin)


def table_of_values(names: Sequence[Any], columns: Sequence[Any], *, origin: str) -> Table:
    """Open columns of equal length; their names may be of any kind, and repeat.

    Raises
    ------
    TableEmpty
        There is no column.
    ColumnUnusable
        A column has another length, or is one value.
    """
    import pyarrow as pa

    named = distinct_names(names)
    check_names(named.texts, origin=origin)
    fields, arrays = zip(*map(column_of, named.texts, columns), strict=True)
    lengths = {len(array) for array in arrays}
    if len(lengths) > 1:
        found = ", ".join(f"{field.name!r} {len(array)}" for field, array in zip(fields, arrays, strict=True))
        raise ColumnUnusable(f"Expected columns of equal length in {origin}, got {found}.")
    opened = table_of_arrow(pa.Table.from_arrays(arrays, schema=pa.schema(fields)), origin)
    return replace(opened, literals=named.literals, notes=(*named.notes, *_notes(fields)))


def _notes(fields: "Iterable[pa.Field]") -> Iterator[Note]:
    replaced = [field.name for field in fields if REPLACED in (field.metadata or {})]
    if replaced:
        yield Note("replaced", {"columns": tuple(replaced[:5]), "count": len(replaced)})


def column_of(name: str, values: Any) -> "tuple[pa.Field, pa.Array | pa.ChunkedArray]":
    """Convert the values of a column.

    Scalars of several types become text, and objects that no table format holds become bytes that tell them apart;
    the field's metadata says so by `MIXED`.

    Raises
    ------
    ColumnUnusable
        The values are one value.
    """
    import pyarrow as pa

    values = _listed(name, values)
    is_loose = _is_loose(values)
    if is_loose and _has_cycles(values):
        return _as_objects(name, list(values))
    if hasattr(values, "__arrow_c_array__") or hasattr(values, "__arrow_c_stream__"):
        values = getattr(values, "array", values)
    try:
        with _quiet() if is_loose else nullcontext():
            array = pa.array(values, from_pandas=True)
    except Exception:  # noqa: BLE001  Arrow asks the user's own objects, which may raise anything
        return _as_text(name, list(values))
    if pa.types.is_list(array.type) and any(isinstance(item, AbstractSet) for item in values):
        # Arrow would take a set as a list in an order that changes from process to process.
        return _as_objects(name, list(values))
    if isinstance(array.type, pa.BaseExtensionType):
        array = array.storage
    return pa.field(name, array.type), array


def _listed(name: str, values: Any) -> Any:
    """Refuse what is one value; read an iterator once, as it can be read no second time."""
    many = (
        hasattr(values, "__iter__")
        or hasattr(values, "__arrow_c_array__")
        or hasattr(values, "__arrow_c_stream__")
    )
    if not many or isinstance(values, str | bytes | Mapping | AbstractSet) or getattr(values, "ndim", 1) == 0:
        kind = type(values).__name__
        raise ColumnUnusable(f"Expected a list or an array of values for column {name!r}, got one {kind}.")
    return list(values) if isinstance(values, Iterator) else values


def _is_loose(values: Any) -> bool:
    """Tell whether values may be of any type: pandas' own types, of text say, would be looked through for nothing."""
    return str(getattr(values, "dtype", "object")) == "object" and not _holds_scalars(values)


@contextmanager
def _quiet() -> Iterator[None]:
    # Arrow asks whether an object is pandas' DateOffset, of which pandas warns: where warnings are errors, Arrow ends
    # the process.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _has_cycles(values: Any) -> bool:
    """Find lists and dicts that hold themselves, or nest too deep: Arrow would end the process."""
    return any(isinstance(item, list | tuple | dict) and _is_bottomless(item, ()) for item in values)


def _holds_scalars(values: Any) -> bool:
    """Tell it of the usual object arrays, quickly: texts, truth values, dates with gaps."""
    if "pandas" not in sys.modules:
        return False
    from pandas.api.types import infer_dtype

    return infer_dtype(values, skipna=True) in (
        "string",
        "boolean",
        "integer",
        "floating",
        "date",
        "datetime",
        "decimal",
    )


def _is_bottomless(item: Any, above: tuple[int, ...]) -> bool:
    if id(item) in above or len(above) > DEPTH:
        return True
    inner = item.values() if isinstance(item, dict) else item
    path = (*above, id(item))
    return any(isinstance(each, list | tuple | dict) and _is_bottomless(each, path) for each in inner)


def _as_text(name: str, items: list[Any]) -> "tuple[pa.Field, pa.Array]":
    import numpy as np
    import pyarrow as pa

    present = [item for item in items if not _is_missing(item)]
    if any(isinstance(item, complex) or not isinstance(item, (*_SCALARS, np.generic)) for item in present):
        return _as_objects(name, items)
    found = _types(present)
    text = [None if _is_missing(item) else whole_text(str(item)) for item in items]
    metadata = {MIXED: found.encode()} if found != "str" else {}
    if any(isinstance(item, str) and item != kept for item, kept in zip(items, text, strict=True)):
        metadata[REPLACED] = b""
    return pa.field(name, pa.string(), metadata=metadata), pa.array(text, pa.string())


def _as_objects(name: str, items: list[Any]) -> "tuple[pa.Field, pa.Array]":
    """Keep of each object what tells it from others, the same in every process."""
    import pyarrow as pa

    present = [item for item in items if not _is_missing(item)]
    content = [None if _is_missing(item) else described(item).encode() for item in items]
    field = pa.field(name, pa.binary(), metadata={MIXED: whole_text(_types(present)).encode()})
    return field, pa.array(content, pa.binary())


def _types(present: Iterable[Any]) -> str:
    return ", ".join(sorted({type(item).__name__ for item in present}))


def described(item: Any, depth: int = 5) -> str:
    """Write an object: sets in order, without its address in memory, at most 1,000 characters and a digest.

    Examples
    --------
    >>> described({3, 1, 2}), described(1 + 2j)
    ('set{1, 2, 3}', '(1+2j)')
    """
    text = _written(item, depth)
    if len(text) <= _LONGEST:
        return text
    return text[:_LONGEST] + hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _written(item: Any, depth: int) -> str:
    try:
        if depth and isinstance(item, AbstractSet):
            return f"{type(item).__name__}{{{', '.join(sorted(_written(each, depth - 1) for each in item))}}}"
        if depth and isinstance(item, list | tuple):
            return f"{type(item).__name__}({', '.join(_written(each, depth - 1) for each in item)})"
        return whole_text(_ADDRESS.sub("", repr(item)))
    except Exception:  # noqa: BLE001  the repr of a user's object may raise anything
        return type(item).__name__


def _is_missing(item: Any) -> bool:
    if item is None or type(item).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(item, float) and item != item  # noqa: PLR0124  NaN is the number that differs from itself
