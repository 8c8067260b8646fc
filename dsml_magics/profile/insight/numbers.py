"""Numbers with a long tail, far-off values, many zeros, infinities."""

import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Literal

from dsml_magics.profile.column import Column
from dsml_magics.profile.figures import Figures, Insight
from dsml_magics.profile.insight.evidence import is_target, share, within
from dsml_magics.profile.insight.mend import (
    NOT_AT_ALL,
    Mend,
    free_name,
    is_plain,
    is_whole,
    pandas_column,
    polars_column,
    polars_gapless,
    replace,
)
from dsml_magics.profile.settings import Settings
from dsml_magics.profile.threshold import limit

if TYPE_CHECKING:
    import numpy as np

_FENCE = 3.0
_WIDE = 0.05
"""If this share of the values is far from the quartiles, these are close together."""
FEW = 50
"""Of so few distinct values none is far off: they are codes, or counts of something rare."""
_COUNTED = 10
"""Whole numbers of which there are no more count something: 0 is one of them, and a long tail is in their nature."""


def infinite(figures: Figures, _settings: Settings) -> Iterator[Insight]:
    """Infinite values, which most estimators refuse."""
    for column in figures.columns.values():
        if column.infinite:
            evidence = {"infinite": column.infinite, "share": share(column.infinite, column.present)}
            ours, theirs = pandas_column(column.name), polars_column(column.name)
            mend = replace(
                column.name,
                f"{ours}.replace([np.inf, -np.inf], np.nan)",
                f"pl.when({theirs}.is_finite()).then({theirs})",
            )
            yield Insight("infinite", column.name, "high", evidence, *mend)


def zeros(figures: Figures, settings: Settings) -> Iterator[Insight]:
    """Numbers that are 0 so often that 0 may stand for a gap."""
    for column in _numeric(figures, settings):
        if column.distinct > 2 and _has_many_zeros(column, settings) and not _is_count(column):
            evidence = {"zeros": column.zeros, "share": share(column.zeros, column.present)}
            mend = NOT_AT_ALL if is_target(figures, column.name) else _flagged(column, figures)
            yield Insight("zeros", column.name, "low", evidence, *mend)


def skewed(figures: Figures, settings: Settings) -> Iterator[Insight]:
    """Distributions with one long tail, unless it is the zeros that make it."""
    most = limit(settings, "skewed")
    for column in _numeric(figures, settings):
        if (
            column.skewness is not None
            and abs(column.skewness) > most
            and not _has_many_zeros(column, settings)
            and not _is_count(column)
        ):
            evidence = {
                "skewness": column.skewness,
                **within(column.bound("skewness"), whole=False),
            }
            mend = NOT_AT_ALL if is_target(figures, column.name) else _straightened(column, most)
            yield Insight("skewed", column.name, "low", evidence, *mend)


def far_off(figures: Figures, settings: Settings) -> Iterator[Insight]:
    """Values far from the others: by the quartiles or, where too many are far off for these, by the median."""
    for column in _numeric(figures, settings):
        # Where half of the values are one, no distance from the median is large or small.
        half = 2 * column.top[0][1] >= column.present if column.top else False
        # Where the quartiles are one value, every other one lies beyond the fences.
        flat = bool(column.percentiles) and column.percentiles[25] == column.percentiles[75]
        counts = ("outliers", 0 if flat else column.outliers), ("deviants", 0 if half else column.deviants)
        for code, count in counts:
            if column.distinct > FEW and count >= max(1, limit(settings, code) * column.present):
                evidence = {
                    "count": count,
                    "share": share(count, column.present),
                    **within(column.bound(code), of=column.present),
                }
                single = code == "outliers" and judge_outliers(column, settings) == "single"
                clip = single and not is_target(figures, column.name)
                yield Insight(code, column.name, "low", evidence, *(_clipped(column) if clip else NOT_AT_ALL))
                break


def judge_outliers(column: Column, settings: Settings) -> Literal["wide", "tail", "flat", "single"]:
    """Tell what values beyond the outer fences are: many, a long tail, all that are not the usual one, or single ones.

    Only single ones may be errors, and be drawn in to the fences.
    """
    flat = column.percentiles[25] == column.percentiles[75]
    if not flat and column.outliers >= _WIDE * column.present:
        return "wide"
    if abs(column.skewness or 0.0) > limit(settings, "skewed"):
        return "tail"
    return "flat" if flat else "single"


def _numeric(figures: Figures, settings: Settings) -> Iterator[Column]:
    """Give the numeric columns, but for those that are nearly constant and have no other shape."""
    most = limit(settings, "nearly_constant")
    for column in figures.columns.values():
        dominated = column.distinct > 1 and column.top and column.top[0][1] >= most * column.present
        if column.kind == "numeric" and not dominated:
            yield column


def _has_many_zeros(column: Column, settings: Settings) -> bool:
    return column.zeros >= limit(settings, "zeros") * column.present


def _is_count(column: Column) -> bool:
    return is_whole(column) and column.distinct <= _COUNTED and column.present >= _COUNTED * column.distinct


def _straightened(column: Column, most: float) -> Mend:
    """Take the logarithm or, where that leaves a tail, the ranks."""
    ways: tuple[tuple[Callable[..., Any], str, str], ...] = (
        (_logarithms, *_log1p(column)),
        (
            _ranks,
            f"{pandas_column(column.name)}.rank(pct=True)",
            f"{polars_gapless(column)}.rank() / {polars_gapless(column)}.count()",
        ),
    )
    values, weights = _distribution(column)
    for change, pandas, polars in ways if is_plain(column) and len(values) else ():
        changed = change(values, weights)
        if changed is not None and abs(_skewness(changed, weights)) < 0.9 * most:
            return replace(column.name, pandas, polars)
    return NOT_AT_ALL


def _distribution(column: Column) -> "tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]":
    """Give finite values and their weights: the percentiles where no more is known."""
    import numpy as np

    values = np.asarray(column.points.values if column.points else column.percentiles, np.float64)
    weights = np.asarray(column.points.weights if column.points else np.ones(len(values)), np.float64)
    finite = np.isfinite(values)
    return values[finite], weights[finite]


def _logarithms(
    values: "np.ndarray[Any, Any]", _weights: "np.ndarray[Any, Any]"
) -> "np.ndarray[Any, Any] | None":
    import numpy as np

    return np.log1p(values) if values[0] >= 0 else None


def _ranks(values: "np.ndarray[Any, Any]", weights: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    """Rank values that are sorted; equal ones share the mean of their ranks."""
    import numpy as np

    up_to = np.concatenate([[0.0], np.cumsum(weights)])
    first, last = np.searchsorted(values, values, "left"), np.searchsorted(values, values, "right")
    ranked: np.ndarray[Any, Any] = (up_to[first] + up_to[last]) / (2 * up_to[-1])
    return ranked


def _skewness(values: "np.ndarray[Any, Any]", weights: "np.ndarray[Any, Any]") -> float:
    import numpy as np

    distances = values - np.average(values, weights=weights)
    variance = float(np.average(distances**2, weights=weights))
    return float(np.average(distances**3, weights=weights)) / variance**1.5 if variance else math.inf


def _flagged(column: Column, figures: Figures) -> Mend:
    """Tell 0 from the rest by a column of its own, and take the logarithm, which leaves 0 as it is."""
    if not is_plain(column):
        return NOT_AT_ALL
    name, flag = column.name, free_name(f"{column.name}_zero", figures)
    ours, theirs = pandas_column(name), polars_column(name)
    logarithms = _log1p(column)
    known = (".fillna(False)", ".fill_null(False)") if column.missing else ("", "")
    pandas, polars = (f", {name!r}: {logarithms[0]}", f", {logarithms[1]}") if column.min >= 0 else ("", "")
    return Mend(
        f"df = df.assign(**{{{flag!r}: {ours}.eq(0){known[0]}{pandas}}})",
        f"df = df.with_columns({theirs}.eq(0){known[1]}.alias({flag!r}){polars})",
    )


def _log1p(column: Column) -> tuple[str, str]:
    """Write the logarithms; numpy would give those of bytes as half floats, of three digits."""
    byte = " * 1.0" if column.type in ("int8", "uint8") else ""
    return f"np.log1p({pandas_column(column.name)}{byte})", f"{polars_column(column.name)}.log1p()"


def _clipped(column: Column) -> Mend:
    """Draw far-off values in to the fences."""
    lower, upper = float(column.percentiles[25]), float(column.percentiles[75])
    low, high = lower - _FENCE * (upper - lower), upper + _FENCE * (upper - lower)
    digits = _digits(high - low)
    if digits is None or not is_plain(column):
        return NOT_AT_ALL
    # Rounded inwards, as a fence itself is not far off; never beyond what the type holds.
    ends: list[float | int] = [
        max(math.ceil(low * 10**digits) / 10**digits, column.min),
        min(math.floor(high * 10**digits) / 10**digits, column.max),
    ]
    if is_whole(column):
        ends = [math.ceil(ends[0]), math.floor(ends[1])]
    ours, theirs = pandas_column(column.name), polars_column(column.name)
    clip = f".clip({ends[0]!r}, {ends[1]!r})"
    return replace(column.name, ours + clip, theirs + clip)


def _digits(width: float) -> int | None:
    """Tell to how many decimals fences of this distance are written; None where it is no distance."""
    return 4 - math.floor(math.log10(width)) if 0 < width < math.inf and width > 1e-200 else None
