"""One column of Python or numpy values as an Arrow array."""

import datetime as dt
import decimal
import sys
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any

from dsml_magics.errors import ColumnUnusable
from dsml_magics.frames.table import Table, check_names, table_of_arrow

if TYPE_CHECKING:
    import pyarrow as pa

MIXED = b"dsml.mixed"
"""Key in a field's metadata: the Python types that stood in one column, which was read as text."""

DEPTH = 50
_SCALARS = (str, bytes, bool, int, float, decimal.Decimal, dt.date, dt.time, dt.timedelta)


def table_of_columns(columns: Mapping[Any, Any], *, origin: str) -> Table:
    """Open columns of equal length.

    Raises
    ------
    ColumnUnusable
        A column has values that are no column, or another length.
    """
    import pyarrow as pa

    check_names(list(columns), origin=origin)
    fields, arrays = zip(*(column_of(name, values) for name, values in columns.items()), strict=True)
    lengths = {len(array) for array in arrays}
    if len(lengths) > 1:
        found = ", ".join(f"{field.name!r} {len(array)}" for field, array in zip(fields, arrays, strict=True))
        raise ColumnUnusable(f"Expected columns of equal length in {origin}, got {found}.")
    return table_of_arrow(pa.Table.from_arrays(arrays, schema=pa.schema(fields)), origin)


def column_of(name: str, values: Any) -> "tuple[pa.Field, pa.Array | pa.ChunkedArray]":
    """Convert the values of a column; scalars of several types become text and say so.

    Raises
    ------
    ColumnUnusable
        The values are objects that no table format holds.
    """
    import pyarrow as pa

    values = _listed(name, values)
    _refuse_cycles(name, values)
    if hasattr(values, "__arrow_c_array__") or hasattr(values, "__arrow_c_stream__"):
        values = getattr(values, "array", values)
    try:
        array = pa.array(values, from_pandas=True)
    except (pa.ArrowException, OverflowError, TypeError, ValueError, RecursionError) as error:
        return _as_text(name, values, error)
    if pa.types.is_list(array.type) and any(isinstance(item, AbstractSet) for item in values):
        # Arrow would take a set as a list in an order that changes from process to process.
        return _as_text(name, values, TypeError("a set has no order"))
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


def _refuse_cycles(name: str, values: Any) -> None:
    """Refuse lists and dicts that hold themselves, or nest too deep: Arrow would end the process."""
    # Only numpy's object arrays hold lists: pandas' own types, of text say, would be walked through for nothing.
    if str(getattr(values, "dtype", "object")) != "object" or _holds_scalars(values):
        return
    if any(isinstance(item, list | tuple | dict) and _is_bottomless(item, ()) for item in values):
        raise ColumnUnusable(
            f"Expected values of a finite depth in column {name!r}, got a list or dict that holds itself or nests "
            f"more than {DEPTH} deep. Flatten or drop it."
        )


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


def _as_text(name: str, values: Any, error: Exception) -> "tuple[pa.Field, pa.Array]":
    import numpy as np
    import pyarrow as pa

    items = list(values)
    present = [item for item in items if not _is_missing(item)]
    odd = [item for item in present if not isinstance(item, (*_SCALARS, np.generic))]
    if odd or any(isinstance(item, complex) for item in present):
        kinds = sorted({type(item).__name__ for item in odd or present})
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ColumnUnusable(
            f"Expected numbers, text, times, lists or dicts in column {name!r}, got {', '.join(kinds[:4])} "
            f"({reason[:120]}). Convert it, as in `df[{name!r}] = df[{name!r}].astype(str)`, or drop it."
        ) from None
    found = ", ".join(sorted({type(item).__name__ for item in present}))
    text = [None if _is_missing(item) else str(item) for item in items]
    return pa.field(name, pa.string(), metadata={MIXED: found.encode()}), pa.array(text, pa.string())


def _is_missing(item: Any) -> bool:
    if item is None or type(item).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(item, float) and item != item  # noqa: PLR0124  NaN is the number that differs from itself
