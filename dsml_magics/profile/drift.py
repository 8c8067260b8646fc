"""How far the columns of a second table have moved from the first."""

from typing import TYPE_CHECKING, Any

from dsml_magics.profile.value import Column, Comparison, Drift, Profile

if TYPE_CHECKING:
    import polars as pl

_ORDERED = ("numeric", "datetime", "date", "time", "duration")
_GROUPED = ("categorical", "boolean", "constant")


def comparison(
    here: Profile, there: Profile, *, rows_here: "pl.DataFrame", rows_there: "pl.DataFrame"
) -> Comparison:
    """Hold two profiled tables against each other.

    Ordered columns: the two-sample Kolmogorov-Smirnov distance. Categories: the total variation
    distance, which is the share of rows that would have to change.
    """
    shared = [name for name in here.columns if name in there.columns]
    drifts = [
        _drift(here.columns[name], there.columns[name], x=rows_here[name], y=rows_there[name])
        for name in shared
    ]
    return Comparison(
        rows=there.rows,
        drifts=tuple(sorted(filter(None, drifts), key=lambda drift: (-drift.distance, drift.column))),
        only_here=tuple(name for name in here.columns if name not in there.columns),
        only_there=tuple(name for name in there.columns if name not in here.columns),
        kinds_changed=tuple(
            (name, here.columns[name].kind, there.columns[name].kind)
            for name in shared
            if here.columns[name].kind != there.columns[name].kind
        ),
    )


def _drift(ours: Column, theirs: Column, *, x: "pl.Series", y: "pl.Series") -> Drift | None:
    if not ours.present or not theirs.present:
        return None
    counts, means = (ours.missing, theirs.missing), (ours.mean, theirs.mean)
    if (x.dtype.is_numeric() and y.dtype.is_numeric()) or (ours.kind in _ORDERED and x.dtype == y.dtype):
        return Drift(ours.name, "Kolmogorov-Smirnov", _kolmogorov_smirnov(x, y), counts, means)
    if ours.kind in _GROUPED or theirs.kind in _GROUPED:
        return Drift(ours.name, "total variation", _total_variation(x, y), counts, means)
    return None


def _kolmogorov_smirnov(x: "pl.Series", y: "pl.Series") -> float:
    import numpy as np

    ours, theirs = _sorted(x), _sorted(y)
    at = np.concatenate([ours, theirs])
    gap = np.searchsorted(ours, at, "right") / len(ours) - np.searchsorted(theirs, at, "right") / len(theirs)
    return float(np.abs(gap).max())


def _sorted(series: "pl.Series") -> Any:
    import numpy as np

    values = series.drop_nulls().to_physical().cast(float).drop_nans()
    return np.sort(values.to_numpy())


def _total_variation(x: "pl.Series", y: "pl.Series") -> float:
    ours, theirs = _shares(x), _shares(y)
    return sum(abs(ours.get(value, 0.0) - theirs.get(value, 0.0)) for value in {*ours, *theirs}) / 2


def _shares(series: "pl.Series") -> dict[str, float]:
    import polars as pl

    present = series.drop_nulls().cast(pl.String)
    counted = present.rename("value").value_counts(name="count")
    return {value: count / len(present) for value, count in counted.iter_rows()}
