"""Spark frames, classic and Connect: each partition is read on its executor."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from importlib.util import find_spec
from typing import Any
from uuid import uuid4

import pyarrow as pa
from pyspark import inheritable_thread_target
from pyspark.errors import PySparkException, PySparkTypeError
from pyspark.sql import DataFrame

from dsml_magics.errors import ColumnUnusable
from dsml_magics.frames.failure import parts_computed
from dsml_magics.frames.opening import table_of
from dsml_magics.frames.partition import Reading, Work, partitions_of
from dsml_magics.frames.table import Table, check_names

_ORIGIN = "pyspark.sql.DataFrame"


@table_of.register
def _(source: DataFrame) -> Table:
    check_names(source.columns, origin=_ORIGIN)
    schema = _schema(source)

    def stream() -> Iterator[pa.RecordBatch]:
        with _computed():
            batches = source.mapInArrow(Reading(schema).batch_column, "batch binary")
            # A partition comes to the driver whole: these are made of the advisory size, whatever they were.
            for row in batches.hint("rebalance").toLocalIterator():
                yield from pa.ipc.open_stream(bytes(row[0]))

    return Table(schema, stream, _ORIGIN, partitions=partitions_of(schema, _on_executors(source)))


def _on_executors(source: DataFrame) -> Callable[[Work], Iterator[bytes]]:
    def run(work: Work) -> Iterator[bytes]:
        summaries = source.mapInArrow(work.summary_column, "summary binary")
        # Adaptive execution makes so many partitions of the summaries as they have advisory sizes, few at most.
        merged = summaries.hint("rebalance").mapInArrow(work.merge_column, "summary binary")
        with _computed():
            rows = _interruptible(source.sparkSession, merged.collect)
        for row in rows:
            yield bytes(row[0])

    return run


def _schema(source: DataFrame) -> pa.Schema:
    """Ask for no rows: Spark answers that from its plan, as Arrow."""
    with _computed():
        try:
            return source.limit(0).toArrow().schema.remove_metadata()
        except PySparkTypeError as error:
            odd = [field.name for field in source.schema if str(field.dataType) in str(error)]
            raise ColumnUnusable(
                f"Expected columns that Arrow can hold in a {_ORIGIN}, got {', '.join(map(repr, odd[:5]))}: {error} "
                "Cast or drop them."
            ) from None


def _computed() -> AbstractContextManager[None]:
    return parts_computed(_ORIGIN, (PySparkException, *_java_errors()), _told)


def _java_errors() -> tuple[Any, ...]:
    # The thin client of Connect comes without Java, and so without py4j.
    if find_spec("py4j") is None:
        return ()
    from py4j.protocol import Py4JJavaError

    return (Py4JJavaError,)


def _told(error: Any) -> str:
    """Tell what Java said, the cause first; an error's own text begins with the call that met it."""
    if not isinstance(error, _java_errors()):
        return str(error)
    said, thrown = [], error.java_exception
    while thrown is not None:
        said.append(str(thrown.getMessage()))
        thrown = thrown.getCause()
    return "\n".join(reversed(said))


def _interruptible(session: Any, compute: Callable[[], Any]) -> Any:
    """Compute in a thread: an interrupt within a call to Java would break the connection, and the job would go on."""
    tag = f"dsml-{uuid4().hex}"
    # Tags are the context's where there is one; Connect has them on the session.
    is_remote = "connect" in type(session).__module__
    tagging = session if is_remote else session.sparkContext

    def tagged() -> Any:
        (tagging.addTag if is_remote else tagging.addJobTag)(tag)
        return compute()

    pool = ThreadPoolExecutor(1, thread_name_prefix="dsml-spark")
    try:
        return pool.submit(inheritable_thread_target(session)(tagged)).result()
    except KeyboardInterrupt:
        (tagging.interruptTag if is_remote else tagging.cancelJobsWithTag)(tag)
        raise
    finally:
        pool.shutdown(wait=False)
