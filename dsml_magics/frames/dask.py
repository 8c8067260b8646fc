"""Dask frames and series: each partition is read where it is computed."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import dask
import pyarrow as pa
from dask.dataframe import DataFrame, Series

from dsml_magics.frames.failure import parts_computed
from dsml_magics.frames.opening import open_table, table_of
from dsml_magics.frames.partition import MERGED, Work, batches_of_frame, fitted_batches, partitions_of
from dsml_magics.frames.schema import settled
from dsml_magics.frames.table import Table

_ORIGIN = "dask.dataframe.DataFrame"


@table_of.register
def _(source: DataFrame) -> Table:
    known = open_table(source._meta)  # noqa: SLF001  what Dask knows without computing
    places = {text: at for at, text in enumerate(known.columns)}
    schema = settled(
        known.schema,
        lambda names, work: _on_workers(source[[source.columns[places[name]] for name in names]])(work),
    )

    def stream() -> Iterator[pa.RecordBatch]:
        for part in source.to_delayed():
            with _computed():
                frame = part.compute()
            yield from fitted_batches(batches_of_frame(frame), schema)

    partitions = partitions_of(schema, _on_workers(source))
    return Table(schema, stream, _ORIGIN, partitions=partitions, literals=known.literals, notes=known.notes)


@table_of.register
def _(source: Series) -> Table:
    return open_table(source.to_frame(name="value" if source.name is None else str(source.name)))


def _on_workers(source: DataFrame) -> Callable[[Work], Iterator[bytes]]:
    def run(work: Work) -> Iterator[bytes]:
        summary, merge = dask.delayed(work.summary_of_frame), dask.delayed(work.merge_of_summaries)
        found: list[Any] = [summary(part) for part in source.to_delayed()]
        while len(found) > MERGED:
            found = [merge(found[start : start + MERGED]) for start in range(0, len(found), MERGED)]
        with _computed():
            summaries = dask.compute(*found)
        yield from summaries

    return run


def _computed() -> AbstractContextManager[None]:
    # Dask raises what the part raised, as it was.
    return parts_computed(_ORIGIN, (Exception,))
