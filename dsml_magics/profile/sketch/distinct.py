"""Distinct values, counted by their least hashes."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import numpy as np

LEAST = 8192
"""So many least hashes are kept: the standard error is 1 / sqrt(LEAST - 2), or 1.1 %."""
BOUND = 0.03
"""What the error stays below for 99 of 100 columns (2.7 standard errors)."""
STORED_BITS = 40
"""Bits of a hash that are stored once there are more values than `LEAST`."""
_WHOLE = 2.0**64


@dataclass(frozen=True, slots=True, eq=False)
class Distinct:
    """The k least hashes of the values seen (k minimum values: Bar-Yossef et al. 2002, Beyer et al. 2007).

    Exact as long as there are no more than `limit` values; the hashes of 64 bits then tell all apart but for a
    chance of one in 10^12. Merging is exactly commutative and associative, as a set of least values is.

    Attributes
    ----------
    least
        Sorted, distinct.
    pending
        Hashes below the greatest kept one that wait to be sorted in.
    """

    least: "np.ndarray[Any, Any]"
    limit: int | None = LEAST
    pending: "tuple[np.ndarray[Any, Any], ...]" = ()

    def added(self, hashes: "np.ndarray[Any, Any]") -> "Distinct":
        """Take in the hashes of more values; those of missing values must have been left out."""
        if self.limit is not None and len(self.least) >= self.limit:
            least = self.least[-1]
            chosen = hashes[hashes < least]
            if not len(chosen):
                return self
            waiting = Distinct(self.least, self.limit, (*self.pending, chosen))
            # Sorting in small portions would cost more than hashing.
            return waiting.settled() if sum(map(len, waiting.pending)) > self.limit else waiting
        return Distinct(self.least, self.limit, (*self.pending, hashes)).settled()

    def settled(self) -> "Distinct":
        """Sort in what waits."""
        import numpy as np

        if not self.pending:
            return self
        values = np.sort(np.concatenate([self.least, *self.pending]))
        if len(values):
            values = values[np.concatenate([[True], values[1:] != values[:-1]])]
        return Distinct(values[: self.limit], self.limit)

    def limited(self, limit: int | None) -> "Distinct":
        """Keep no more than so many hashes."""
        least = self.settled().least
        return Distinct(least[:limit], limit)

    def merged(self, other: Self) -> "Distinct":
        """Put two sets together; the smaller limit counts."""
        if not len(other.least) and self.limit == other.limit:
            whole: Distinct = self
            for hashes in other.pending:
                whole = whole.added(hashes)
            return whole
        limits = [limit for limit in (self.limit, other.limit) if limit is not None]
        both = Distinct(self.settled().least, None, (other.settled().least,)).settled()
        return Distinct(both.least[: min(limits)] if limits else both.least, min(limits, default=None))

    @property
    def is_exact(self) -> bool:
        return self.limit is None or len(self.settled().least) < self.limit

    def count(self) -> int:
        """Count the distinct values, within `BOUND` unless exact."""
        least = self.settled().least
        if self.limit is None or len(least) < self.limit:
            return len(least)
        return round((self.limit - 1) / (float(least[-1]) / _WHOLE))

    @property
    def shift(self) -> int:
        """Bits of a hash that need not be stored."""
        return 0 if self.is_exact else 64 - STORED_BITS

    def packed(self) -> "np.ndarray[Any, Any]":
        """Give the least hashes as differences, without the bits that need not be stored."""
        import numpy as np

        return np.diff(self.settled().least >> np.uint64(self.shift), prepend=np.uint64(0))

    @classmethod
    def unpacked(cls, differences: "np.ndarray[Any, Any]", *, shift: int) -> Self:
        """Read what `packed` gave."""
        import numpy as np

        return cls(np.cumsum(differences, dtype="<u8") << np.uint64(shift))

    @property
    def threshold(self) -> int:
        """The greatest hash that can still matter."""
        full = self.limit is not None and len(self.least) >= self.limit
        return int(self.least[-1]) if full else 2**64 - 1


def fresh(hashes: "np.ndarray[Any, Any]", limit: int | None, threshold: int) -> Distinct:
    """Make a set of the hashes below a threshold that waits to be sorted in."""
    import numpy as np

    chosen = hashes[hashes < np.uint64(threshold)] if threshold < 2**64 - 1 else hashes
    return Distinct(np.empty(0, "<u8"), limit, (chosen,))


def empty(limit: int | None = LEAST) -> Distinct:
    """Make a set without values."""
    import numpy as np

    return Distinct(np.empty(0, "<u8"), limit)
