"""The least that must be done to each column, as fast as polars and numpy can: the floor to hold a profiler against.

One sort gives the distinct values, the quantiles and the histogram; polars the moments. Texts are counted by
one hash table. Nothing is inferred, related to another column, or shown.
"""

from typing import Any

import numpy as np
import pandas as pd
import polars as pl

PERCENTS = np.linspace(0, 1, 101)


def bare(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Measure each column of the frame."""
    return [measured(pl.from_pandas(frame[name], nan_to_null=False)) for name in frame]


def measured(column: pl.Series) -> dict[str, Any]:
    if column.dtype == pl.String:
        return counted(column)
    if column.dtype == pl.Boolean:
        return {"missing": column.null_count(), "true": column.sum()}
    return ordered(column)


def counted(column: pl.Series) -> dict[str, Any]:
    missing = column.null_count()
    counts = column.value_counts()
    return {"missing": missing, "distinct": len(counts), "top": counts.top_k(10, by="count").rows()}


def ordered(column: pl.Series) -> dict[str, Any]:
    present = column.drop_nulls()
    if present.dtype.is_float() and present.is_nan().any():
        present = present.drop_nans()
    in_order = np.sort(present.to_physical().to_numpy())
    numbers = present.to_physical()
    return {
        "missing": len(column) - len(present),
        "distinct": int(np.count_nonzero(in_order[1:] != in_order[:-1])) + 1,
        "percentiles": in_order[(PERCENTS * (in_order.size - 1)).astype(np.int64)],
        "histogram": np.searchsorted(in_order, np.linspace(float(in_order[0]), float(in_order[-1]), 31)),
        "moments": (numbers.mean(), numbers.std(), numbers.skew(), numbers.kurtosis()),
    }
