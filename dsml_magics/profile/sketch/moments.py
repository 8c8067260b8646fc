"""Count, mean and central moments, merged pairwise."""

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import numpy as np

_WHOLE = 2**53
"""A float holds every whole number up to this one."""
_NEGLIGIBLE = 1e-12
"""A mean that is off by no more of the greatest distance changes no digit of the moments."""


@dataclass(frozen=True, slots=True)
class Moments:
    """Count, mean, and sums of the 2nd to 4th powers of the distances from the mean, of finite values.

    The mean is `mean` + `rest`: what a float cannot hold of it, as far from zero the values may differ by less
    than its last digit. Merged by the formulas of Chan, Golub and LeVeque (1979) and Pébay (2008).
    """

    count: int = 0
    mean: float = 0.0
    second: float = 0.0
    third: float = 0.0
    fourth: float = 0.0
    rest: float = 0.0

    @classmethod
    def of(cls, values: "np.ndarray[Any, Any]", weights: "np.ndarray[Any, Any] | None" = None) -> Self:
        """Measure finite values, sorted in ascending order, each standing for `weights` rows."""
        import numpy as np

        count = len(values) if weights is None else int(weights.sum())
        if not count:
            return cls()
        with np.errstate(all="ignore"):
            origin, floats = _shifted(values)
            middle = _mean(floats, weights, count) if values[0] != values[-1] else float(floats[0])
            distance = floats - middle
            # Far from zero the mean is rounded by more than the values may differ.
            beside = _mean(distance, weights, count)
            if abs(beside) > _NEGLIGIBLE * max(abs(distance[0]), abs(distance[-1])):
                distance -= beside
            square = distance * distance
            one = distance if weights is None else distance * weights
            two = square if weights is None else square * weights
            mean, rest = _two_sum(float(origin), middle)
            rest += beside + (origin - int(float(origin)))
            return cls(
                count,
                mean,
                float(distance @ one),
                float(square @ one),
                float(square @ two),
                rest if math.isfinite(rest) else 0.0,
            )

    def __add__(self, other: Self) -> "Moments":
        if not self.count or not other.count:
            return other if not self.count else self
        m, n = self.count, other.count
        total, gap = m + n, (other.mean - self.mean) + (other.rest - self.rest)
        share, part = m * n / total, gap / total
        mean, rest = _middle(self, other)
        return Moments(
            count=total,
            mean=mean,
            second=self.second + other.second + gap * gap * share,
            third=(self.third + other.third)
            + gap * gap * part * share * (m - n)
            + 3 * part * (m * other.second - n * self.second),
            fourth=(self.fourth + other.fourth)
            + gap * gap * part * part * share * (m * m - m * n + n * n)
            + 6 * part * part * (m * m * other.second + n * n * self.second)
            + 4 * part * (m * other.third - n * self.third),
            rest=rest,
        )

    def scaled(self, factor: int) -> "Moments":
        """Measure the values in a unit of which `factor` make one of theirs."""
        mean = Fraction(self.mean) * factor
        return Moments(
            self.count,
            float(mean),
            self.second * factor**2,
            self.third * factor**3,
            self.fourth * factor**4,
            float(mean - Fraction(float(mean))) + self.rest * factor,
        )

    @property
    def nearest(self) -> int:
        """The whole number nearest to the mean."""
        return round(Fraction(self.mean) + Fraction(self.rest))

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
        if not variance > 0 or not math.isfinite(power):
            return None
        try:
            found = power / self.count / variance**exponent
        except (OverflowError, ZeroDivisionError):
            return None
        return found if math.isfinite(found) else None


def _shifted(values: "np.ndarray[Any, Any]") -> "tuple[int, np.ndarray[Any, Any]]":
    """Give sorted values as floats; whole numbers that no float holds as exact distances from the least one."""
    import numpy as np

    if values.dtype.kind not in "iu" or -_WHOLE <= values[0] <= values[-1] <= _WHOLE:
        return 0, values.astype(np.float64, copy=False)
    origin = values[0]
    # Without a sign, whole numbers wrap around to the right distance even where a signed one is too short.
    return int(origin), (values.astype(np.uint64) - origin.astype(np.uint64)).astype(np.float64)


def _mean(values: "np.ndarray[Any, Any]", weights: "np.ndarray[Any, Any] | None", count: int) -> float:
    return float(values.mean() if weights is None else values @ weights / count)


def _two_sum(one: float, two: float) -> tuple[float, float]:
    """Add two numbers; give what rounding loses of the sum too (Knuth 1969)."""
    total = one + two
    part = total - one
    lost = (one - (total - part)) + (two - part)
    return total, lost if math.isfinite(lost) else 0.0


def _middle(one: Moments, two: Moments) -> tuple[float, float]:
    """Weigh two means; the greater count goes first, so that the order of merging changes no bit."""
    if one.count == two.count:
        mean, lost = _two_sum(one.mean / 2, two.mean / 2)
        return _two_sum(mean, lost + (one.rest + two.rest) / 2)
    large, small = (one, two) if one.count > two.count else (two, one)
    gap = (small.mean - large.mean) + (small.rest - large.rest)
    mean, lost = _two_sum(large.mean, gap * (small.count / (large.count + small.count)))
    return _two_sum(mean, lost + large.rest)
