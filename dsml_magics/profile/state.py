"""What a profile keeps of a table: its rows while they are few, else their summary."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from dsml_magics.errors import DataError
from dsml_magics.frames.progress import watched
from dsml_magics.frames.table import BATCH_ROWS, Table
from dsml_magics.profile.sketch.column import ColumnSketch, common_type
from dsml_magics.profile.sketch.hashing import STAMP
from dsml_magics.profile.sketch.order import Order
from dsml_magics.profile.sketch.table import Scan, TableSketch, check_same

if TYPE_CHECKING:
    import pyarrow as pa

EXACT_CELLS = 1_000_000
"""Tables of at most so many cells are kept as they are: everything said of them is exact."""


@dataclass(frozen=True)
class State:
    """A table, as far as it is kept. Sums in any order and grouping say the same, within their bounds.

    Attributes
    ----------
    tables
        The tables that were added, while all is kept.
    summary
        Their summary, once there is too much; then `tables` is empty.
    stamp
        The rules its hashes were made by.
    """

    tables: "tuple[pa.Table, ...]" = ()
    summary: TableSketch | None = field(default=None, repr=False)
    stamp: str = STAMP

    @property
    def is_empty(self) -> bool:
        """Whether nothing was added, not even a table without rows."""
        return not self.tables and self.summary is None

    @property
    def is_exact(self) -> bool:
        return self.summary is None

    @property
    def rows(self) -> int:
        """How many rows were added."""
        if self.summary is not None:
            return self.summary.rows
        return sum(table.num_rows for table in self.tables)

    @property
    def width(self) -> int:
        """How many columns there are."""
        if self.summary is not None:
            return len(self.summary.columns)
        return self.tables[0].num_columns if self.tables else 0

    def __add__(self, other: "State") -> "State":
        if self.is_empty or other.is_empty:
            return other if self.is_empty else self
        if self.stamp != other.stamp:
            raise DataError(
                f"Expected profiles whose values were hashed alike, got {self.stamp} and {other.stamp}. "
                "Profile the data of the older one again."
            )
        if self.summary is None and other.summary is None:
            check_same(
                dict.fromkeys(self.tables[0].column_names), dict.fromkeys(other.tables[0].column_names)
            )
            both = State(_in_one_type(self.tables + other.tables))
            if sum(table.num_rows * table.num_columns for table in both.tables) <= EXACT_CELLS:
                return both
        return State(summary=self.bounded().merged(other.bounded()))

    @cached_property
    def sketch(self) -> TableSketch:
        """The summary that the figures are read from: exact where all rows are kept."""
        import pyarrow as pa

        if self.summary is not None:
            return self.summary
        whole = pa.concat_tables(self.tables).combine_chunks()
        found = _scanned(iter([_one_batch(whole)]), whole.schema, exact=True)
        return (
            found if len(self.tables) == 1 else replace(found, columns=_in_order(found.columns, self.tables))
        )

    def bounded(self) -> TableSketch:
        """Summarise within limits."""
        if self.summary is not None:
            return self.summary
        parts = [
            _summary(iter(table.to_batches(max_chunksize=BATCH_ROWS)), table.schema) for table in self.tables
        ]
        whole = parts[0]
        for part in parts[1:]:
            whole = whole.merged(part)
        return whole


def state_of(table: Table) -> State:
    """Read a table once, and keep what a profile needs of it."""
    import pyarrow as pa

    kept, cells = [], 0
    with watched(table.batches(), title="Profiling", rows=table.rows) as batches:
        for batch in batches:
            kept.append(batch)
            cells += batch.num_rows * batch.num_columns
            if cells > EXACT_CELLS:
                return State(summary=_summary(_chained(kept, batches), table.schema))
    return State((pa.Table.from_batches(kept, schema=table.schema),))


def _summary(batches: "Iterator[pa.RecordBatch]", schema: "pa.Schema") -> TableSketch:
    from threadpoolctl import threadpool_limits

    # Products of narrow blocks: threads would wait for one another longer than they multiply.
    with threadpool_limits(1, user_api="blas"):
        return _scanned(batches, schema, exact=False)


def _chained(kept: "list[pa.RecordBatch]", rest: "Iterator[pa.RecordBatch]") -> "Iterator[pa.RecordBatch]":
    # Emptied on the way: what was read must not stay in memory.
    while kept:
        yield kept.pop(0)
    yield from rest


def _scanned(batches: "Iterator[pa.RecordBatch]", schema: "pa.Schema", *, exact: bool) -> TableSketch:
    scan = Scan(schema, exact=exact)
    for batch in batches:
        for start in range(0, max(batch.num_rows, 1), BATCH_ROWS if not exact else max(batch.num_rows, 1)):
            scan.add(batch.slice(start, BATCH_ROWS) if not exact else batch)
    return scan.sketch()


def _one_batch(table: "pa.Table") -> "pa.RecordBatch":
    import pyarrow as pa

    batches = table.to_batches()
    if batches:
        return batches[0] if len(batches) == 1 else pa.concat_batches(batches)
    return pa.RecordBatch.from_arrays([pa.nulls(0, kind) for kind in table.schema.types], schema=table.schema)


def _in_order(columns: Mapping[str, ColumnSketch], tables: "tuple[pa.Table, ...]") -> dict[str, ColumnSketch]:
    """Tell the order of a sum of tables: of each, not of their rows in the order in which they were added."""
    from dsml_magics.profile.sketch.batch import Keeping, sketch_of

    found = dict(columns)
    for name, column in columns.items():
        if column.family == "time":
            parts = (
                sketch_of(table.schema.field(name), table.column(name), Keeping(exact=True))[0].order
                for table in tables
            )
            of_each, whole = sum(parts, Order()), column.order
            order = Order(of_each.rising, of_each.falling, whole.steps, whole.gaps, whole.widest)
            found[name] = replace(column, order=order)
    return found


def _in_one_type(tables: "tuple[pa.Table, ...]") -> "tuple[pa.Table, ...]":
    """Cast tables to the schema that holds the values of all, in the first one's order of columns.

    Raises
    ------
    ColumnUnusable
        A column has no type in common.
    """
    import pyarrow as pa

    first = tables[0].schema
    if all(table.schema.equals(first, check_metadata=True) for table in tables):
        return tables
    fields = []
    for known in first:
        kind = known.type
        metadata = dict(known.metadata or {})
        for table in tables[1:]:
            there = table.schema.field(known.name)
            kind = common_type(ColumnSketch(known.name, kind), ColumnSketch(known.name, there.type))
            metadata |= there.metadata or {}
        fields.append(pa.field(known.name, kind, metadata=metadata))
    schema = pa.schema(fields)
    return tuple(table.select(schema.names).cast(schema) for table in tables)
