"""A contract learnt from rows that a model answered."""

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dsml_magics.package.contract import ORDERED, Contract, Rule, Type
from dsml_magics.profile.column import Column

if TYPE_CHECKING:
    import pyarrow as pa

_CATEGORIES = 1000
"""A column of more distinct values has no fixed set of them."""
_NO_CATEGORIES: Mapping[str, Sequence[Any]] = {}


def contract_of_table(
    table: "pa.Table",
    columns: Mapping[str, Column],
    *,
    known: Mapping[str, Sequence[Any]] = _NO_CATEGORIES,
    fixed: Mapping[str, Sequence[Any]] = _NO_CATEGORIES,
) -> Contract:
    """Learn what each column holds.

    A range is what was seen, wider by its own width on both sides; never below zero where nothing was. Moments have no
    end: time goes on. A missing value is allowed where one was seen.

    Parameters
    ----------
    table
        The rows.
    columns
        Their figures, by `profile`.
    known
        Values that the model was fitted on, by column: an encoder remembers more of them than these rows hold.
    fixed
        The categories of columns that the model takes as pandas' categorical.
    """
    rules = []
    for field in table.schema:
        column, type_ = columns[field.name], type_of(field.type)
        low, high = _range(column, type_)
        categories = fixed.get(field.name)
        if categories is None:
            categories = _categories(table.column(field.name), column, type_, known.get(field.name, ()))
        rules.append(
            Rule(
                name=field.name,
                type=type_,
                nullable=column.missing > 0,
                min=None if categories is not None else low,
                max=None if categories is not None else high,
                categories=None if categories is None else tuple(map(_plain, categories)),
                categorical=field.name in fixed,
            )
        )
    return Contract(tuple(rules))


def contract_of_array(values: Any) -> Contract:
    """Learn what an array holds: of two dimensions its columns, of others its shape alone."""
    import numpy as np

    shape = tuple(values.shape[1:])
    contract = Contract(form="array", dtype=str(values.dtype), shape=shape)
    if values.ndim != 2 or values.dtype.kind not in "biuf":
        return contract
    rules = []
    for position in range(values.shape[1]):
        column = values[:, position]
        type_: Type = {"b": "boolean", "f": "number"}.get(values.dtype.kind, "integer")  # type: ignore[assignment]
        missing = np.isnan(column) if values.dtype.kind == "f" else np.zeros(len(column), bool)
        present = column[~missing]
        low, high = (
            _widened(present.min(), present.max()) if len(present) and type_ != "boolean" else (None, None)
        )
        rules.append(Rule(str(position), type_, nullable=bool(missing.any()), min=low, max=high))
    return Contract(tuple(rules), form="array", dtype=str(values.dtype), shape=shape)


def type_of(arrow: "pa.DataType") -> Type:
    """Name the type of an Arrow column as a contract does."""
    from pyarrow import types

    if types.is_dictionary(arrow):
        arrow = arrow.value_type
    known: list[tuple[Any, Type]] = [
        (types.is_boolean, "boolean"),
        (types.is_integer, "integer"),
        (types.is_floating, "number"),
        (types.is_decimal, "number"),
        (types.is_string, "string"),
        (types.is_large_string, "string"),
        (types.is_string_view, "string"),
        (types.is_timestamp, "datetime"),
        (types.is_date, "date"),
        (types.is_time, "time"),
        (types.is_duration, "duration"),
        (types.is_binary, "binary"),
        (types.is_large_binary, "binary"),
    ]
    return next((name for is_so, name in known if is_so(arrow)), "any")


def _range(column: Column, type_: Type) -> tuple[Any, Any]:
    if type_ not in ORDERED or column.min is None or column.max is None:
        return None, None
    low, high = column.min, column.max
    if isinstance(low, dt.date | dt.datetime):
        try:
            return (low - (high - low)).isoformat(), None
        except OverflowError:
            return None, None
    return _widened(low, high)


def _widened(low: Any, high: Any) -> tuple[Any, Any]:
    low, high = _plain(low), _plain(high)
    if not (math.isfinite(low) and math.isfinite(high)):
        return None, None
    width = high - low or max(abs(low), 1)
    least, most = low - width, high + width
    if not (math.isfinite(least) and math.isfinite(most)):
        return None, None
    if low >= 0:
        least = max(type(least)(0), least)
    return least, most


def _categories(
    values: "pa.ChunkedArray", column: Column, type_: Type, known: Sequence[Any]
) -> Sequence[Any] | None:
    """List the values of a column that has a fixed set of them."""
    if type_ != "string" or column.kind not in ("categorical", "constant") or column.distinct > _CATEGORIES:
        return None
    seen = [value for value in values.unique().to_pylist() if value is not None]
    more = [value for value in known if isinstance(value, str) and value not in set(seen)]
    return sorted({*map(str, seen), *more}) if len(seen) + len(more) <= _CATEGORIES else None


def _plain(value: Any) -> Any:
    """Take a number out of numpy or decimal, for JSON."""
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, bool | int | float | str):
        return value
    return float(value) if hasattr(value, "as_integer_ratio") else str(value)
