"""Which columns of a wide table go together strongly, by one product of ranks of some of its rows."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from dsml_magics.profile.coded import Coded
from dsml_magics.profile.vectors import numbers_in

if TYPE_CHECKING:
    import numpy as np

LEAST = 0.3
"""Pairs with a weaker correlation of ranks are not looked into."""
MOST = 500
"""So many pairs are looked into, the strongest ones."""
_INDICATORS = 3
"""Of a column of categories so many of the most frequent ones stand for all."""
_WORK = 4e9
"""So many multiplications a screen takes, in no less than `_FEWEST` rows."""
_FEWEST = 250
_BLOCK = 512


def strong_pairs(coded: Coded, names: Sequence[str]) -> list[tuple[str, str]]:
    """Find pairs that may go together strongly, strongest first.

    Numbers by their ranks, categories by indicators of the most frequent ones; missing values count as the mean.
    """
    import numpy as np

    rows = _rows(coded, len(names))
    vectors, owners = [], []
    for place, name in enumerate(names):
        for vector in _vectors(coded, name, rows):
            vectors.append(vector)
            owners.append(place)
    if not vectors:
        return []
    best: dict[tuple[int, int], float] = {}
    for one, two, score in _products(np.stack(vectors).astype(np.float32), np.array(owners)):
        best[one, two] = max(score, best.get((one, two), 0.0))
    ranked = sorted(best, key=lambda pair: (-best[pair], pair))
    return [(names[one], names[two]) for one, two in ranked[:MOST]]


def _rows(coded: Coded, many: int) -> "np.ndarray[Any, Any]":
    """Choose rows: all, or as many as the work allows, those with the least hashes."""
    import numpy as np

    most = max(_FEWEST, int(_WORK / max(many, 1) ** 2))
    whole = len(coded.hashes)
    return np.arange(whole) if whole <= most else np.argpartition(coded.hashes, most)[:most]


def _vectors(coded: Coded, name: str, rows: "np.ndarray[Any, Any]") -> "Iterator[np.ndarray[Any, Any]]":
    """Give the vectors that stand for a column, of mean 0 and length 1."""
    import numpy as np

    if coded.is_ordered(name):
        values = numbers_in(coded.array(name))
        found = [] if values is None else [_ranks(values[rows])]
    else:
        groups = coded.groups(name)
        many = 0 if groups is None else min(_INDICATORS, max(1, len(groups.labels) - 1))
        found = [] if groups is None else [_centred(groups.codes[rows] == code) for code in range(many)]
    for vector in found:
        if length := float(np.linalg.norm(vector)):
            yield vector / length


def _centred(flags: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    return flags - flags.mean() if len(flags) else flags.astype(float)


def _ranks(values: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    """Rank the finite values; equal ones share the mean of their ranks, and the others have the mean of all."""
    import numpy as np

    finite = np.isfinite(values)
    ranks = np.zeros(len(values))
    if finite.any():
        _, codes, counts = np.unique(values[finite], return_inverse=True, return_counts=True)
        shared = (np.cumsum(counts) - counts / 2)[codes]
        ranks[finite] = shared - shared.mean()
    return ranks


def _products(
    vectors: "np.ndarray[Any, Any]", owners: "np.ndarray[Any, Any]"
) -> Iterator[tuple[int, int, float]]:
    """Multiply each two vectors, block by block; give the strongest of each block."""
    import numpy as np

    for start in range(0, len(vectors), _BLOCK):
        block = np.abs(vectors[start : start + _BLOCK] @ vectors[start:].T)
        block[owners[start : start + _BLOCK, None] >= owners[None, start:]] = 0.0
        one, two = np.nonzero(block >= LEAST)
        scores = block[one, two]
        for place in np.argsort(-scores, kind="stable")[: 4 * MOST].tolist():
            yield int(owners[start + one[place]]), int(owners[start + two[place]]), float(scores[place])
