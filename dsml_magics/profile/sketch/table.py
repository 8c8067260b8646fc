"""The summary of a table: of its columns, their products, and a sample of rows."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

from dsml_magics.errors import ColumnNotFound, hint
from dsml_magics.profile.sketch.batch import Keeping, sketch_of
from dsml_magics.profile.sketch.column import ColumnSketch
from dsml_magics.profile.sketch.family import family_of, plain
from dsml_magics.profile.sketch.gram import WIDE, Gram
from dsml_magics.profile.sketch.hashing import hash_of_text, mixed
from dsml_magics.profile.sketch.origin import less, origin_of
from dsml_magics.profile.sketch.sample import Sample, Sampler, rows_kept

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa


_BLOCK = 16_384


@dataclass(frozen=True, slots=True, eq=False)
class TableSketch:
    """What is kept of a table.

    Attributes
    ----------
    columns
        In the table's order.
    gram
        Of the first 100 columns of numbers and truth values.
    sample
        All rows where `columns` are exact.
    """

    rows: int
    columns: Mapping[str, ColumnSketch]
    gram: Gram
    sample: Sample

    def merged(self, other: Self) -> "TableSketch":
        """Put two tables together.

        Raises
        ------
        ColumnNotFound, ColumnUnusable
            Their columns differ.
        """
        check_same(self.columns, other.columns)
        columns = {name: column.merged(other.columns[name]) for name, column in self.columns.items()}
        return TableSketch(
            self.rows + other.rows,
            columns,
            self.gram + other.gram.in_order(self.gram.names),
            self.sample.merged(other.sample),
        )


def check_same(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> None:
    """Refuse to add tables of different columns.

    Raises
    ------
    ColumnNotFound
        One has a column that the other has not.
    """
    for here, there in ((ours, theirs), (theirs, ours)):
        if lost := [name for name in here if name not in there]:
            raise ColumnNotFound(
                f"Expected the same columns in both profiles, got {lost[0]!r} in only one. {hint(lost[0], list(there))}"
            )


class Scan:
    """Summarises a stream of batches."""

    def __init__(self, schema: "pa.Schema", *, exact: bool) -> None:
        self._schema, self._exact, self._rows = schema, exact, 0
        self._columns: dict[str, ColumnSketch] = {
            field.name: sketch_of(field, empty_of(field), Keeping(exact))[0] for field in schema
        }
        self._factors = {name: hash_of_text(name) for name in schema.names}
        self._numbers = [
            place for place, field in enumerate(schema) if family_of(field.type) in ("number", "boolean")
        ][:WIDE]
        self._gram = Gram(tuple(schema.names[place] for place in self._numbers))
        self._origins: np.ndarray[Any, Any] | None = None
        self._sampler = Sampler(schema, rows_kept(len(schema)))
        self._whole: Sample | None = None

    def add(self, batch: "pa.RecordBatch") -> None:
        """Take in a batch; an exact scan takes one."""
        import numpy as np
        import pyarrow as pa

        rows = np.zeros(batch.num_rows, "<u8")
        arrays = []
        for field, array in zip(self._schema, batch.columns, strict=True):
            array = plain(array)  # noqa: PLW2901  normalised before use
            arrays.append(array)
            before = self._columns[field.name]
            threshold = before.hashes.threshold if before.hashes is not None else 2**64 - 1
            found, hashes = sketch_of(field, array, Keeping(self._exact, threshold))
            self._columns[field.name] = before.followed_by(found)
            hashes *= np.uint64(self._factors[field.name])
            rows += hashes
        rows = mixed(rows)
        if batch.num_rows and self._numbers:
            self._gram += self._products(arrays, batch.num_rows)
        if self._exact:
            self._whole = Sample.of(pa.Table.from_batches([batch]), rows, None)
        else:
            self._sampler.add(batch, rows)
        self._rows += batch.num_rows

    def sketch(self) -> TableSketch:
        """Give the summary of the rows so far."""
        sample = self._whole if self._whole is not None else self._sampler.sample()
        return TableSketch(self._rows, dict(self._columns), self._gram, sample)

    def _products(self, arrays: "list[pa.Array]", rows: int) -> Gram:
        import numpy as np

        if self._origins is None:
            self._origins = np.array([origin_of(arrays[number]) for number in self._numbers])
        columns = [
            less(arrays[number], origin)
            for number, origin in zip(self._numbers, self._origins.tolist(), strict=True)
        ]
        origins = self._origins if self._origins.any() else None
        block = np.empty((len(columns), min(rows, _BLOCK)))
        gram = Gram(self._gram.names)
        # Blocks that stay in the processor's cache.
        for start in range(0, rows, _BLOCK):
            values = block[:, : min(_BLOCK, rows - start)]
            for place, column in enumerate(columns):
                values[place] = column[start : start + _BLOCK]
            with np.errstate(all="ignore"):
                gaps = ~np.isfinite(values.sum(axis=1))
            gram += Gram.of(gram.names, values, gaps, origin=origins)
        return gram


def empty_of(field: "pa.Field") -> "pa.Array":
    """Make a column without rows."""
    import pyarrow as pa

    return plain(pa.nulls(0, field.type))


def settled(sketch: TableSketch, *, cells: int) -> TableSketch:
    """Shorten what is kept to what is stored."""
    columns = {name: column.settled() for name, column in sketch.columns.items()}
    limit = rows_kept(len(columns), cells)
    return replace(sketch, columns=columns, sample=sketch.sample.shrunk(limit))
