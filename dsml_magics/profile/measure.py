"""Measure a table: every column's figures, then what they mean together."""

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from dsml_magics.errors import ColumnUnusable, TableEmpty
from dsml_magics.frames.opening import open_table
from dsml_magics.frames.table import Table
from dsml_magics.profile.value import Column, Profile, Target

if TYPE_CHECKING:
    import polars as pl


def measure(data: Any, *, target: str | None = None, compare: Any = None) -> Profile:
    """Profile a table, with the associations with `target` and the drift to `compare` if given.

    Raises
    ------
    DataError
        A table cannot be opened or has no rows, or the target is no usable column.
    """
    from dsml_magics.profile.association import associations
    from dsml_magics.profile.drift import comparison
    from dsml_magics.profile.insight import insights

    table = open_table(data)
    other = open_table(compare) if compare is not None else None
    if target is not None:
        table.require_column(target)
    frame = _frame(table)
    profile = _figures(table, frame)
    if target is not None:
        _require_usable(profile.columns[target])
        profile = replace(profile, target=Target(target, associations(frame, profile.columns, target)))
    if other is not None:
        rows = _frame(other)
        moved = comparison(profile, _figures(other, rows), rows_here=frame, rows_there=rows)
        profile = replace(profile, comparison=moved)
    return replace(profile, insights=insights(profile))


def _frame(table: Table) -> "pl.DataFrame":
    import polars as pl

    arrow = table.to_arrow()
    if not arrow.num_rows:
        raise TableEmpty(f"Expected rows, got none in {table.origin} ({len(table.columns)} columns).")
    frame = pl.from_arrow(arrow)
    if not isinstance(frame, pl.DataFrame):
        raise TypeError(f"polars gave {type(frame).__name__} for a table")
    # polars renames an empty name, as of the index that pandas wrote into a CSV.
    frame.columns = table.columns
    return frame


def _figures(table: Table, frame: "pl.DataFrame") -> Profile:
    from dsml_magics.frames.column import MIXED
    from dsml_magics.profile.column import column_of

    columns: dict[str, Column] = {}
    for field in table.schema:
        mixed = (field.metadata or {}).get(MIXED)
        found = column_of(frame[field.name], type_=str(field.type))
        columns[field.name] = replace(found, mixed=mixed.decode()) if mixed else found
    return Profile(
        rows=frame.height,
        columns=MappingProxyType(columns),
        duplicate_rows=_duplicate_rows(frame),
        origin=table.origin,
    )


def _duplicate_rows(frame: "pl.DataFrame") -> int:
    """Count the rows whose equal stood before."""
    import polars as pl

    # Lists and structs are compared by their text: polars does not group by every nesting of them.
    nested = [pl.Series(column.name, map(str, column)) for column in frame if column.dtype.is_nested()]
    return frame.height - frame.with_columns(nested).n_unique()


def _require_usable(target: Column) -> None:
    if target.present == 0:
        raise ColumnUnusable(
            f"Expected values in the target {target.name!r}, got {target.rows} missing ones."
        )
    if target.kind in ("nested", "binary"):
        raise ColumnUnusable(
            f"Expected a target of numbers, classes or times, got {target.name!r} ({target.type})."
        )
