"""A sample of rows that any machine would choose alike: those with the least hashes."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

CELLS = 400_000
"""So many cells are kept, in no less than `FEWEST` and no more than `MOST` rows."""
FEWEST, MOST = 500, 20_000
_CHARACTERS = 1_000
_WHOLE = 2.0**64


def rows_kept(columns: int, cells: int = CELLS) -> int:
    """Tell how many rows are kept of a table with so many columns."""
    return max(FEWEST, min(MOST, cells // max(columns, 1)))


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Distinct rows with the least hashes, and how often each stands in the table (Gibbons 2001).

    As the hash of a row decides, a sum of samples is the sample of the sum, in any order. Rows that repeat
    are counted exactly, so duplicates and rows that two tables share can be estimated.

    Attributes
    ----------
    table
        The rows, sorted by hash once they are a sample. Long texts are cut to 1,000 characters.
    hashes
        Of these rows.
    weights
        How often each stands in the table.
    rows
        Rows of the whole table.
    limit
        At most so many rows are kept; None keeps all.
    """

    table: "pa.Table"
    hashes: "np.ndarray[Any, Any]"
    weights: "np.ndarray[Any, Any]"
    rows: int
    limit: int | None = None

    @classmethod
    def of(cls, table: "pa.Table", hashes: "np.ndarray[Any, Any]", limit: int | None) -> Self:
        """Sample the rows of a table in memory, given their hashes."""
        import numpy as np

        return cls(table, hashes, np.ones(len(hashes), np.int64), len(hashes)).shrunk(limit)

    @property
    def is_complete(self) -> bool:
        """Whether every row of the table is represented."""
        return int(self.weights.sum()) == self.rows

    @property
    def reach(self) -> float:
        """Share of all hashes that lie below the greatest kept one."""
        return 1.0 if self.is_complete or not len(self.hashes) else float(self.hashes[-1]) / _WHOLE

    def shrunk(self, limit: int | None) -> Self:
        """Put equal rows together, and keep those with the least hashes."""
        import numpy as np
        import pyarrow as pa

        chosen, counts = _distinct(self.hashes, self.weights)
        if len(chosen) == len(self.hashes) and (limit is None or len(chosen) <= limit):
            return type(self)(self.table, self.hashes, self.weights, self.rows, limit)
        chosen, counts = chosen[:limit], counts[:limit]
        table = self.table.take(pa.array(chosen))
        return type(self)(table, self.hashes[chosen], np.asarray(counts), self.rows, limit)

    def merged(self, other: Self) -> Self:
        """Sample both tables together; the smaller limit counts."""
        import numpy as np
        import pyarrow as pa

        if self.is_forgotten or other.is_forgotten:
            forgotten = (self if self.is_forgotten else other).emptied()
            return replace(forgotten, rows=self.rows + other.rows)
        limits = [limit for limit in (self.limit, other.limit) if limit is not None]
        table = pa.concat_tables([self.table, other.table], promote_options="permissive").combine_chunks()
        both = type(self)(
            table,
            np.concatenate([self.hashes, other.hashes]),
            np.concatenate([self.weights, other.weights]),
            self.rows + other.rows,
        )
        return both.shrunk(min(limits, default=None))

    def emptied(self) -> Self:
        """Forget the rows."""
        import numpy as np

        none = np.empty(0, np.int64)
        return type(self)(self.table.slice(0, 0), none.astype("<u8"), none, self.rows, self.limit)

    @property
    def is_forgotten(self) -> bool:
        """Whether nothing is known of the rows there are."""
        return self.rows > 0 and not len(self.hashes)

    def duplicates(self) -> tuple[int, float]:
        """Estimate the rows whose equal stands in another row, and how far that may be off, as a share of all rows."""
        kept = int(self.weights.sum())
        if not kept:
            return 0, 1.0 if self.rows else 0.0
        share = 1 - len(self.weights) / kept
        if self.is_complete:
            return kept - len(self.weights), 0.0
        return round(share * self.rows), _spread(share, len(self.weights))

    def overlap(self, other: Self) -> tuple[int, float]:
        """Estimate the distinct rows that both tables hold, and how far that may be off, as a share of the other's."""
        import numpy as np

        if self.is_forgotten or other.is_forgotten:
            return 0, 1.0
        reach = min(self.reach, other.reach)
        ours, theirs = (
            hashes[hashes.astype("f8") / _WHOLE <= reach] for hashes in (self.hashes, other.hashes)
        )
        shared = len(np.intersect1d(ours, theirs))
        if self.is_complete and other.is_complete:
            return shared, 0.0
        return round(shared / reach), _spread(shared / max(len(theirs), 1), max(len(theirs), 1))

    def values(self, name: str, limit: int) -> list[Any]:
        """List up to `limit` distinct present values of a column, chosen by the hashes of their rows."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        column = self.table.column(name)
        if len(self.hashes) > 2 * limit and self.limit is None:
            column = column.take(pa.array(np.argpartition(self.hashes, 2 * limit)[: 2 * limit]))
        found: list[Any] = pc.drop_null(pc.unique(column)).slice(0, limit).to_pylist()
        return found


def _distinct(
    hashes: "np.ndarray[Any, Any]", weights: "np.ndarray[Any, Any]"
) -> "tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]":
    """Find the first of each hash, in the order of hashes, and the sum of its weights."""
    import numpy as np

    order = np.argsort(hashes)
    ranked = hashes[order]
    starts = np.flatnonzero(np.concatenate([[True], ranked[1:] != ranked[:-1]])) if len(order) else order
    sums = np.add.reduceat(weights[order], starts) if len(order) else weights
    return order[starts], sums


def _spread(share: float, size: int) -> float:
    """Bound an estimated share by three standard errors; where nothing was seen, by the rule of three."""
    return float(3 * (share * (1 - share) / size) ** 0.5 + 3 / size)


class Sampler:
    """Gathers the sample of a stream of batches."""

    def __init__(self, schema: "pa.Schema", limit: int) -> None:
        self._schema, self._limit = schema, limit
        self._sample: Sample | None = None
        self._tables: list[pa.Table] = []
        self._hashes: list[Any] = []
        self._waiting = self._passed = 0

    def add(self, batch: "pa.RecordBatch", hashes: "np.ndarray[Any, Any]") -> None:
        """Take in the rows of a batch whose hashes are low enough."""
        import numpy as np
        import pyarrow as pa

        full = self._sample is not None and len(self._sample.hashes) == self._limit
        if full and self._sample is not None:
            chosen = np.flatnonzero(hashes <= self._sample.hashes[-1])
        elif len(hashes) > 2 * self._limit:
            # Twice as many as are kept, as some may be equal.
            chosen = np.flatnonzero(hashes <= np.partition(hashes, 2 * self._limit)[2 * self._limit])
        else:
            chosen = np.arange(len(hashes))
        self._passed += len(hashes)
        if len(chosen):
            taken = pa.Table.from_batches([batch]).take(pa.array(chosen))
            self._tables.append(cut(taken))
            self._hashes.append(hashes[chosen])
            self._waiting += len(chosen)
        if self._waiting > (self._limit if full else 0):
            self._settle()

    def sample(self) -> Sample:
        """Give the sample of the rows so far."""
        self._settle()
        if self._sample is None:
            import numpy as np

            none = cut(self._schema.empty_table())
            return Sample(none, np.empty(0, "<u8"), np.empty(0, np.int64), self._passed, self._limit)
        return replace(self._sample, rows=self._passed)

    def _settle(self) -> None:
        import numpy as np
        import pyarrow as pa

        if not self._tables:
            return
        waiting = Sample.of(pa.concat_tables(self._tables), np.concatenate(self._hashes), self._limit)
        self._sample = waiting if self._sample is None else self._sample.merged(waiting)
        self._tables, self._hashes, self._waiting = [], [], 0


def cut(table: "pa.Table") -> "pa.Table":
    """Shorten long texts, so that a sample stays small, and write out what is encoded."""
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import types

    for place, field in enumerate(table.schema):
        column = table.column(place)
        is_text = types.is_string(field.type) or types.is_large_string(field.type)
        if is_text and column.nbytes > _CHARACTERS * max(len(column), 1) // 4:
            table = table.set_column(
                place, field, pc.utf8_slice_codeunits(column, 0, _CHARACTERS).cast(field.type)
            )
        elif types.is_dictionary(field.type):
            table = table.set_column(
                place, pa.field(field.name, field.type.value_type), column.cast(field.type.value_type)
            )
    return table
