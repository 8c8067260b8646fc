"""A seeded table of mixed columns, written to Parquet in bounded memory: ``python tables.py ROWS COLUMNS FILE``.

The fifteen kinds of columns below repeat, with other seeds, until there are enough of them.
"""

import sys
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

BATCH = 250_000
"""Rows made, and written as a row group, at a time."""
DAY = 86_400_000_000
"""In microseconds."""
START = 1_704_067_200_000_000
"""The first moment of 2024, in microseconds."""

Rng = np.random.Generator
Maker = Callable[[Rng, np.ndarray], pa.Array]
"""Makes the values of the rows whose numbers are given."""


def gaps(rng: Rng, rows: np.ndarray, share: float) -> np.ndarray:
    return rng.random(rows.size) < share


def zipf(rng: Rng, rows: np.ndarray, levels: int) -> np.ndarray:
    """Draw levels of which the n-th is n times rarer than the first."""
    weights = 1 / np.arange(1, levels + 1)
    return np.searchsorted(np.cumsum(weights / weights.sum())[:-1], rng.random(rows.size))


def words(indices: np.ndarray, names: list[str], mask: np.ndarray | None = None) -> pa.Array:
    codes = pa.array(indices.astype(np.int32), mask=mask)
    return pa.DictionaryArray.from_arrays(codes, names).cast(pa.string())


def correlated(rng: Rng, rows: np.ndarray) -> pa.Array:
    """Follow the `normal` column, which draws the same numbers first."""
    base = rng.normal(50, 12, rows.size)
    return pa.array(0.9 * base + rng.normal(0, 5, rows.size))


def lognormal(rng: Rng, rows: np.ndarray) -> pa.Array:
    return pa.array(rng.lognormal(3, 1, rows.size), mask=gaps(rng, rows, 0.05))


def moments(rng: Rng, rows: np.ndarray) -> pa.Array:
    """A log: one entry every few seconds, in order."""
    ticks = START + rows * 3_000_000 + rng.integers(0, 3_000_000, rows.size)
    return pa.array(ticks.astype("datetime64[us]"))


def days(rng: Rng, rows: np.ndarray) -> pa.Array:
    ticks = START + rng.integers(0, 730, rows.size) * DAY
    return pa.array(ticks.astype("datetime64[us]"), mask=gaps(rng, rows, 0.02))


def prices(rng: Rng, rows: np.ndarray) -> pa.Array:
    """Two decimals; a third of them is zero."""
    return pa.array(np.round(rng.gamma(2, 40, rows.size), 2) * (rng.random(rows.size) > 0.3))


def emails(rng: Rng, rows: np.ndarray) -> pa.Array:
    """Customers who come about three times, at a handful of hosts."""
    customers = rng.integers(0, max(rows[-1] // 3, 10), rows.size)
    hosts = words(customers % 8, [f"@mail{n}.example" for n in range(8)])
    return pc.binary_join_element_wise("customer.", pa.array(customers).cast(pa.string()), hosts, "")


def identifiers(_: Rng, rows: np.ndarray) -> pa.Array:
    """A different one in each row, in no order: multiplying by an odd number permutes the 64-bit numbers."""
    scattered = rows.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return pc.binary_join_element_wise("u-", pa.array(scattered).cast(pa.string()), "")


KINDS: dict[str, Maker] = {
    "normal": lambda rng, rows: pa.array(rng.normal(50, 12, rows.size)),
    "lognormal": lognormal,
    "few": lambda rng, rows: pa.array(rng.poisson(2, rows.size)),
    "many": lambda rng, rows: pa.array(rng.integers(0, 10**9, rows.size)),
    "flag": lambda rng, rows: pa.array(rng.random(rows.size) < 0.3, mask=gaps(rng, rows, 0.1)),
    "moment": moments,
    "level": lambda rng, rows: words(zipf(rng, rows, 5), ["basic", "plus", "premium", "trial", "none"]),
    "product": lambda rng, rows: words(
        zipf(rng, rows, 1000), [f"Product {n:04}" for n in range(1000)], gaps(rng, rows, 0.03)
    ),
    "identifier": identifiers,
    "email": emails,
    "correlated": correlated,
    "constant": lambda _, rows: words(np.zeros(rows.size), ["v1"]),
    "price": prices,
    "day": days,
    "city": lambda rng, rows: words(zipf(rng, rows, 60), [f"City {n}" for n in range(60)]),
}


def batch(first: int, size: int, columns: int) -> pa.Table:
    """Make some rows: the same whatever batch they are made in, if batches start at the same rows."""
    rows = np.arange(first, first + size, dtype=np.int64)
    made = {}
    for n in range(columns):
        kind = list(KINDS)[n % len(KINDS)]
        seed = (n // len(KINDS), first, 0 if kind in ("normal", "correlated") else n)
        made[kind if n < len(KINDS) else f"{kind} {n // len(KINDS) + 1}"] = KINDS[kind](
            np.random.default_rng(seed), rows
        )
    return pa.table(made)


def write(rows: int, columns: int, path: str) -> None:
    with pq.ParquetWriter(path, batch(0, 1, columns).schema) as writer:
        for first in range(0, rows, BATCH):
            writer.write_table(batch(first, min(BATCH, rows - first), columns))


if __name__ == "__main__":
    write(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
