"""Every figure of a table's profile, held against pandas, numpy and scipy."""

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from dsml_magics.frames.opening import open_table
from dsml_magics.profile.column import Column
from dsml_magics.profile.figures import Association
from dsml_magics.profile.state import State, state_of
from dsml_magics.profile.value import Profile
from dsml_magics.profile.vectors import LEVELS

CLOSE = 1e-9
"""Figures of floats differ by rounding; more of the greatest number at play is a difference."""

Difference = tuple[str, Any, Any]
"""What differs, what the profile says, and what is true."""


def sketched(table: pd.DataFrame, parts: int = 3) -> Profile:
    """Profile a table as if it were large: summaries of its parts, added."""
    cuts = np.linspace(0, len(table), parts + 1).astype(int)
    pieces = [table.iloc[low:high] for low, high in pairwise(cuts)]
    states = [State(summary=state_of(open_table(piece)).bounded()) for piece in pieces if len(piece)]
    return sum((Profile(state) for state in states), Profile())


def differences(table: pd.DataFrame, profile: Profile) -> Iterator[Difference]:
    """Give what differs by more than its bound; associations apart, whose bounds hold in 95 of 100."""
    yield from _of_table(table, profile)
    for name, values in table.items():
        column = profile.columns[str(name)]
        for what, found, true, off in _of_column(values, column):
            if not _is_close(found, true, off):
                yield f"{name}: {what}", found, true


def _of_table(table: pd.DataFrame, profile: Profile) -> Iterator[Difference]:
    rows = max(len(table), 1)
    gaps = table.isna()
    known = [
        ("rows", profile.rows, len(table), 0.0),
        ("missing cells", profile.missing.cells, int(gaps.sum().sum()), 0.0),
        # A bound of one standard error: three hold.
        ("complete rows", profile.missing.complete, int((~gaps.any(axis=1)).sum()), 3 * profile.missing.bound * rows),
        ("duplicate rows", profile.duplicate_rows, _duplicates(table), profile.figures.duplicate_bound * rows),
    ]  # fmt: skip
    yield from (each[:3] for each in known if not _is_close(*each[1:]))


def _duplicates(table: pd.DataFrame) -> int:
    return int(table.map(str).duplicated().sum())


def _is_close(found: Any, true: Any, off: float) -> bool:
    if isinstance(true, float) and isinstance(found, int | float):
        if math.isnan(true) or math.isinf(true):
            return str(float(found)) == str(true)
        return abs(found - true) <= off + CLOSE * max(1e-300, abs(true))
    if isinstance(found, int | float) and isinstance(true, int | float):
        return abs(found - true) <= off
    return bool(found == true)


Figure = tuple[str, Any, Any, float]
"""What it is, what the profile says, what is true, and how far the former may be off."""


def _of_column(values: pd.Series, column: Column) -> Iterator[Figure]:
    present = values.dropna()
    yield "missing", column.missing, int(values.isna().sum()), 0.0
    if isinstance(present.dtype, pd.CategoricalDtype):
        present = present.astype(present.cat.categories.dtype)
    if len(present) and not present.map(lambda value: isinstance(value, list | dict | set)).any():
        distinct = int(present.nunique())
        yield "distinct", column.distinct, distinct, column.bound("distinct") * distinct
        yield from _of_top(present, column)
    if pd.api.types.is_bool_dtype(values) or not len(present):
        return
    if pd.api.types.is_numeric_dtype(present):
        yield from _of_numbers(present, column)
    elif pd.api.types.is_datetime64_any_dtype(present):
        yield from _of_times(present, column)
    elif column.text is not None:
        lengths = present.map(len)
        yield "shortest", column.text.shortest, int(lengths.min()), 0.0
        yield "longest", column.text.longest, int(lengths.max()), 0.0
        yield "mean length", column.text.mean, float(lengths.mean()), 0.0
        yield "blank", column.text.blank, int((present.str.strip() == "").sum()), 0.0


def _of_top(present: pd.Series, column: Column) -> Iterator[Figure]:
    counts = present.value_counts()
    if pd.api.types.is_datetime64_any_dtype(present):
        return
    for place, (value, count) in enumerate(column.top):
        true = int(counts.get(value, 0))
        yield f"count of {value!r}", count, true, column.bound("top") * count
        yield f"rank {place} of the counts", count, int(counts.iloc[place]), column.bound("top") * count


def _of_times(present: pd.Series, column: Column) -> Iterator[Figure]:
    for what, found, true in (("min", column.min, present.min()), ("max", column.max, present.max())):
        yield what, str(pd.Timestamp(found)), str(true.floor("us")), 0.0
    yield "mean", abs((pd.Timestamp(column.mean) - present.mean()).total_seconds()) < 1, True, 0.0


def _of_numbers(present: pd.Series, column: Column) -> Iterator[Figure]:
    values = present.to_numpy(np.float64)
    finite = values[np.isfinite(values)]
    yield "min", float(column.min), float(values.min()), 0.0
    yield "max", float(column.max), float(values.max()), 0.0
    yield "zeros", column.zeros, int((values == 0).sum()), 0.0
    yield "negative", column.negative, int((values < 0).sum()), 0.0
    yield "infinite", column.infinite, len(values) - len(finite), 0.0
    near = finite - finite[0]
    scale = float(np.abs(near).max(initial=0.0))
    if len(finite) == len(values):
        yield (
            "mean",
            float(column.mean) - float(finite[0]),
            float(near.mean()),
            CLOSE * max(scale, abs(finite[0]) * 1e-6),
        )
        if len(finite) > 1:
            yield "std", column.std, float(near.std(ddof=1)), CLOSE * scale
    if scale and len(finite) > 3:
        yield "skewness", column.skewness, float(stats.skew(near)), 1e-6
        yield (
            "kurtosis",
            column.kurtosis,
            float(stats.kurtosis(near)),
            1e-6 * max(1, abs(column.kurtosis or 0)),
        )
    yield from _of_ranks(values, finite, column)


def _of_ranks(values: np.ndarray, finite: np.ndarray, column: Column) -> Iterator[Figure]:
    """Percentiles as far as ranks may be off, histogram, and values far off."""
    off, ordered = column.bound("percentiles"), np.sort(values)
    for percent, found in enumerate(column.percentiles):
        low, high = (
            float(np.quantile(ordered, min(1.0, max(0.0, percent / 100 + way * (off + (1 / len(values) if off else 0))))))
            for way in (-1, 1)
        )  # fmt: skip
        nearest = min(max(float(found), low), high)
        yield f"percentile {percent}", float(found), nearest, 0.0
    if column.histogram and len(column.histogram.counts) > 1:
        counts, _ = np.histogram(finite, column.histogram.edges)
        more = column.bound("histogram") * len(values)
        for place, (found, true) in enumerate(zip(column.histogram.counts, counts.tolist(), strict=True)):
            yield f"bin {place}", found, true, more + (2 if more else 0)
    for what, true in (("outliers", _outliers(values)), ("deviants", _deviants(values))):
        yield what, getattr(column, what), true, column.bound(what) * len(values) + 1e-6


def _outliers(values: np.ndarray) -> int:
    lower, upper = np.quantile(values, [0.25, 0.75])
    low, high = lower - 3 * (upper - lower), upper + 3 * (upper - lower)
    return int((((values < low) | (values > high)) & np.isfinite(values)).sum()) if len(values) >= 8 else 0


def _deviants(values: np.ndarray) -> int:
    middle = np.median(values)
    distances = np.abs(values - middle)
    spread = np.median(distances)
    far = (distances > spread * 3.5 / 0.6745) & np.isfinite(values)
    return int(far.sum()) if spread and len(values) >= 8 else 0


def associations(table: pd.DataFrame, profile: Profile) -> Iterator[tuple[Association, float]]:
    """Give each association that is listed, and the true strength."""
    for pair in profile.associations:
        one, two = (table[name] for name in (pair.column, pair.other))
        grouped = [
            profile.columns[name].kind in ("categorical", "boolean") for name in (pair.column, pair.other)
        ]
        if pair.measure == "Pearson":
            yield pair, abs(_pearson(one, two))
        elif pair.measure == "Cramér's V":
            yield pair, _cramers_v(_grouped(one), _grouped(two))
        else:
            groups, numbers = (one, two) if grouped[0] else (two, one)
            yield pair, _ratio(_grouped(groups), _numbers(numbers))


def _numbers(values: pd.Series) -> pd.Series:
    if pd.api.types.is_datetime64_any_dtype(values):
        return (values - values.min()).dt.total_seconds()
    return values.astype(float).replace([np.inf, -np.inf], np.nan)


def _pearson(one: pd.Series, two: pd.Series) -> float:
    both = pd.DataFrame({"one": _numbers(one), "two": _numbers(two)}).dropna()
    both -= both.mean()
    return float(stats.pearsonr(both["one"], both["two"]).statistic)


def _grouped(values: pd.Series) -> pd.Series:
    """Keep the 49 most frequent categories of more than 50."""
    values = values.astype(object).where(values.notna())
    counts = values.value_counts()
    if len(counts) <= LEVELS:
        return values
    order = {value: place for place, value in enumerate(values.dropna().unique())}
    kept = sorted(counts.index, key=lambda value: (-counts[value], order[value]))[: LEVELS - 1]
    return values.where(values.isin(kept) | values.isna(), "(all others)")


def _cramers_v(one: pd.Series, two: pd.Series) -> float:
    table = pd.crosstab(one, two).to_numpy()
    rows, (r, k) = table.sum(), table.shape
    square = stats.chi2_contingency(table, correction=False).statistic / rows
    corrected = max(0.0, square - (r - 1) * (k - 1) / (rows - 1))
    smaller = min(r - (r - 1) ** 2 / (rows - 1), k - (k - 1) ** 2 / (rows - 1)) - 1
    return float(min(1.0, corrected / smaller) ** 0.5) if smaller > 0 else 0.0


def _ratio(groups: pd.Series, numbers: pd.Series) -> float:
    both = pd.DataFrame({"group": groups, "number": numbers}).dropna()
    both["number"] -= both["number"].mean()
    within = both["number"] - both.groupby("group")["number"].transform("mean")
    rows, many = len(both), both["group"].nunique()
    square = 1 - (within @ within) / (both["number"] @ both["number"]) * (rows - 1) / (rows - many)
    return float(max(0.0, square) ** 0.5)
