"""The figures of one column, by what its type allows."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from dsml_magics.profile.value import Column, Histogram, Kind

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

_BINS = 20
_TOP = 10
_IDENTIFIER_ROWS = 20
_TEXT_WORDS = 4.0
_NUMBER = re.compile(r"\s*[-+]?(\d[\d,]*\.?\d*|\.\d+)([eE][-+]?\d+)?\s*%?\s*")
_DATE = re.compile(
    r"\s*(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4})([ T]\d{1,2}:\d{2}.*)?\s*"
)


def column_of(series: "pl.Series", *, type_: str) -> Column:
    """Measure one column; every figure is exact."""
    import polars as pl

    dtype = series.dtype
    if dtype.is_float():
        series = series.fill_nan(None)
    basis: dict[str, Any] = {
        "name": series.name,
        "type": type_,
        "rows": len(series),
        "missing": series.null_count(),
    }
    present = series.drop_nulls()
    if len(present) == 0:
        return Column(**basis, kind="empty", distinct=0)
    return Column(**basis, **_measurer(dtype, pl)(present, basis["missing"]))


def _measurer(dtype: Any, pl: Any) -> "Callable[[pl.Series, int], dict[str, Any]]":
    if dtype == pl.Boolean:
        return _boolean
    if dtype.is_numeric():
        return _numeric
    if dtype.is_temporal():
        return _temporal
    if dtype in (pl.String, pl.Categorical, pl.Enum):
        return _textual
    return _binary if dtype == pl.Binary else _nested


def _numeric(present: "pl.Series", missing: int) -> dict[str, Any]:
    import numpy as np
    import polars as pl

    if present.dtype.is_decimal():
        present = present.cast(pl.Float64)
    ordered = np.sort(present.to_numpy())
    floats = ordered.astype(np.float64)
    finite = floats[np.isfinite(floats)]
    top, distinct = _runs(ordered)
    with np.errstate(all="ignore"):
        percentiles = _percentiles(ordered)
        mean = float(floats.mean())
        std = float(floats.std(ddof=1)) if len(floats) > 1 else None
    return {
        "kind": _numeric_kind(ordered, distinct, missing),
        "distinct": distinct,
        "min": ordered[0].item(),
        "max": ordered[-1].item(),
        "mean": mean,
        "std": std,
        "skewness": _skewness(finite),
        "percentiles": tuple(percentiles),
        "histogram": _histogram(finite, distinct, whole=ordered.dtype.kind in "iu"),
        "top": top,
        "zeros": int(np.count_nonzero(floats == 0)),
        "infinite": len(floats) - len(finite),
        "outliers": _outliers(finite),
    }


def _distinct_of_sorted(ordered: "np.ndarray[Any, Any]") -> int:
    return 1 + int((ordered[1:] != ordered[:-1]).sum())


def _runs(ordered: "np.ndarray[Any, Any]") -> tuple[tuple[tuple[Any, int], ...], int]:
    """Return the most frequent values with their counts, and how many values there are, without another pass."""
    import numpy as np

    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    counts = np.diff(starts, append=len(ordered))
    least = np.partition(counts, -_TOP)[-_TOP] if len(counts) > _TOP else 1
    more, same = np.flatnonzero(counts > least), np.flatnonzero(counts == least)
    chosen = np.concatenate([more, same[: _TOP - len(more)]])
    order = chosen[np.lexsort((chosen, -counts[chosen]))]
    return tuple((ordered[starts[run]].item(), int(counts[run])) for run in order), len(starts)


def _numeric_kind(ordered: "np.ndarray[Any, Any]", distinct: int, missing: int) -> Kind:
    if distinct == 1 and missing == 0:
        return "constant"
    consecutive = (
        ordered.dtype.kind in "iu" and int(ordered[-1]) - int(ordered[0]) + 1 == len(ordered) == distinct
    )
    return "identifier" if consecutive and missing == 0 and distinct >= _IDENTIFIER_ROWS else "numeric"


def _percentiles(ordered: "np.ndarray[Any, Any]") -> list[float]:
    """Interpolate linearly between neighbours (Hyndman and Fan 1996, type 7), as numpy and pandas do."""
    import numpy as np

    at = np.arange(101) / 100 * (len(ordered) - 1)
    low = np.floor(at).astype(np.intp)
    high = np.minimum(low + 1, len(ordered) - 1)
    share = at - low
    below, above = ordered[low].astype(np.float64), ordered[high].astype(np.float64)
    between = below + (above - below) * share
    return [float(value) for value in np.where((share == 0) | (below == above), below, between)]


def _skewness(finite: "np.ndarray[Any, Any]") -> float | None:
    if len(finite) < 3 or finite[0] == finite[-1]:
        return None
    deviation = finite - finite.mean()
    deviation /= max(abs(deviation[0]), abs(deviation[-1]))
    variance = float((deviation * deviation).mean())
    return float((deviation * deviation * deviation).mean()) / variance**1.5 if variance else None


def _outliers(finite: "np.ndarray[Any, Any]") -> int:
    """Count values beyond Tukey's outer fences: 3 interquartile ranges from the quartiles."""
    import numpy as np

    if len(finite) < 8:
        return 0
    lower, upper = np.quantile(finite, [0.25, 0.75])
    reach = 3 * (upper - lower)
    if reach == 0:
        return 0
    return int(
        np.searchsorted(finite, lower - reach, "left")
        + len(finite)
        - np.searchsorted(finite, upper + reach, "right")
    )


def _histogram(finite: "np.ndarray[Any, Any]", distinct: int, *, whole: bool) -> Histogram | None:
    import numpy as np

    if not len(finite):
        return None
    low, high = float(finite[0]), float(finite[-1])
    if whole and distinct <= _BINS and high - low < _BINS:
        edges = np.arange(low - 0.5, high + 1.0)
    elif high > low and np.isfinite(high - low):
        edges = np.linspace(low, high, _BINS + 1)
    else:
        edges = np.array([low, high])
    # The values are sorted: the bins are found by bisection instead of by another pass.
    inner = np.searchsorted(finite, edges[1:-1], "left")
    counts = np.diff(np.concatenate([[0], inner, [len(finite)]]))
    return Histogram(tuple(float(edge) for edge in edges), tuple(int(count) for count in counts))


def _top(present: "pl.Series") -> tuple[tuple[Any, int], ...]:
    name = present.name
    counted = present.value_counts(name="n" if name != "n" else "n_").sort(
        ["n" if name != "n" else "n_", name], descending=[True, False]
    )
    return tuple((value, count) for value, count in counted.head(_TOP).iter_rows())


def _boolean(present: "pl.Series", missing: int) -> dict[str, Any]:
    top = _top(present)
    return {
        "kind": "constant" if len(top) == 1 and missing == 0 else "boolean",
        "distinct": len(top),
        "min": present.min(),
        "max": present.max(),
        "mean": present.mean(),
        "top": top,
    }


def _temporal(present: "pl.Series", missing: int) -> dict[str, Any]:
    import numpy as np
    import polars as pl

    ordered = np.sort(present.to_physical().to_numpy())
    distinct = _distinct_of_sorted(ordered)

    def moments(values: Any) -> list[Any]:
        whole = pl.Series([int(value) for value in values], dtype=present.to_physical().dtype)
        return whole.cast(present.dtype).to_list()

    bins = _histogram(ordered.astype(np.float64), distinct, whole=False)
    mean = int(ordered[0]) + round(float((ordered - ordered[0]).mean()))
    kinds: dict[Any, Kind] = {pl.Date: "date", pl.Time: "time", pl.Duration: "duration"}
    kind = kinds.get(present.dtype.base_type(), "datetime")
    at = np.round(np.arange(101) / 100 * (len(ordered) - 1)).astype(np.intp)
    return {
        "kind": "constant" if distinct == 1 and missing == 0 else kind,
        "distinct": distinct,
        "min": moments(ordered[:1])[0],
        "max": moments(ordered[-1:])[0],
        "mean": moments([mean])[0],
        "percentiles": tuple(moments(ordered[at])),
        "histogram": Histogram(tuple(moments(np.round(bins.edges))), bins.counts) if bins else None,
        "top": _top(present),
    }


def _textual(present: "pl.Series", missing: int) -> dict[str, Any]:
    import polars as pl

    counted = _top(text := present.cast(pl.String))
    distinct = text.n_unique()
    lengths = text.str.len_chars()
    return {
        "kind": _text_kind(text, distinct, missing),
        "distinct": distinct,
        "top": counted,
        "lengths": (lengths.min(), lengths.mean(), lengths.max()),
        "parses_as": _parses_as([value for value, _ in counted], text),
    }


def _text_kind(text: "pl.Series", distinct: int, missing: int) -> Kind:
    if distinct == 1 and missing == 0:
        return "constant"
    words = text.head(10_000).str.count_matches(r"\S+").mean()
    if isinstance(words, float) and words >= _TEXT_WORDS and distinct > len(text) / 2:
        return "text"
    return "identifier" if distinct == len(text) >= _IDENTIFIER_ROWS else "categorical"


def _parses_as(sample: list[str], text: "pl.Series") -> str | None:
    """Tell whether all texts are numbers or dates; the sample spares most columns the full check."""
    for what, pattern in (("number", _NUMBER), ("date", _DATE)):
        if all(pattern.fullmatch(value) for value in sample) and all(map(pattern.fullmatch, text.unique())):
            return what
    return None


def _binary(present: "pl.Series", _missing: int) -> dict[str, Any]:
    return {"kind": "binary", "distinct": present.n_unique()}


def _nested(present: "pl.Series", _missing: int) -> dict[str, Any]:
    return {"kind": "nested", "distinct": len({str(value) for value in present})}
