"""Columns as vectors: numbers as distances from their mean, categories as whole numbers."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from dsml_magics.profile.column import Column

LEVELS = 50
"""Of a column with more categories the 49 most frequent ones count, and all others as one."""


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """Finite values as distances from their mean.

    Attributes
    ----------
    values
        Distances, in a unit of no meaning; 0.0 where there is no finite value.
    mass
        The distances times the rows they stand for.
    weights
        How many rows each value stands for, 0.0 where there is none; None where each stands for one.
    present
        Where there is a finite value; None where there is one everywhere.
    spread
        The sum of the squared distances over all rows.
    """

    values: "np.ndarray[Any, Any]"
    mass: "np.ndarray[Any, Any]"
    weights: "np.ndarray[Any, Any] | None"
    present: "np.ndarray[Any, Any] | None"
    spread: float

    @classmethod
    def of(cls, values: "np.ndarray[Any, Any]", weights: "np.ndarray[Any, Any] | None") -> "Numbers":
        """Centre `values`; those that are not finite count as missing."""
        import numpy as np

        found = np.isfinite(values)
        present = None if found.all() else found
        if present is not None:
            weights = present * (1.0 if weights is None else weights)
        distances = _distances(values, present, weights)
        mass = distances if weights is None else distances * weights
        return cls(distances, mass, weights, present, float(mass @ distances))

    def among(self, rows: "np.ndarray[Any, Any]") -> "Numbers":
        """Keep the values of some rows, and centre them anew."""
        import numpy as np

        here = rows if self.present is None else rows & self.present
        return Numbers.of(np.where(here, self.values, np.nan), self.weights)


def _distances(
    values: "np.ndarray[Any, Any]",
    present: "np.ndarray[Any, Any] | None",
    weights: "np.ndarray[Any, Any] | None",
) -> "np.ndarray[Any, Any]":
    """Take off the least value before the mean: equal values then have a distance of exactly 0."""
    import numpy as np

    finite = values if present is None else values[present]
    if not len(finite):
        return np.zeros(len(values))
    low, high = float(finite.min()), float(finite.max())
    largest = max(-low, high)
    exponent = -int(np.frexp(largest)[1]) if largest and not 1e-100 < largest < 1e100 else 0
    if exponent:
        # Squares must neither overflow nor vanish; a power of two changes no digit.
        values, low = np.ldexp(values, exponent), float(np.ldexp(low, exponent))
    distances = values - low if present is None else np.where(present, values - low, 0.0)
    rows = float(len(values) if weights is None else weights.sum())
    mean = float(distances.sum() if weights is None else distances @ weights) / max(rows, 1.0)
    distances -= mean
    if present is not None:
        distances[~present] = 0.0
    return distances


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """The groups that rows belong to, the largest first.

    Attributes
    ----------
    codes
        The group of each row; ``len(labels)`` where the value is missing.
    labels
        What the groups are called; None, as the last one, stands for all others.
    counts
        How many rows each group has and, last, how many rows have none.
    known
        How many groups the whole table has; None where all its rows are here.
    unsure
        The places of groups that may not be among the most frequent ones of the whole table; None where all are.
    """

    codes: "np.ndarray[Any, Any]"
    labels: tuple[Any, ...]
    counts: "np.ndarray[Any, Any]"
    known: int | None = None
    unsure: "np.ndarray[Any, Any] | None" = None

    @property
    def size(self) -> int:
        """How many groups there are."""
        return max(len(self.labels), self.known or 0)

    @property
    def unseen(self) -> int:
        """How many groups of the whole table have no row here."""
        return self.size - len(self.labels)

    @property
    def has_gaps(self) -> bool:
        """Whether rows belong to no group."""
        return bool(self.counts[-1])

    def merged(self, most: int) -> "Groups":
        """Keep the `most` largest groups, and call all others one if there are more."""
        import numpy as np

        size = len(self.labels)
        if size <= most or (size == most + 1 and self.labels[-1] is None):
            return self
        to = np.minimum(np.arange(size + 1), most)
        to[-1] = most + 1
        counts = np.concatenate([self.counts[:most], [self.counts[most:-1].sum()], self.counts[-1:]])
        return Groups(to[self.codes], (*self.labels[:most], None), counts)


def numbers_in(array: "pa.Array", *, apart: bool = False) -> "np.ndarray[Any, Any] | None":
    """Read numbers, booleans or moments as floats, missing ones as NaN; None for anything else.

    Moments are distances from the earliest one, in the unit of their type.

    Parameters
    ----------
    apart
        Whether only the distances of numbers from each other count: far from zero these lose digits otherwise.
    """
    import numpy as np
    import pyarrow as pa

    from dsml_magics.profile.sketch.family import family_of, ticks_of
    from dsml_magics.profile.sketch.origin import less, origin_of

    family = family_of(array.type)
    if family == "boolean":
        array, family = array.cast(pa.uint8()), "number"
    if family == "number":
        values = less(array, origin_of(array) if apart else 0.0)
        return values.astype(np.float64, copy=False)
    if family != "time":
        return None
    ticks, _ = ticks_of(array)
    gone = array.is_null().to_numpy(zero_copy_only=False)
    earliest = ticks[~gone].min() if len(ticks) and not gone.all() else np.int64(0)
    # Without a sign, whole numbers wrap around to the right distance even where a signed one is too short.
    floats = (ticks.view(np.uint64) - earliest.view(np.uint64)).astype(np.float64)
    floats[gone] = np.nan
    return floats


def groups_in(
    array: "pa.Array", weights: "np.ndarray[Any, Any] | None", *, column: "Column | None" = None
) -> Groups | None:
    """Number the values of a column by how frequent they are; None for lists, structs and binary.

    At most `LEVELS` groups: of more, the last one is all others.

    Parameters
    ----------
    column
        What is known of the whole table, where the rows are a sample: which values are the most frequent ones.
    """
    import numpy as np
    import pyarrow as pa

    from dsml_magics.profile.sketch.family import family_of

    if family_of(array.type) in ("nested", "binary", "null"):
        return None
    encoded = _encoded(array)
    size = len(encoded.dictionary)
    raw = encoded.indices.fill_null(size).to_numpy(zero_copy_only=False)
    counts = np.bincount(raw, weights, minlength=size + 1)
    order = np.argsort(-counts[:-1], kind="stable")[: np.count_nonzero(counts[:-1])]
    many = len(order) > LEVELS or (column is not None and column.distinct > LEVELS)
    kept = min(len(order), LEVELS - 1) if many else len(order)
    unsure = None
    if many and column is not None:
        order, sure = _by_the_table(order, encoded, column)
        unsure = np.flatnonzero(~sure[:kept])
    total = kept + (kept < len(order))
    to = np.full(size + 1, kept)
    to[order[:kept]], to[-1] = np.arange(kept), total
    labels = _listed(encoded.dictionary.take(pa.array(order[:kept])))
    others = [counts[order[kept:]].sum()] if kept < total else []
    sizes = np.concatenate([counts[order[:kept]], others, counts[-1:]])
    known = None if column is None else min(column.distinct, LEVELS)
    return Groups(to[raw], (*labels, *[None for _ in others]), sizes, known, unsure)


def _by_the_table(
    order: "np.ndarray[Any, Any]", encoded: "pa.DictionaryArray", column: "Column"
) -> "tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]":
    """Put the values that are frequent in the whole table first; tell which of them are sure to stand there."""
    import numpy as np

    counts = column.counts
    if counts is None:
        return order, np.zeros(len(order), bool)
    values = _listed(encoded.dictionary)
    found = np.array([counts.counts.get(values[place], 0) for place in order.tolist()])
    ranks = np.argsort(-found, kind="stable")
    most = np.sort([count + counts.slack.get(value, 0) for value, count in counts.counts.items()])
    # Others that may be as frequent, itself left out; those that are not counted have no more than the error.
    before = len(most) - np.searchsorted(most, found[ranks], "left") - 1
    sure = (before < LEVELS - 1) & (found[ranks] > counts.error)
    return order[ranks], sure


def _listed(array: "pa.Array") -> list[Any]:
    """Turn values without gaps into Python's; moments beyond the range of these into text."""
    from dsml_magics.profile.instant import moments_of
    from dsml_magics.profile.sketch.family import family_of, ticks_of

    if family_of(array.type) == "time":
        return moments_of(ticks_of(array)[0].tolist(), array.type)
    values: list[Any] = array.to_pylist()
    return values


def _encoded(array: "pa.Array") -> "pa.DictionaryArray":
    """Number the distinct values; -0.0 is 0.0, and NaN is missing."""
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import types

    if types.is_dictionary(array.type):
        if len(pc.unique(array.dictionary)) == len(array.dictionary):
            return array
        array = array.dictionary_decode()
    if types.is_floating(array.type):
        array = pa.array(array.to_numpy(zero_copy_only=False) + 0.0, from_pandas=True)
    return array.dictionary_encode()
