"""polars frames, lazy frames and series."""

from collections.abc import Iterator

import polars as pl
import pyarrow as pa

from dsml_magics.errors import TableUnreadable
from dsml_magics.frames.batch import fitted
from dsml_magics.frames.opening import table_of
from dsml_magics.frames.table import BATCH_ROWS, Table, table_of_arrow


@table_of.register
def _(source: pl.DataFrame) -> Table:
    return table_of_arrow(source.to_arrow(), "polars.DataFrame")


@table_of.register
def _(source: pl.Series) -> Table:
    return table_of_arrow(source.alias(source.name or "value").to_frame().to_arrow(), "polars.Series")


@table_of.register
def _(source: pl.LazyFrame) -> Table:
    """Compute the rows again on each reading, as they may not fit into memory."""
    try:
        schema = pl.DataFrame(schema=source.collect_schema()).to_arrow().schema
    except (pl.exceptions.PolarsError, OSError) as error:
        raise _uncomputed(error) from error

    def stream() -> Iterator[pa.RecordBatch]:
        try:
            for frame in _frames(source):
                for batch in frame.to_arrow().to_batches(max_chunksize=BATCH_ROWS):
                    yield fitted(batch, schema)
        except (pl.exceptions.PolarsError, OSError) as error:
            raise _uncomputed(error) from error

    return Table(schema, stream, "polars.LazyFrame")


def _frames(source: pl.LazyFrame) -> Iterator[pl.DataFrame]:
    # Since polars 1.34, and called unstable.
    if hasattr(source, "collect_batches"):
        yield from source.collect_batches(engine="streaming")
    else:
        yield source.collect(engine="streaming")


def _uncomputed(error: Exception) -> TableUnreadable:
    reason = " ".join(str(error).split())[:300]
    return TableUnreadable(
        f"Expected a polars.LazyFrame that can be computed, but: {reason.rstrip('.')}. Mend what it is made of."
    )
