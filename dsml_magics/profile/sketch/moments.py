"""Count, mean and central moments, merged pairwise."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True)
class Moments:
    """Count, mean, and sums of the 2nd to 4th powers of the distances from the mean, of finite values.

    Merged by the formulas of Chan, Golub and LeVeque (1979) and Pébay (2008), which lose no digits where the
    mean is far from zero.
    """

    count: int = 0
    mean: float = 0.0
    second: float = 0.0
    third: float = 0.0
    fourth: float = 0.0

    @classmethod
    def of(cls, values: "np.ndarray[Any, Any]", weights: "np.ndarray[Any, Any] | None" = None) -> Self:
        """Measure finite values, each standing for `weights` rows."""
        import numpy as np

        count = len(values) if weights is None else int(weights.sum())
        if not count:
            return cls()
        with np.errstate(all="ignore"):
            floats = values.astype(np.float64, copy=False)
            mean = float(floats.mean() if weights is None else floats @ weights / count)
            distance = floats - mean
            square = distance * distance
            one = distance if weights is None else distance * weights
            two = square if weights is None else square * weights
            return cls(count, mean, float(distance @ one), float(square @ one), float(square @ two))

    def __add__(self, other: Self) -> "Moments":
        if not self.count or not other.count:
            return other if not self.count else self
        m, n = self.count, other.count
        total, gap = m + n, other.mean - self.mean
        share, rest = m * n / total, gap / total
        return Moments(
            count=total,
            mean=_middle(self, other),
            second=self.second + other.second + gap * gap * share,
            third=(self.third + other.third)
            + gap * gap * rest * share * (m - n)
            + 3 * rest * (m * other.second - n * self.second),
            fourth=(self.fourth + other.fourth)
            + gap * gap * rest * rest * share * (m * m - m * n + n * n)
            + 6 * rest * rest * (m * m * other.second + n * n * self.second)
            + 4 * rest * (m * other.third - n * self.third),
        )

    @property
    def std(self) -> float | None:
        """Standard deviation with ``n - 1`` in the denominator; None for less than two values."""
        return math.sqrt(self.second / (self.count - 1)) if self.count > 1 and self.second >= 0 else None

    @property
    def skewness(self) -> float | None:
        """Third standardised moment, without correction for the sample's size."""
        return self._standardised(self.third, 1.5) if self.count > 2 else None

    @property
    def kurtosis(self) -> float | None:
        """Fourth standardised moment less 3, without correction for the sample's size."""
        found = self._standardised(self.fourth, 2.0) if self.count > 3 else None
        return None if found is None else found - 3

    def _standardised(self, power: float, exponent: float) -> float | None:
        variance = self.second / self.count
        noise = self.mean * 1e-15
        # Where all values are one number, what is left of the variance is rounding.
        if not variance > noise * noise or not math.isfinite(power):
            return None
        try:
            found = power / self.count / variance**exponent
        except (OverflowError, ZeroDivisionError):
            return None
        return found if math.isfinite(found) else None


def _middle(one: Moments, two: Moments) -> float:
    """Weigh two means; the greater count goes first, so that the order of merging changes no bit."""
    if one.count == two.count:
        return (
            (one.mean + two.mean) / 2 if math.isfinite(one.mean + two.mean) else one.mean / 2 + two.mean / 2
        )
    large, small = (one, two) if one.count > two.count else (two, one)
    return large.mean + (small.mean - large.mean) * (small.count / (large.count + small.count))
