"""Where values are missing, and which are missing together."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dsml_magics.profile.coded import Coded
from dsml_magics.profile.column import Column
from dsml_magics.profile.figures import Missing, MissingPattern

if TYPE_CHECKING:
    import numpy as np

    from dsml_magics.profile.sketch.sample import Sample

PATTERNS = 10
"""So many patterns are listed."""
CORRELATED = 100
"""The gaps of so many columns are correlated: the first that have gaps and values."""
TOGETHER = 20
"""So many pairs of columns are listed."""
LEAST = 0.1
"""Weaker correlations of gaps are not listed."""


def missing_of(columns: Mapping[str, Column], sample: "Sample") -> Missing:
    """Count the missing cells, and find the columns that are missing in the same rows.

    Cells are exact. Rows are counted in the sample and scaled to the table, within what the exact counts of
    the columns allow.
    """
    with_gaps = {name: column for name, column in columns.items() if column.missing}
    if not with_gaps:
        return Missing(complete=sample.rows)
    coded = Coded(columns, sample)
    masks = _masks(coded, list(with_gaps))
    patterns = _patterns(coded, with_gaps, masks)
    least, most = _limits(with_gaps, sample.rows)
    whole = ~masks.any(axis=0)
    complete = coded.rows(float(whole.sum() if coded.weights is None else coded.weights @ whole))
    found = sorted(patterns.items(), key=lambda item: (-item[1], item[0]))[:PATTERNS]
    return Missing(
        cells=sum(column.missing for column in with_gaps.values()),
        complete=min(max(complete, least), most),
        patterns=tuple(MissingPattern(names, rows) for names, rows in found if rows),
        together=_together(coded, with_gaps, masks),
        bound=0.0 if least == most else coded.bound / 2,
    )


def _limits(with_gaps: Mapping[str, Column], rows: int) -> tuple[int, int]:
    """Tell how many complete rows there can be, given how often each column is missing."""
    gaps = [column.missing for column in with_gaps.values()]
    return max(0, rows - sum(gaps)), rows - max(gaps)


def _masks(coded: Coded, names: list[str]) -> "np.ndarray[Any, Any]":
    """Tell where each column is missing; of shape ``(columns, rows)``."""
    import numpy as np

    return np.stack([coded.gaps(name) for name in names])


def _patterns(
    coded: Coded, with_gaps: Mapping[str, Column], masks: "np.ndarray[Any, Any]"
) -> dict[tuple[str, ...], int]:
    """Count the rows of the most frequent patterns, but for complete rows."""
    import numpy as np
    import pyarrow as pa

    bits = np.ascontiguousarray(np.packbits(masks, axis=0).T)
    keys = pa.Array.from_buffers(pa.binary(bits.shape[1]), len(bits), [None, pa.py_buffer(bits)])
    encoded = keys.dictionary_encode()
    weights = np.bincount(encoded.indices.to_numpy(), coded.weights, len(encoded.dictionary))
    chosen = np.argsort(-weights, kind="stable")[: PATTERNS + 1]
    found = {}
    for key in chosen.tolist():
        flags = np.unpackbits(np.frombuffer(encoded.dictionary[key].as_py(), np.uint8), count=len(with_gaps))
        names = tuple(name for name, gone in zip(with_gaps, flags, strict=True) if gone)
        if names:
            found[names] = min(coded.rows(float(weights[key])), *(with_gaps[name].missing for name in names))
    return found


def _together(
    coded: Coded, with_gaps: Mapping[str, Column], masks: "np.ndarray[Any, Any]"
) -> tuple[tuple[str, str, float], ...]:
    """Correlate the gaps of columns (phi, Yule 1912), strongest first."""
    import numpy as np

    names = list(with_gaps)
    places = [place for place, name in enumerate(names) if with_gaps[name].present][:CORRELATED]
    gaps = masks[places].astype(np.float64)
    weighted = gaps if coded.weights is None else gaps * coded.weights
    shares = weighted.sum(axis=1) / max(coded.total, 1.0)
    moments = weighted @ gaps.T / max(coded.total, 1.0) - np.outer(shares, shares)
    spread = np.sqrt(shares * (1 - shares))
    with np.errstate(all="ignore"):
        phi = np.clip(moments / np.outer(spread, spread), -1.0, 1.0)
    one, two = np.nonzero(np.triu(np.abs(phi) >= LEAST, 1))
    pairs = [(names[places[i]], names[places[j]], float(phi[i, j])) for i, j in zip(one, two, strict=True)]
    return tuple(sorted(pairs, key=lambda pair: (-abs(pair[2]), pair[0], pair[1]))[:TOGETHER])
