"""How strongly each column goes with the target."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dsml_magics.profile.value import Association, Column

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

_CLASSES = 20
"""A numeric target with at most so many distinct values is read as classes."""

_ORDERED = ("numeric", "datetime", "date", "time", "duration")
_GROUPED = ("categorical", "boolean")


def associations(
    frame: "pl.DataFrame", columns: Mapping[str, Column], target: str
) -> tuple[Association, ...]:
    """Measure every column's association with the target, strongest first.

    Two numeric columns: absolute Pearson correlation. Two categorical ones: Cramér's V with
    Bergsma's bias correction (2013). One of each: correlation ratio (Fisher 1925). Rows where either
    is missing are left out. Text, identifiers, nested and binary columns have none.
    """
    goal = columns[target]
    found = []
    for name, column in columns.items():
        if name == target or not (_is_grouped(column, is_target=False) or column.kind in _ORDERED):
            continue
        pair = frame.select(name, target).drop_nulls()
        for floats in _floats(frame, name, target):
            pair = pair.filter(pair[floats].is_not_nan())
        if pair.height > 1:
            found.append(_association(pair, column, goal))
    return tuple(sorted(found, key=lambda each: (-each.strength, each.column)))


def _floats(frame: "pl.DataFrame", *names: str) -> list[str]:
    return [name for name in names if frame.schema[name].is_float()]


def _is_grouped(column: Column, *, is_target: bool) -> bool:
    few = is_target and column.kind == "numeric" and column.distinct <= _CLASSES
    return column.kind in _GROUPED or few or (is_target and column.kind not in _ORDERED)


def _association(pair: "pl.DataFrame", column: Column, goal: Column) -> Association:
    x, y = pair[column.name], pair[goal.name]
    ours, theirs = _is_grouped(column, is_target=False), _is_grouped(goal, is_target=True)
    if ours and theirs:
        return Association(column.name, "Cramér's V", _cramers_v(_codes(x), _codes(y)))
    if ours:
        return Association(column.name, "correlation ratio", _correlation_ratio(_codes(x), _numbers(y)))
    if theirs:
        return Association(column.name, "correlation ratio", _correlation_ratio(_codes(y), _numbers(x)))
    return Association(column.name, "Pearson", _pearson(_numbers(x), _numbers(y)))


def _codes(series: "pl.Series") -> "np.ndarray[Any, Any]":
    return (
        series.rank("dense").to_numpy().astype("i8") - 1 if series.dtype.is_numeric() else _text_codes(series)
    )


def _text_codes(series: "pl.Series") -> "np.ndarray[Any, Any]":
    import polars as pl

    return (series.cast(pl.String).rank("dense").to_numpy().astype("i8")) - 1


def _numbers(series: "pl.Series") -> "np.ndarray[Any, Any]":
    return series.to_physical().cast(float).to_numpy()


def _pearson(x: "np.ndarray[Any, Any]", y: "np.ndarray[Any, Any]") -> float:
    import numpy as np

    with np.errstate(all="ignore"):
        x, y = x - x.mean(), y - y.mean()
        norm = float(np.sqrt((x @ x) * (y @ y)))
        return _unit(abs(float(x @ y)) / norm) if norm else 0.0


def _correlation_ratio(groups: "np.ndarray[Any, Any]", values: "np.ndarray[Any, Any]") -> float:
    """Share of the spread of `values` that lies between the groups (square root of eta squared)."""
    import numpy as np

    with np.errstate(all="ignore"):
        values = values - values.mean()
        counts = np.bincount(groups)
        sums = np.bincount(groups, weights=values)
        total = float(values @ values)
        between = float((sums[counts > 0] ** 2 / counts[counts > 0]).sum())
    # As many groups as values explain everything by chance: Kelley's correction takes that share off.
    spare = len(values) - np.count_nonzero(counts)
    if not total or spare <= 0:
        return 0.0
    adjusted = 1 - (1 - between / total) * (len(values) - 1) / spare
    return _unit(max(adjusted, 0.0) ** 0.5)


def _cramers_v(x: "np.ndarray[Any, Any]", y: "np.ndarray[Any, Any]") -> float:
    import numpy as np

    width = int(y.max()) + 1
    cells, counts = np.unique(x * width + y, return_counts=True)
    total = len(x)
    of_x, of_y = np.bincount(x), np.bincount(y)
    expected = of_x[cells // width] * of_y[cells % width] / total
    phi2 = float((counts**2 / expected).sum()) / total - 1
    rows, columns = len(of_x), len(of_y)
    if min(rows, columns) < 2 or total < 2:
        return 0.0
    corrected = max(0.0, phi2 - (rows - 1) * (columns - 1) / (total - 1))
    smaller = min(rows - (rows - 1) ** 2 / (total - 1), columns - (columns - 1) ** 2 / (total - 1)) - 1
    return _unit((corrected / smaller) ** 0.5) if smaller > 0 else 0.0


def _unit(value: float) -> float:
    """Keep rounding errors, and what infinite values make of a sum, out of the range 0 to 1."""
    return min(1.0, max(0.0, value)) if value == value else 0.0  # noqa: PLR0124  NaN
