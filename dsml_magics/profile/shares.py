"""How far the shares of categories lie apart in two tables, as far as their counts are known."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dsml_magics.profile.sketch.frequent import Counts

_EXCLUSIVE = 10
"""So many categories of one table only are looked at: the most frequent ones."""


@dataclass(frozen=True, slots=True)
class Apart:
    """How far two distributions of categories lie apart.

    Attributes
    ----------
    distance
        Total variation distance: the share of rows that would have to change.
    bound
        How far `distance` may be off, as not every category is counted.
    effect
        Cohen's w (1988) of both tables, taken as equally large: 0 for the same shares, 1 where no category is shared.
    certain
        The distance that there is whatever the counts that are not known; `distance` where all are.
    """

    distance: float
    bound: float
    effect: float
    certain: float


@dataclass(frozen=True, slots=True)
class Exclusive:
    """A category that only one of the tables has, with its rows there.

    `p_value` is how probable it is that chance puts them all into one table, times the number of categories.
    """

    value: Any
    rows: int
    p_value: float


@dataclass(frozen=True, slots=True)
class _Share:
    """The share of a category here and there, at least; and how much more it may be."""

    here: float
    there: float
    more_here: float
    more_there: float

    @property
    def is_known(self) -> bool:
        """Whether it is known which of both is the greater."""
        return (
            not (self.more_here or self.more_there)
            or self.here > self.there + self.more_there
            or self.there > self.here + self.more_here
        )


def apart(
    here: "Counts", there: "Counts", *, rows: tuple[int, int], missing: tuple[int, int] = (0, 0)
) -> Apart:
    """Compare the counts of two tables with so many values, and of `missing` ones as a category of its own.

    Categories of which it is not known where they are more frequent are taken together with those that
    were not counted. So the distance found is one that both tables have at least.
    """
    first, second = _alike(here.counts, there.counts)
    rows = rows[0] + missing[0], rows[1] + missing[1]
    shares = [
        _Share(
            first.get(value, 0) / rows[0],
            second.get(value, 0) / rows[1],
            _more(here, value, first) / rows[0],
            _more(there, value, second) / rows[1],
        )
        for value in dict.fromkeys((*first, *second))
    ]
    if any(missing):
        shares.append(_Share(missing[0] / rows[0], missing[1] / rows[1], 0.0, 0.0))
    known = [share for share in shares if share.is_known]
    rest = [
        max(0.0, 1 - math.fsum(each)) for each in zip(*((s.here, s.there) for s in known), strict=True)
    ] or [1.0, 1.0]
    cells = [*((share.here, share.there) for share in known), (rest[0], rest[1])]
    distance = min(1.0, math.fsum(abs(p - q) for p, q in cells) / 2)
    hidden = min(rest) if len(known) < len(shares) or here.error or there.error else 0.0
    bound = math.fsum(max(share.more_here, share.more_there) for share in known) + hidden
    effect = math.fsum((p - q) ** 2 / (p + q) for p, q in cells if p + q) / 2
    certain = max(
        math.fsum(max(0.0, share.here - share.there - share.more_there) for share in shares),
        math.fsum(max(0.0, share.there - share.here - share.more_here) for share in shares),
    )
    return Apart(
        distance, min(bound, max(distance, 1 - distance)), min(1.0, effect**0.5), min(certain, distance)
    )


def shares_p(here: "Counts", there: "Counts", *, rows: tuple[int, int], certain: float) -> float:
    """Tell how probable it is that shares of one distribution lie apart by `certain`; what is not counted is one cell."""
    import numpy as np

    from dsml_magics.profile.permutation import total_variation_p

    values = dict.fromkeys((*(counts := _alike(here.counts, there.counts))[0], *counts[1]))
    cells = [np.array([each.get(value, 0) for value in values], np.float64) for each in counts]
    rest = [max(0.0, total - float(cell.sum())) for total, cell in zip(rows, cells, strict=True)]
    first, second = (np.append(cell, more) for cell, more in zip(cells, rest, strict=True))
    return total_variation_p(first, second, distance=certain)


def exclusive(
    here: "Counts", there: "Counts", *, rows: tuple[int, int]
) -> tuple[list[Exclusive] | None, list[Exclusive] | None]:
    """List the categories that only the first table has, and those that only the second one has, most rows first.

    None where it is not known, as the other table's counts are not complete.
    """
    from dsml_magics.profile.significance import only_in_second_p

    first, second = _alike(here.counts, there.counts)
    number = len({*first, *second})

    def listed(one: Mapping[Any, int], two: Mapping[Any, int], sizes: tuple[int, int]) -> list[Exclusive]:
        found = sorted(((one[value], value) for value in one if value not in two), key=lambda item: -item[0])
        return [
            Exclusive(value, count, min(1.0, number * only_in_second_p(count, rows=sizes)))
            for count, value in found[:_EXCLUSIVE]
        ]

    return (
        listed(first, second, (rows[1], rows[0])) if there.is_complete else None,
        listed(second, first, rows) if here.is_complete else None,
    )


def _more(counts: "Counts", value: Any, counted: Mapping[Any, int]) -> int:
    return counts.slack.get(value, 0) if value in counted else counts.error


def _alike(here: Mapping[Any, int], there: Mapping[Any, int]) -> tuple[Mapping[Any, int], Mapping[Any, int]]:
    """Write values as text where only one table has text."""
    texts = [any(isinstance(value, str) for value in counts) for counts in (here, there)]
    if texts[0] == texts[1]:
        return here, there
    written = [{str(value): count for value, count in counts.items()} for counts in (here, there)]
    return written[0], written[1]
