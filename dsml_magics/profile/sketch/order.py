"""Whether rows stand in the order of a column, and how far its moments lie apart."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import numpy as np

_STRETCHES = 1024
_STEPS = 64

Stretch = tuple[int, int]
"""The first and the last tick of rows in order."""


@dataclass(frozen=True, slots=True)
class Order:
    """Stretches of rows in order, whatever the order in which they were put together.

    Tables are sums without an order: a whole is in order if its parts are and do not overlap.

    Attributes
    ----------
    rising, falling
        Stretches that do; None once one does not, or they overlap, or are too many to keep.
    steps
        How often neighbouring distinct moments of a stretch lie so far apart; the most frequent ones.
    gaps
        How many such neighbours there are.
    widest
        The longest of these distances, and the moment before it.
    """

    rising: tuple[Stretch, ...] | None = ()
    falling: tuple[Stretch, ...] | None = ()
    steps: Mapping[int, int] = field(default_factory=dict)
    gaps: int = 0
    widest: tuple[int, int] = (0, 0)

    @classmethod
    def of(cls, ticks: "np.ndarray[Any, Any]", ordered: "np.ndarray[Any, Any]", *, always: bool) -> Self:
        """Look at ticks as they stand, and sorted; steps are counted if in order, or `always`."""
        if not len(ticks):
            return cls()
        ends = int(ordered[0]), int(ordered[-1])
        rising = (ends,) if _is_rising(ticks) else None
        falling = (ends,) if _is_rising(ticks[::-1]) else None
        if rising is None and falling is None and not always:
            return cls(None, None)
        return cls(rising, falling, *_steps(ordered))

    def __add__(self, other: Self) -> "Order":
        rising, falling = _joined(self.rising, other.rising), _joined(self.falling, other.falling)
        if rising is None and falling is None:
            return Order(None, None)
        return Order(rising, falling, *self._steps_with(other))

    def _steps_with(self, other: Self) -> tuple[dict[int, int], int, tuple[int, int]]:
        steps = Counter(self.steps)
        steps.update(other.steps)
        most = sorted(steps.items(), key=lambda item: (-item[1], item[0]))[:_STEPS]
        return dict(most), self.gaps + other.gaps, max(self.widest, other.widest)

    def followed_by(self, other: Self) -> "Order":
        """Put the rows of `other` behind these, in one table: stretches grow together where they meet in order."""
        if self.rising == () or other.rising == ():
            return other if self.rising == () else self
        rising, falling = _grown(self.rising, other.rising), _grown(other.falling, self.falling)
        if rising is None and falling is None:
            return Order(None, None)
        lower, upper = (self, other) if rising else (other, self)
        before, after = lower.ends()[1], upper.ends()[0]
        steps, gaps, widest = self._steps_with(other)
        return Order(rising, falling, steps, gaps + 1, max(widest, (after - before, before)))

    def ends(self) -> Stretch:
        """Tell the first and the last tick of all stretches."""
        stretches = self.rising or self.falling or ((0, 0),)
        return stretches[0][0], stretches[-1][1]

    def scaled(self, factor: int) -> "Order":
        """Count in ticks that are `factor` times shorter."""

        def longer(stretches: tuple[Stretch, ...] | None) -> tuple[Stretch, ...] | None:
            return stretches and tuple((low * factor, high * factor) for low, high in stretches)

        steps = {step * factor: count for step, count in self.steps.items()}
        widest = (self.widest[0] * factor, self.widest[1] * factor)
        return Order(longer(self.rising), longer(self.falling), steps, self.gaps, widest)

    @property
    def monotonic(self) -> Any:
        """``"increasing"``, ``"decreasing"``, or None."""
        if self.rising:
            return "increasing"
        return "decreasing" if self.falling else None

    def widest_gap(self) -> tuple[int, int]:
        """Give the longest distance of neighbours, between stretches too, and the moment before it."""
        stretches = self.rising or self.falling or ()
        between = [(after[0] - before[1], before[1]) for before, after in pairwise(stretches)]
        return max([self.widest, *between])


def _is_rising(ticks: "np.ndarray[Any, Any]") -> bool:
    # Most columns are out of order within the first rows.
    if (ticks[1:1000] < ticks[:999][: len(ticks[1:1000])]).any():
        return False
    return not bool((ticks[1:] < ticks[:-1]).any())


def _steps(ordered: "np.ndarray[Any, Any]") -> tuple[dict[int, int], int, tuple[int, int]]:
    import numpy as np

    steps = np.diff(ordered)
    at = np.flatnonzero(steps)
    if not len(at):
        return {}, 0, (0, 0)
    steps = steps[at]
    values, counts = np.unique(steps, return_counts=True)
    most = np.lexsort((values, -counts))[:_STEPS]
    wide = int(np.argmax(steps))
    return (
        {int(values[place]): int(counts[place]) for place in most},
        len(steps),
        (int(steps[wide]), int(ordered[at[wide]])),
    )


def _joined(
    ours: tuple[Stretch, ...] | None, theirs: tuple[Stretch, ...] | None
) -> tuple[Stretch, ...] | None:
    if ours is None or theirs is None:
        return None
    both = tuple(sorted(ours + theirs))
    apart = all(before[1] <= after[0] for before, after in pairwise(both))
    return both if apart and len(both) <= _STRETCHES else None


def _grown(first: tuple[Stretch, ...] | None, then: tuple[Stretch, ...] | None) -> tuple[Stretch, ...] | None:
    if not first or not then or first[-1][1] > then[0][0]:
        return None
    return ((first[0][0], then[-1][1]),)
