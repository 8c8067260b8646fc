"""Tables in parts on many machines: what is done with a part where it lies."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsml_magics.frames.batch import fitted, joined
from dsml_magics.frames.table import Merge, Partitions, Summarise

if TYPE_CHECKING:
    import pyarrow as pa

MERGED = 16
"""So many summaries are merged at a time where the parts lie."""


@dataclass(frozen=True)
class Work:
    """What is sent to where the parts lie; its functions travel by name.

    Attributes
    ----------
    schema
        Every part is cast to it; None leaves the parts as they are.
    summarise, merge
        As in `Table.partitions`.
    """

    schema: "pa.Schema | None"
    summarise: Summarise
    merge: Merge

    def summary_of_part(self, batches: "Iterable[pa.RecordBatch]") -> bytes:
        """Summarise the batches of one part."""
        return self.summarise(
            fitted_batches(batches, self.schema) if self.schema is not None else iter(batches)
        )

    def summary_of_frame(self, frame: Any) -> bytes:
        """Summarise one part that lies in memory as a frame."""
        return self.summary_of_part(batches_of_frame(frame))

    def merge_of_summaries(self, summaries: Iterable[bytes]) -> bytes:
        """Merge some summaries."""
        return self.merge(iter(summaries))

    def summary_column(self, batches: "Iterable[pa.RecordBatch]") -> "Iterator[pa.RecordBatch]":
        """Summarise one part for an engine that takes nothing but tables."""
        yield bytes_column([self.summary_of_part(batches)])

    def merge_column(self, batches: "Iterable[pa.RecordBatch]") -> "Iterator[pa.RecordBatch]":
        """Merge some summaries for an engine that takes nothing but tables."""
        if summaries := [summary for batch in batches for summary in batch.column(0).to_pylist()]:
            yield bytes_column([self.merge_of_summaries(summaries)])


@dataclass(frozen=True)
class Reading:
    """How parts are sent to the driver: as batches in one schema, each written as bytes."""

    schema: "pa.Schema"

    def batch_column(self, batches: "Iterable[pa.RecordBatch]") -> "Iterator[pa.RecordBatch]":
        import pyarrow as pa

        options = pa.ipc.IpcWriteOptions(compression="lz4")
        for batch in fitted_batches(batches, self.schema):
            sink = pa.BufferOutputStream()
            with pa.ipc.new_stream(sink, batch.schema, options=options) as stream:
                stream.write_batch(batch)
            yield bytes_column([sink.getvalue().to_pybytes()])


def partitions_of(schema: "pa.Schema", run: Callable[[Work], Iterator[bytes]]) -> Partitions:
    """Make `Table.partitions` of what does the work on every part of an engine's table."""

    def partitions(summarise: Summarise, merge: Merge) -> Iterator[bytes]:
        work, came = Work(schema, summarise, merge), False
        for summary in run(work):
            came = True
            yield summary
        if not came:
            yield work.summary_of_part([])

    return partitions


def batches_of_frame(frame: Any) -> "Iterator[pa.RecordBatch]":
    """Read a part that lies in memory as a frame; one without rows tells its schema by a batch all the same."""
    from dsml_magics.frames.opening import open_table

    table = open_table(frame)
    return joined(table.batches(), table.schema)


def fitted_batches(batches: "Iterable[pa.RecordBatch]", schema: "pa.Schema") -> "Iterator[pa.RecordBatch]":
    """Bring the batches of a part into the schema of all, and to a size that pays."""
    return joined((fitted(batch, schema) for batch in batches), schema)


def bytes_column(values: list[bytes]) -> "pa.RecordBatch":
    """Hold values of bytes as a table of one column."""
    import pyarrow as pa

    return pa.RecordBatch.from_arrays([pa.array(values, pa.binary())], names=["summary"])
