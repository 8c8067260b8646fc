"""Rows that a table to fit on shares with one to test on, and how many of them natural duplicates explain."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from math import sqrt
from typing import TYPE_CHECKING, Any

from dsml_magics.frames.opening import is_distributed, is_table, open_table
from dsml_magics.frames.table import Table

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

_CELLS = 50_000_000
"""Larger tables are not compared: it would take longer than a moment."""
_SIGMAS = 4.0
_LAZY = ("LazyFrame", "DuckDBPyRelation")
_FITTED = re.compile(r"train|(^|_)(tr|fit)($|_)", re.IGNORECASE)
_TESTED = re.compile(r"test|valid|eval|hold_?out|(^|_)(val|dev|oos|te)($|_)", re.IGNORECASE)


@dataclass(frozen=True)
class Overlap:
    """Rows shared by a table to fit on and one to test on.

    Attributes
    ----------
    rows
        Rows of the tested table whose equal stands in the fitted one; exact, but for equal hashes of 64 bits.
    of
        All rows of the tested table.
    explained
        How many would be shared by chance: the share of rows of the fitted table that have an equal there, of `of`.
    """

    fitted: str
    tested: str
    rows: int
    of: int
    explained: float

    def __str__(self) -> str:
        natural = f"about {self.explained:,.0f}" if self.explained >= 0.5 else "none"
        return (
            f"{self.fitted} and {self.tested} share {self.rows:,} rows ({self.rows / self.of:.1%} of {self.tested}); "
            f"natural duplicates explain {natural} of them. A model tested on rows it was fitted on looks better than it is."
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        tables = [self.fitted, self.tested]
        return {"tables": tables, "rows": self.rows, "of": self.of, "explained": round(self.explained, 1)}


def find_leaks(tables: Mapping[str, Any]) -> list[Overlap]:
    """Compare the tables whose names say that they are fitted on with those that are tested on.

    Shared rows that natural duplicates explain are no leak.
    """
    found = [_overlap(pair, _hashes_of_pair(*(tables[name] for name in pair))) for pair in _pairs(tables)]
    return [overlap for overlap in found if overlap is not None]


def _pairs(tables: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    fitted = [name for name in tables if _FITTED.search(name)]
    tested = [name for name in tables if _TESTED.search(name) and not _FITTED.search(name)]
    for pair in product(fitted, tested):
        columns = [_columns(tables[name]) for name in pair]
        if columns[0] == columns[1] and columns[0]:
            yield pair


def _columns(value: Any) -> list[str]:
    """Return the columns of a table that is compared: in memory, of two columns or more, and not too large."""
    if not is_table(value) or is_distributed(value) or type(value).__name__ in _LAZY:
        return []
    table = open_table(value)
    columns = table.columns
    return columns if len(columns) > 1 and 0 < (table.rows or 0) * len(columns) <= _CELLS else []


def _hashes_of_pair(*tables: Any) -> "list[np.ndarray[Any, Any]]":
    """Hash the rows of two tables of the same columns, so that equal rows have equal hashes."""
    opened = [open_table(value) for value in tables]
    schemas = [{field.name: field.type for field in table.schema} for table in opened]
    is_plain = schemas[0] == schemas[1] and all(map(_is_hashed_by_polars, schemas[0].values()))
    return [_hashes_of_rows(table, _hash_by_polars if is_plain else _hash_by_value) for table in opened]


def _hashes_of_rows(table: Table, hash_batch: "Callable[[pa.RecordBatch], Any]") -> "np.ndarray[Any, Any]":
    import numpy as np

    return np.concatenate([hash_batch(batch) for batch in table.batches()])


def _is_hashed_by_polars(kind: "pa.DataType") -> bool:
    import pyarrow as pa

    tests = (pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean, pa.types.is_string)
    return any(test(kind) for test in (*tests, pa.types.is_large_string))


def _hash_by_polars(batch: "pa.RecordBatch") -> Any:
    """Hash in a tenth of the time; the hashes hold for this process and these types only."""
    import polars as pl

    frame = pl.from_arrow(batch)
    assert isinstance(frame, pl.DataFrame)
    return frame.hash_rows().to_numpy()


def _hash_by_value(batch: "pa.RecordBatch") -> Any:
    """Hash by value: 1 and 1.0 are the same, however the columns are encoded."""
    import numpy as np

    from dsml_magics.profile.sketch.hashing import hash_of_text, hashes_of, mixed

    rows = np.zeros(batch.num_rows, "<u8")
    for name, array in zip(batch.schema.names, batch.columns, strict=True):
        rows += hashes_of(array) * np.uint64(hash_of_text(name))
    return mixed(rows)


def _overlap(pair: tuple[str, str], hashes: "list[np.ndarray[Any, Any]]") -> Overlap | None:
    import numpy as np

    fitted, tested = hashes
    ordered = np.sort(fitted)
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    counts = np.diff(starts, append=len(ordered))
    repeated = counts[counts > 1]
    places = np.searchsorted(ordered, tested).clip(max=len(ordered) - 1)
    shared = int((ordered[places] == tested).sum())
    share = float(repeated.sum()) / len(fitted)
    explained = share * len(tested)
    # Rows that repeat come in groups, of which all are shared or none; and the share is itself of a sample.
    size = float((repeated**2).sum() / repeated.sum()) if len(repeated) else 1.0
    variance = explained * (1 - share) * size * (1 + len(tested) / len(fitted))
    if shared <= explained + _SIGMAS * sqrt(variance):
        return None
    return Overlap(*pair, shared, len(tested), explained)
