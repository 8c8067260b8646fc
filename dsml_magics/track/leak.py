"""Rows that a table to fit on shares with one to test on, and how many of them natural duplicates explain."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from math import sqrt
from typing import TYPE_CHECKING, Any

from dsml_magics.frames.opening import is_distributed, is_table, open_table

if TYPE_CHECKING:
    import numpy as np

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
    pairs = list(_pairs(tables))
    hashes = {name: _hashes_of_rows(tables[name]) for name in {name for pair in pairs for name in pair}}
    found = [_overlap(pair, hashes) for pair in pairs]
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


def _hashes_of_rows(value: Any) -> "np.ndarray[Any, Any]":
    import numpy as np

    from dsml_magics.profile.sketch.hashing import hash_of_text, hashes_of, mixed

    parts = []
    for batch in open_table(value).batches():
        rows = np.zeros(batch.num_rows, "<u8")
        for name, array in zip(batch.schema.names, batch.columns, strict=True):
            rows += hashes_of(array) * np.uint64(hash_of_text(name))
        parts.append(mixed(rows))
    return np.concatenate(parts)


def _overlap(pair: tuple[str, str], hashes: "Mapping[str, np.ndarray[Any, Any]]") -> Overlap | None:
    import numpy as np

    fitted, tested = (hashes[name] for name in pair)
    _, counts = np.unique(fitted, return_counts=True)
    repeated = counts[counts > 1]
    shared = int(np.isin(tested, fitted).sum())
    share = float(repeated.sum()) / len(fitted)
    explained = share * len(tested)
    # Rows that repeat come in groups, of which all are shared or none; and the share is itself of a sample.
    size = float((repeated**2).sum() / repeated.sum()) if len(repeated) else 1.0
    variance = explained * (1 - share) * size * (1 + len(tested) / len(fitted))
    if shared <= explained + _SIGMAS * sqrt(variance):
        return None
    return Overlap(*pair, shared, len(tested), explained)
