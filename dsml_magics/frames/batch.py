"""Arrow record batches in one schema and of one size."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from dsml_magics.errors import ColumnUnusable
from dsml_magics.frames.column import MIXED
from dsml_magics.frames.table import BATCH_ROWS

if TYPE_CHECKING:
    import pyarrow as pa

_BATCH_BYTES = 64 << 20
"""Batches are joined up to this size: rows of long texts stay in smaller ones."""


def valid(batch: "pa.RecordBatch") -> "pa.RecordBatch":
    """Check what a file says of its values: damage would end the process later, or fail far from here."""
    batch.validate(full=True)
    return batch


def fitted(batch: "pa.RecordBatch", schema: "pa.Schema") -> "pa.RecordBatch":
    """Order and cast the columns of a batch to a schema.

    Raises
    ------
    ColumnUnusable
        A column is missing, or has values that its type in the schema cannot hold.
    """
    import pyarrow as pa

    if batch.schema.equals(schema):
        return batch
    if missing := [name for name in schema.names if name not in batch.schema.names]:
        raise ColumnUnusable(f"Expected the same columns in every part, got one without {missing[0]!r}.")
    columns = [_cast(batch.column(field.name), field) for field in schema]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _cast(array: Any, field: "pa.Field") -> Any:
    import pyarrow as pa

    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    try:
        if MIXED in (field.metadata or {}) and pa.types.is_binary(field.type):
            # Objects in another part made bytes of this column: a number is its text there.
            array = array if pa.types.is_binary(array.type) else array.cast(pa.string())
        return array.cast(field.type)
    except pa.ArrowException as error:
        reason = " ".join(str(error).split())[:120]
        raise ColumnUnusable(
            f"Expected {field.type} in column {field.name!r} throughout, got {array.type} in one part ({reason}). "
            "Convert the column to one type first."
        ) from None


def joined(batches: "Iterable[pa.RecordBatch]", schema: "pa.Schema") -> "Iterator[pa.RecordBatch]":
    """Join small batches, as each has its price; at least one comes, without rows if there are none."""
    import pyarrow as pa

    kept: list[pa.RecordBatch] = []
    rows = size = came = 0
    for batch in batches:
        kept.append(batch)
        rows, size = rows + batch.num_rows, size + batch.nbytes
        if rows >= BATCH_ROWS or size >= _BATCH_BYTES:
            yield pa.concat_batches(kept)
            kept, rows, size, came = [], 0, 0, came + 1
    if kept:
        yield pa.concat_batches(kept)
    elif not came:
        yield empty(schema)


def empty(schema: "pa.Schema") -> "pa.RecordBatch":
    """Make a batch without rows."""
    import pyarrow as pa

    return pa.RecordBatch.from_arrays([pa.nulls(0, field.type) for field in schema], schema=schema)
