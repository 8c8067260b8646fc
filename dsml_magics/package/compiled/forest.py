"""Small trees as bit masks: each value of a column rules out leaves of all trees at once.

QuickScorer (Lucchese et al., SIGIR 2015): a tree's leaves are the bits of a word, from left to right. A node that a row
does not go left at rules out the leaves on its left; of the leaves that are left when all columns have had their say, the
first is the row's. What a value rules out is found out before, so a row costs one AND a column for all trees together.
"""

import sys
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsml_magics.package.compiled.part import Codes, Columns, Lookup, Numbers, Part, Unplanned
from dsml_magics.package.compiled.refusal import Uncompiled

if TYPE_CHECKING:
    import numpy as np

_MAX = sys.float_info.max
_CELLS = 5_000_000
_ROWS = 500
"""Rows that are answered at a time: their words stay near the processor."""
_Rows = tuple[Any, Any]
"""A table of masks, and which of its rows are meant: an array, or a slice for one row."""


@dataclass(frozen=True)
class Node:
    """A place where a tree parts: rows go left up to `threshold`, and those without a value if `takes_missing`.

    Attributes
    ----------
    keeps
        The leaves that are left for a row that does not go left, as bits.
    """

    tree: int
    feature: int
    threshold: float
    takes_missing: bool
    keeps: int


@dataclass(frozen=True)
class _LookupMasks:
    """A column of few values; `masks` has a row for each code, a column for each tree."""

    at: int
    codes: Codes
    masks: "np.ndarray[Any, Any]"

    def ruled_out(self, columns: Columns, start: int, stop: int) -> Iterator[_Rows]:
        values = columns[self.at]
        yield self.masks, self.codes.rows(values if stop - start == len(values) else values[start:stop])


@dataclass(frozen=True)
class _NumberMasks:
    """Columns of numbers; for each, thresholds in order, and the masks between them; the last is that of no value."""

    part: Numbers
    thresholds: "Sequence[tuple[list[float], np.ndarray[Any, Any]]]"
    masks: "Sequence[np.ndarray[Any, Any] | None]"

    def ruled_out(self, columns: Columns, start: int, stop: int) -> Iterator[_Rows]:
        import numpy as np

        if stop - start == 1 and not self.part.steps:
            yield from self._of_row(columns, start)
            return
        block = np.empty((stop - start, self.part.stop - self.part.start))
        whole = Numbers(self.part.at, self.part.steps, 0, block.shape[1])
        whole.fill([column[start:stop] for column in columns], block)
        for values, (_, bounds), masks in zip(block.T, self.thresholds, self.masks, strict=True):
            if masks is not None:
                places = np.asarray(np.searchsorted(bounds, values))
                places[np.isnan(values)] = len(bounds) + 1
                yield masks, places

    def _of_row(self, columns: Columns, at: int) -> Iterator[_Rows]:
        """Do so for one row, the usual request: what numpy does for many would cost more than the trees."""
        for column, (bounds, _), masks in zip(self.part.at, self.thresholds, self.masks, strict=True):
            value = columns[column][at]
            if value is not None and not -_MAX <= value <= _MAX:
                raise Unplanned
            if masks is not None:
                place = len(bounds) + 1 if value is None else bisect_left(bounds, float(value))
                yield masks, slice(place, place + 1)


@dataclass(frozen=True)
class Forest:
    """Trees that add up.

    Attributes
    ----------
    values
        What each leaf adds, shape (trees, leaves).
    baseline
        What is added to, shape (outputs,); tree number t adds to output t modulo outputs.
    """

    columns: "Sequence[_LookupMasks | _NumberMasks]"
    values: "np.ndarray[Any, Any]"
    baseline: "np.ndarray[Any, Any]"

    def sums(self, columns: Columns, rows: int) -> "np.ndarray[Any, Any]":
        """Add up the leaves of rows; shape (rows, outputs).

        Raises
        ------
        Unplanned
            A value is not in its table.
        """
        import numpy as np

        parts = [self._sums(columns, start, min(start + _ROWS, rows)) for start in range(0, rows, _ROWS)]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _sums(self, columns: Columns, start: int, stop: int) -> "np.ndarray[Any, Any]":
        import numpy as np

        left = self._left(columns, start, stop)
        trees, leaves = self.values.shape
        # The lowest bit is a power of two: its exponent, as a float, is the number of the leaf.
        lowest = left & (~left + np.uint64(1))
        leaf = (lowest.astype(np.float64).view(np.int64) >> 52) - 1023
        leaf += np.arange(0, trees * leaves, leaves)
        outputs = len(self.baseline)
        added = np.empty((stop - start, trees // outputs + 1, outputs))
        added[:, 0] = self.baseline
        added[:, 1:] = self.values.ravel()[leaf].reshape(stop - start, -1, outputs)
        # One after the other, as the library does: another order would round otherwise.
        return np.add.accumulate(added, axis=1)[:, -1]

    def _left(self, columns: Columns, start: int, stop: int) -> "np.ndarray[Any, Any]":
        """Return the leaves that are left of each row and tree; shape (rows, trees)."""
        import numpy as np

        ruled_out = (each for column in self.columns for each in column.ruled_out(columns, start, stop))
        masks, rows = next(ruled_out)
        left: np.ndarray[Any, Any] = masks[rows].copy() if isinstance(rows, slice) else masks[rows]
        scratch = None if isinstance(rows, slice) else np.empty_like(left)
        for masks, rows in ruled_out:
            if scratch is None:
                left &= masks[rows]
            else:
                # Memory that is new each time would cost more than what is done with it.
                left &= np.take(masks, rows, axis=0, out=scratch, mode="clip")
        return left


def forest_of(
    parts: Sequence[Part],
    nodes: Sequence[Node],
    values: "np.ndarray[Any, Any]",
    baseline: "np.ndarray[Any, Any]",
) -> Forest:
    """Turn trees behind the parts of a plan into masks.

    Parameters
    ----------
    nodes
        The nodes of all trees; their features are columns of the matrix that the parts fill.

    Raises
    ------
    Uncompiled
        The masks would be too large.
    """
    by_feature: dict[int, list[Node]] = {}
    for node in nodes:
        by_feature.setdefault(node.feature, []).append(node)
    trees = len(values)
    columns: list[_LookupMasks | _NumberMasks] = []
    for part in parts:
        if isinstance(part, Lookup):
            if len(part.table) * trees > _CELLS:
                raise Uncompiled("a column has too many values for masks of leaves")
            columns.append(_LookupMasks(part.at, part.codes, _of_table(part, by_feature, trees)))
        else:
            columns.append(_of_numbers(part, by_feature, trees))
    if not any(
        isinstance(each, _LookupMasks) or any(mask is not None for mask in each.masks) for each in columns
    ):
        raise Uncompiled("no tree parts anywhere")
    return Forest(columns, values, baseline)


def _of_table(part: Lookup, by_feature: Mapping[int, Sequence[Node]], trees: int) -> "np.ndarray[Any, Any]":
    import numpy as np

    masks = np.full((len(part.table), trees), ~np.uint64(0))
    for column in range(part.stop - part.start):
        values = part.table[:, column]
        for node in by_feature.get(part.start + column, ()):
            goes_left = np.where(np.isnan(values), node.takes_missing, values <= node.threshold)
            masks[~goes_left, node.tree] &= np.uint64(node.keeps)
    return masks


def _of_numbers(part: Numbers, by_feature: Mapping[int, Sequence[Node]], trees: int) -> _NumberMasks:
    import numpy as np

    thresholds, masks = [], list[Any]()
    for feature in range(part.start, part.stop):
        nodes = by_feature.get(feature, ())
        bounds = sorted({node.threshold for node in nodes})
        thresholds.append((bounds, np.array(bounds)))
        if not nodes:
            masks.append(None)
            continue
        table = np.full((len(bounds) + 2, trees), ~np.uint64(0))
        for node in nodes:
            # Left up to the threshold itself: all places behind it do not go left.
            table[bisect_left(bounds, node.threshold) + 1 : -1, node.tree] &= np.uint64(node.keeps)
            if not node.takes_missing:
                table[-1, node.tree] &= np.uint64(node.keeps)
        masks.append(table)
    return _NumberMasks(part, thresholds, masks)
