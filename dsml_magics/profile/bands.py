"""Rows divided by the values of a column: ranges of ordered values, categories of others."""

import datetime as dt
from typing import TYPE_CHECKING, Any

from dsml_magics.profile.coded import Coded
from dsml_magics.profile.language import number, printable
from dsml_magics.profile.vectors import Groups, numbers_in

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

OTHER = "(other)"
"""Label of all categories but the named ones."""
MISSING = "(missing)"
"""Label of the rows without a value."""
RANGES = 8
_LONGEST = 60


def divided(coded: Coded, name: str, *, most: int = RANGES) -> Groups | None:
    """Divide the rows by a column, into at most `most` parts with text for labels; None where it cannot be.

    Ordered values: ranges with about as many rows each, in their order; each label names the least and the
    greatest value in it. Others: the most frequent categories, and all others as one more.
    """
    if coded.is_ordered(name):
        return _ranges(coded, name, most)
    groups = coded.groups(name)
    return None if groups is None else labelled(groups.merged(most))


def labelled(groups: Groups) -> Groups:
    """Write the labels as text."""
    return Groups(groups.codes, tuple(map(label_of, groups.labels)), groups.counts)


def label_of(category: Any) -> str:
    """Write a category as text: as it is, never as a quantity."""
    if category is None:
        return OTHER
    if isinstance(category, float):
        return str(int(category)) if category.is_integer() else number(category)
    return printable(category, _LONGEST)


def in_ranges(coded: Coded, values: "np.ndarray[Any, Any]", edges: "np.ndarray[Any, Any]") -> Groups:
    """Number the ranges up to and with each edge, and the one above; NaN is in none."""
    import numpy as np

    codes = np.searchsorted(edges, values, "left")
    codes[np.isnan(values)] = len(edges) + 1
    return Groups(codes, ("",) * (len(edges) + 1), np.bincount(codes, coded.weights, len(edges) + 2))


def _ranges(coded: Coded, name: str, most: int) -> Groups | None:
    import numpy as np

    values = numbers_in(coded.array(name))
    if values is None:
        return None
    present = ~np.isnan(values)
    if not present.any():
        return Groups(np.zeros(len(values), np.intp), (), np.array([coded.total]))
    ranked, up_to = _ranked(values[present], None if coded.weights is None else coded.weights[present])
    edges = _edges(ranked, up_to, most)
    groups = in_ranges(coded, values, edges)
    ends = np.append(np.searchsorted(ranked, edges, "right"), len(ranked))
    lowest, highest = ranked[np.concatenate([[0], ends[:-1]])], ranked[ends - 1]
    return Groups(groups.codes, tuple(_labels(coded, name, lowest, highest)), groups.counts)


def _ranked(
    values: "np.ndarray[Any, Any]", weights: "np.ndarray[Any, Any] | None"
) -> "tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]":
    """Sort values; tell how many rows have each or a smaller one."""
    import numpy as np

    if weights is None:
        return np.sort(values), np.arange(1.0, len(values) + 1)
    order = np.argsort(values)
    return values[order], np.cumsum(weights[order])


def _edges(
    ranked: "np.ndarray[Any, Any]", up_to: "np.ndarray[Any, Any]", most: int
) -> "np.ndarray[Any, Any]":
    """Choose the last value of each range but the last one."""
    import numpy as np

    distinct = ranked[np.append(ranked[1:] != ranked[:-1], True)]
    if len(distinct) <= most:
        return np.asarray(distinct[:-1])
    at = np.searchsorted(up_to, up_to[-1] * np.arange(1, most) / most)
    edges = np.unique(ranked[at])
    return np.asarray(edges[edges < ranked[-1]])


def _labels(
    coded: Coded, name: str, lowest: "np.ndarray[Any, Any]", highest: "np.ndarray[Any, Any]"
) -> list[str]:
    """Name the least and the greatest value of each range, and of the whole column at its ends."""
    column, array = coded.columns[name], coded.array(name)
    low, high = _read(array, lowest), _read(array, highest)
    low[0] = low[0] if column.min is None else column.min
    high[-1] = high[-1] if column.max is None else column.max
    return [_label(*ends) for ends in zip(low, high, strict=True)]


def _read(array: "pa.Array", values: "np.ndarray[Any, Any]") -> list[Any]:
    """Turn what `numbers_in` made of values back into these."""
    from dsml_magics.profile.instant import moments_of
    from dsml_magics.profile.sketch.family import family_of, ticks_of

    if family_of(array.type) != "time":
        return list(values.tolist())
    earliest = int(ticks_of(array.drop_null())[0].min())
    return moments_of([min(earliest + round(value), 2**63 - 1) for value in values.tolist()], array.type)


def _label(low: Any, high: Any) -> str:
    if low == high:
        return _written(low)
    ends = _written(low), _written(high)
    midnight = " 00:00:00"
    if all(end.endswith(midnight) for end in ends):
        ends = ends[0].removesuffix(midnight), ends[1].removesuffix(midnight)
    # Ends that look alike when shortened are written out.
    return " to ".join(ends if ends[0] != ends[1] else (str(low), str(high)))


def _written(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value.isoformat()
    return number(value)
