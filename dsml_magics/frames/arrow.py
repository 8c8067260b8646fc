"""pyarrow tables, batches, readers and data sets, and whatever speaks the Arrow PyCapsule interface."""

from typing import Any

import pyarrow as pa
import pyarrow.compute

from dsml_magics.errors import DataError
from dsml_magics.frames.opening import table_of
from dsml_magics.frames.table import BATCH_ROWS, Table, check_names, table_of_arrow


@table_of.register
def _(source: pa.Table) -> Table:
    return table_of_arrow(_decoded(source), "pyarrow.Table")


@table_of.register
def _(source: pa.RecordBatch) -> Table:
    return table_of_arrow(pa.Table.from_batches([source]), "pyarrow.RecordBatch")


@table_of.register
def _(source: pa.RecordBatchReader) -> Table:
    return Table(source.schema, _Once(source), "pyarrow.RecordBatchReader")


def _decoded(table: pa.Table) -> pa.Table:
    """Write runs out as values: few readers of Arrow know run-end encoding."""
    for position, column in enumerate(table.columns):
        if pa.types.is_run_end_encoded(column.type):
            plain = pa.chunked_array([pa.compute.run_end_decode(chunk) for chunk in column.chunks])
            table = table.set_column(position, table.field(position).name, plain)
    return table


class _Once:
    """A reader that cannot be rewound: a second pass would silently see no rows."""

    def __init__(self, reader: pa.RecordBatchReader) -> None:
        self.reader, self.read = reader, False

    def __call__(self) -> pa.RecordBatchReader:
        if self.read:
            raise DataError(
                "Expected a table that can be read again, got a pyarrow.RecordBatchReader that was read already. "
                "Read it into a table first: `table = reader.read_all()`."
            )
        self.read = True
        return self.reader


def table_of_capsule(source: Any) -> Table:
    """Open any object with ``__arrow_c_stream__``, such as a DuckDB relation, or a pyarrow data set."""
    kind = f"{type(source).__module__}.{type(source).__qualname__}"
    if type(source).__module__.startswith("pyarrow") and hasattr(source, "scanner"):
        return Table(source.schema, lambda: source.scanner(batch_size=BATCH_ROWS).to_batches(), kind)
    check_names(_duckdb_names(source) or ["any"], origin=kind)
    # Streams of foreign objects may be readable only once, so they are read here.
    return table_of_arrow(pa.RecordBatchReader.from_stream(source).read_all(), kind)


def _duckdb_names(source: Any) -> list[Any]:
    return list(source.columns) if "duckdb" in type(source).__module__ else []
