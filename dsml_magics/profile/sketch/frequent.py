"""Value counts: complete for few values, else the most frequent ones with the bound of what was left out."""

import heapq
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

MANY = 2048
"""Up to so many distinct values are all counted."""
HEAVY = 256
"""So many of the most frequent ones are kept of more."""
_CHARACTERS = 1000
"""Longer texts are not kept."""
_CONTENT = 65_536
"""All kept texts together have at most so many characters."""


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """How many rows have a value.

    In the manner of Misra and Gries (1982) and Metwally et al. (2005): the true count of a kept value is
    at least its count and at most that plus its slack; no other value has more than `error` rows.

    Attributes
    ----------
    slack
        How much more a count may be, of the values where that is not 0.
    error
        0 where all values are kept.
    """

    counts: Mapping[Any, int] = field(default_factory=dict)
    slack: Mapping[Any, int] = field(default_factory=dict)
    error: int = 0

    @property
    def is_complete(self) -> bool:
        return self.error == 0

    def merged(self, other: Self) -> "Counts":
        """Put the counts of two tables together."""
        if not other.counts and other.is_complete:
            return self
        if not self.counts and self.is_complete:
            return other
        one, two = (
            (self, other) if self.is_complete and other.is_complete else (self._heavy(), other._heavy())
        )
        counts = dict(one.counts)
        for value, count in two.counts.items():
            counts[value] = counts.get(value, 0) + count
        return Counts(counts, one.slack_with(two), one.error + two.error).pruned()

    def slack_with(self, other: Self) -> dict[Any, int]:
        """Tell by how much more a value of the sum may occur than is counted."""
        if self.is_complete and other.is_complete:
            return {}
        slack: dict[Any, int] = {}
        for one, two in ((self, other), (other, self)):
            for value in one.counts:
                unseen = two.error if value not in two.counts else 0
                slack[value] = slack.get(value, 0) + one.slack.get(value, 0) + unseen
        return {value: more for value, more in slack.items() if more}

    def pruned(self) -> "Counts":
        """Keep the most frequent values where there are too many."""
        return (
            self if self.is_complete and len(self.counts) <= MANY and not self._is_long() else self._heavy()
        )

    def _heavy(self) -> "Counts":
        """Keep at most `HEAVY` values, of a length that can be kept."""
        if len(self.counts) <= HEAVY and not self._is_long():
            return self
        numbers = sorted(self.counts.values(), reverse=True)
        least = numbers[HEAVY] if len(numbers) > HEAVY else 0
        chosen = [
            (value, count)
            for value, count in self.counts.items()
            if count > least and not (isinstance(value, str) and len(value) > _CHARACTERS)
        ]
        kept = dict(_shortened(chosen)) if self._is_long() else dict(chosen)
        error = self.error
        for value, count in self.counts.items():
            if value not in kept:
                error = max(error, count + self.slack.get(value, 0))
        # What cannot have more rows than those left out says nothing.
        kept = {value: count for value, count in kept.items() if count + self.slack.get(value, 0) > error}
        return Counts(kept, {value: more for value, more in self.slack.items() if value in kept}, error)

    def _is_long(self) -> bool:
        """Whether the texts are too long to be kept."""
        lengths = [len(value) for value in self.counts if isinstance(value, str)]
        return sum(lengths) > _CONTENT or max(lengths, default=0) > _CHARACTERS

    def top(self, limit: int) -> tuple[tuple[Any, int], ...]:
        """List the most frequent values that are certain to be among them, most frequent first, equals by value."""
        certain = [(value, count) for value, count in self.counts.items() if count >= self.error]
        return tuple(heapq.nsmallest(limit, certain, key=_rank))

    def top_bound(self, limit: int) -> float:
        """Tell by what share the counts of `top` may be too low, those of values that ought to stand there included."""
        listed = self.top(limit)
        names = {value for value, _ in listed}
        others = (
            count + self.slack.get(value, 0) for value, count in self.counts.items() if value not in names
        )
        beside = max(self.error, max(others, default=0))
        return max(
            (max(self.slack.get(value, 0), beside - count) / count for value, count in listed), default=0.0
        )


def _shortened(chosen: list[tuple[Any, int]]) -> list[tuple[Any, int]]:
    """Drop the rarest values once all texts together are too long."""
    room = _CONTENT
    kept = []
    for value, count in sorted(chosen, key=_rank):
        room -= len(value) if isinstance(value, str) else 0
        if room >= 0:
            kept.append((value, count))
    return kept


def _rank(item: tuple[Any, int]) -> tuple[int, Any]:
    return -item[1], item[0]
