"""How far the shares of categories lie apart in two tables, as far as their counts are known."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dsml_magics.profile.sketch.frequent import Counts


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
    """

    distance: float
    bound: float
    effect: float


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


def apart(here: "Counts", there: "Counts", *, rows: tuple[int, int]) -> Apart:
    """Hold the counts of two tables with so many values against each other.

    Categories of which it is not known where they are more frequent are taken together with those that
    were not counted. So the distance found is one that both tables have at least.
    """
    first, second = _alike(here.counts, there.counts)
    shares = [
        _Share(
            first.get(value, 0) / rows[0],
            second.get(value, 0) / rows[1],
            _more(here, value, first) / rows[0],
            _more(there, value, second) / rows[1],
        )
        for value in dict.fromkeys((*first, *second))
    ]
    known = [share for share in shares if share.is_known]
    rest = [
        max(0.0, 1 - math.fsum(each)) for each in zip(*((s.here, s.there) for s in known), strict=True)
    ] or [1.0, 1.0]
    cells = [*((share.here, share.there) for share in known), (rest[0], rest[1])]
    distance = min(1.0, math.fsum(abs(p - q) for p, q in cells) / 2)
    hidden = min(rest) if len(known) < len(shares) or here.error or there.error else 0.0
    bound = math.fsum(max(share.more_here, share.more_there) for share in known) + hidden
    effect = math.fsum((p - q) ** 2 / (p + q) for p, q in cells if p + q) / 2
    return Apart(distance, min(bound, max(distance, 1 - distance)), min(1.0, effect**0.5))


def _more(counts: "Counts", value: Any, counted: Mapping[Any, int]) -> int:
    return counts.slack.get(value, 0) if value in counted else counts.error


def _alike(here: Mapping[Any, int], there: Mapping[Any, int]) -> tuple[Mapping[Any, int], Mapping[Any, int]]:
    """Write values as text where only one table has text."""
    texts = [any(isinstance(value, str) for value in counts) for counts in (here, there)]
    if texts[0] == texts[1]:
        return here, there
    written = [{str(value): count for value, count in counts.items()} for counts in (here, there)]
    return written[0], written[1]
