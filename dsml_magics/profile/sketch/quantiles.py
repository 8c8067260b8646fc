"""Quantiles from sorted runs: each run is a sorted array whose values stand for equally many rows."""

import math
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import numpy as np

RUN = 4096
"""Points of a run; half of a point's rows is the rank error that shortening to it adds."""
KEPT = 2048
"""Points that are stored."""
_FAN = 4
"""So many runs of a size are merged into one: few merges keep the error small."""


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """Sorted values, each standing for `weight` rows, and the rank error in rows."""

    values: "np.ndarray[Any, Any]"
    weight: float = 1.0
    error: float = 0.0

    @property
    def rows(self) -> float:
        return len(self.values) * self.weight

    def shortened(self, points: int) -> "Run":
        """Keep `points` values in the middle of equally many rows each."""
        import numpy as np

        if len(self.values) <= points:
            return self
        at = (np.arange(points) + 0.5) * (len(self.values) / points)
        return Run(self.values[at.astype(np.intp)], self.rows / points, self.error + self.rows / (2 * points))

    @property
    def size(self) -> int:
        """Order of magnitude of the rows, to the base of the fan."""
        return int(math.log(max(self.rows, 1), _FAN) + 1e-9)


def run_of(values: "np.ndarray[Any, Any]", counts: "np.ndarray[Any, Any]", points: int | None) -> Run:
    """Make a run of sorted values and the number of rows that each stands for."""
    import numpy as np

    rows = int(counts.sum())
    if points is None or rows <= points:
        return Run(np.repeat(values, counts))
    at = (np.arange(points) + 0.5) * (rows / points)
    return Run(values[np.searchsorted(np.cumsum(counts), at, "right")], rows / points, rows / (2 * points))


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """A distribution: sorted values and how many rows each stands for.

    Attributes
    ----------
    error
        How many rows a rank read from it may be off.
    """

    values: "np.ndarray[Any, Any]"
    weights: "np.ndarray[Any, Any]"
    error: float = 0.0

    @property
    def total(self) -> float:
        """How many rows it stands for."""
        return float(self.weights[0] * len(self.weights) if self.is_even else self.weights.sum())

    def at_most(self, x: Any) -> "np.ndarray[Any, Any]":
        """Count the rows whose value is `x` or less, for each of an array."""
        return self._rows_before(x, "right")

    def below(self, x: Any) -> "np.ndarray[Any, Any]":
        """Count the rows whose value is less than `x`, for each of an array."""
        return self._rows_before(x, "left")

    def _rows_before(self, x: Any, side: Any) -> "np.ndarray[Any, Any]":
        import numpy as np

        places = np.searchsorted(self.values, x, side)
        if self.is_even:
            return np.asarray(places * float(self.weights[0]))
        return np.asarray(np.concatenate([[0.0], np.cumsum(self.weights)])[places])

    @property
    def is_even(self) -> bool:
        """Whether all values stand for equally many rows."""
        return self.weights.strides == (0,)

    def quantiles(self, shares: Any, *, between: bool = True) -> "np.ndarray[Any, Any]":
        """Read the quantiles of an array of shares from 0 to 1.

        Interpolates linearly between neighbours (Hyndman and Fan 1996, type 7), as numpy and pandas do, or
        gives the nearest value.
        """
        import numpy as np

        up_to = np.cumsum(self.weights)
        last = len(self.values) - 1

        def ranked(rank: Any) -> Any:
            # Sums of fractional weights end a little beside the whole number.
            return self.values[np.minimum(np.searchsorted(up_to, rank + 1e-9 * up_to[-1], "right"), last)]

        exact = self.error == 0
        at = np.asarray(shares) * (round(up_to[-1]) - 1)
        if not between:
            return np.asarray(ranked(np.round(at)) if not exact else self.values[self._whole(np.round(at))])
        low = np.floor(at)
        lower = self.values[self._whole(low)] if exact else ranked(low)
        upper = self.values[self._whole(np.ceil(at))] if exact else ranked(np.ceil(at))
        below, above, share = lower.astype(np.float64), upper.astype(np.float64), at - low
        with np.errstate(all="ignore"):
            middle = below + (above - below) * share
        # Halfway to an infinite value there is nothing.
        return np.asarray(np.where((share == 0) | (below == above) | np.isnan(middle), below, middle))

    def _whole(self, ranks: Any) -> Any:
        """Place whole ranks among values that stand for whole rows."""
        import numpy as np

        if self.is_even:
            return ranks.astype(np.intp)
        found = np.searchsorted(np.cumsum(self.weights), ranks, "right")
        return np.minimum(found, len(self.values) - 1)

    def quantile(self, share: float) -> Any:
        """Read one quantile of numbers."""
        return float(self.quantiles([share])[0])


@dataclass(frozen=True, slots=True, eq=False)
class Quantiles:
    """Runs of many sizes, merged as in a log-structured tree (Munro and Paterson 1980; Manku et al. 1998)."""

    runs: tuple[Run, ...] = ()

    def added(self, run: Run, points: int | None) -> "Quantiles":
        """Take in one more run."""
        return Quantiles(_merged((*self.runs, run), points))

    def merged(self, other: Self, points: int | None) -> "Quantiles":
        """Put two together."""
        return Quantiles(_merged(self.runs + other.runs, points))

    @property
    def error(self) -> float:
        """The rank error, in rows."""
        return sum(run.error for run in self.runs)

    def settled(self, points: int | None) -> "Quantiles":
        """Merge all runs into one of at most so many points; once settled, it stays as it is."""
        if len(self.runs) <= 1:
            return Quantiles(tuple(run.shortened(points) if points else run for run in self.runs))
        return Quantiles((_one(self.runs, points),))

    def points(self) -> Points:
        """Read as one distribution."""
        values, weights = _joined(self.runs)
        return Points(values, weights, self.error)


def _merged(runs: tuple[Run, ...], points: int | None) -> tuple[Run, ...]:
    if points is None:
        return (_one(runs, None),) if len(runs) > 1 else runs
    runs = tuple(run.shortened(points) for run in runs)
    while True:
        ordered = sorted(runs, key=lambda run: run.size)
        groups = [tuple(group) for _, group in groupby(ordered, key=lambda run: run.size)]
        full = next((group for group in groups if len(group) >= _FAN), None)
        if full is None:
            return runs
        kept = tuple(run for run in runs if not any(run is merged for merged in full))
        runs = (*kept, _one(full, points))


def _one(runs: tuple[Run, ...], points: int | None) -> Run:
    """Merge runs into one of at most `points` points."""
    import numpy as np

    values, weights = _joined(runs)
    error = sum(run.error for run in runs)
    if points is None or (len(values) <= points and bool((weights == weights[0]).all())):
        return Run(values, float(weights[0]) if len(weights) else 1.0, error)
    rows = float(weights.sum())
    at = (np.arange(points) + 0.5) * (rows / points)
    chosen = np.minimum(np.searchsorted(np.cumsum(weights), at, "right"), len(values) - 1)
    return Run(values[chosen], rows / points, error + rows / (2 * points))


def _joined(runs: tuple[Run, ...]) -> "tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]":
    import numpy as np

    if len(runs) == 1:
        # One number in the place of many.
        return runs[0].values, np.broadcast_to(np.float64(runs[0].weight), len(runs[0].values))
    # In an order of their own, so that a + b and b + a sum the same numbers in turn.
    ordered = sorted(runs, key=lambda run: (run.rows, float(run.values[0]), float(run.values[-1])))
    values = np.concatenate([run.values for run in ordered])
    weights = np.concatenate([np.full(len(run.values), run.weight) for run in ordered])
    order = np.argsort(values, kind="stable")
    return values[order], weights[order]
