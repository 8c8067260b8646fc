"""Ray data sets: each block is read by the node that holds it, in no fixed order."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial

import pandas as pd
import pyarrow as pa
import ray
from ray.data import Dataset
from ray.exceptions import RayError

from dsml_magics.errors import TableEmpty
from dsml_magics.frames.column import column_of
from dsml_magics.frames.failure import parts_computed
from dsml_magics.frames.opening import open_table, table_of
from dsml_magics.frames.partition import (
    MERGED,
    Work,
    batches_of_frame,
    bytes_column,
    fitted_batches,
    partitions_of,
)
from dsml_magics.frames.schema import settled
from dsml_magics.frames.table import Table

_ORIGIN = "ray.data.Dataset"


@table_of.register
def _(source: Dataset) -> Table:
    schema = settled(_schema(source), lambda names, work: _on_nodes(source.select_columns(names))(work))

    def stream() -> Iterator[pa.RecordBatch]:
        with _computed():
            for block in source.iter_batches(batch_size=None, batch_format=None):
                yield from fitted_batches(batches_of_frame(_plain(block)), schema)

    return Table(schema, stream, _ORIGIN, partitions=partitions_of(schema, _on_nodes(source)))


def _on_nodes(source: Dataset) -> Callable[[Work], Iterator[bytes]]:
    def run(work: Work) -> Iterator[bytes]:
        merge = ray.remote(_merged)
        with _computed():
            # A format of None gives each block as it is, without a copy.
            parts = source.map_batches(partial(_summary, work), batch_size=None, batch_format=None)
            found = parts.to_arrow_refs()
            while len(found) > MERGED:
                found = [merge.remote(work, *found[at : at + MERGED]) for at in range(0, len(found), MERGED)]
            for summaries in found:
                yield from _column(ray.get(summaries))

    return run


def _summary(work: Work, block: pa.Table | pd.DataFrame) -> pa.Table:
    return pa.Table.from_batches([bytes_column([work.summary_of_frame(_plain(block))])])


def _merged(work: Work, *parts: pa.Table) -> pa.Table:
    merged = work.merge_of_summaries(summary for part in parts for summary in _column(part))
    return pa.Table.from_batches([bytes_column([merged])])


def _column(part: pa.Table) -> list[bytes]:
    # Of a block without rows nothing is made, not even a column.
    return list(part.column(0).to_pylist()) if part.num_columns else []


def _plain(block: pa.Table | pd.DataFrame) -> pa.Table | pd.DataFrame:
    """Take columns that Ray holds as pickled Python objects for columns of objects, as those of pandas are."""
    if isinstance(block, pa.Table):
        for position, field in enumerate(block.schema):
            if _is_pickled(field):
                block = block.set_column(position, *column_of(field.name, block.column(position).to_pylist()))
    return block


def _is_pickled(field: pa.Field) -> bool:
    return "pickled_object" in str(getattr(field.type, "extension_name", ""))


def _schema(source: Dataset) -> pa.Schema:
    with _computed():
        found = source.schema()
    if found is None:
        raise TableEmpty(f"Expected a table with columns, got a {_ORIGIN} without blocks.")
    base = found.base_schema
    if isinstance(base, pa.Schema):
        return pa.schema([pa.field(field.name, pa.null()) if _is_pickled(field) else field for field in base])
    # The types of pandas blocks say what they hold, except for objects.
    empty = {name: pd.Series([], dtype=kind) for name, kind in zip(base.names, base.types, strict=True)}
    return open_table(pd.DataFrame(empty)).schema


def _computed() -> AbstractContextManager[None]:
    # Ray finds schemas that do not fit each other by Arrow.
    return parts_computed(_ORIGIN, (RayError, pa.ArrowException), str)
