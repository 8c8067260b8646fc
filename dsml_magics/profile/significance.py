"""Probabilities that two samples of one distribution differ as much: permutation tests of two tables' columns.

Written with numpy alone: importing scipy.special costs more than a whole comparison. Each is an upper bound of the
exact permutation probability, or its normal or Kolmogorov limit, so that a test holds its level with ties too.
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

_TERMS = 5_000
"""So many terms of a tail are summed; what is beyond has no weight."""
_FEW = 1_000
"""Up to so many different values, the tail at each of them is added."""
_LEAST_SPREAD, _LEAST_ROWS = 0.5, 20
"""With fewer different ranks or rows than these, a sum of ranks is not normal."""


def normal_p(z: float) -> float:
    """Return the two-sided probability of a standard normal value."""
    return math.erfc(abs(z) / math.sqrt(2))


def proportions_p(first: int, second: int, *, rows: tuple[int, int]) -> float:
    """Compare two proportions by Fisher's exact test (1922), the smaller tail doubled.

    Parameters
    ----------
    first, second
        Rows with the property in each table, of `rows`.
    """
    import numpy as np

    total = first + second
    lowest, highest = max(0, total - rows[1]), min(total, rows[0])
    up = np.arange(first, min(highest, first + _TERMS) + 1)
    down = np.arange(max(lowest, first - _TERMS), first + 1)
    tails = [float(np.exp(log_hypergeometric(each, total, rows)).sum()) for each in (up, down)]
    return min(1.0, 2 * min(tails))


def only_in_second_p(count: int, *, rows: tuple[int, int]) -> float:
    """Return the probability that all `count` rows of a category fall into the second of two tables."""
    if count > rows[1]:
        return 0.0
    return math.exp(log_choose(rows[1], count) - log_choose(sum(rows), count))


def log_hypergeometric(found: "np.ndarray[Any, Any]", total: Any, rows: tuple[int, int]) -> Any:
    """Give the logarithm of the probability that `found` of `total` rows fall into the first table."""
    both = rows[0] + rows[1]
    return log_choose(total, found) + log_choose(both - total, rows[0] - found) - log_choose(both, rows[0])


def log_choose(n: Any, k: Any) -> Any:
    """Give the logarithm of binomial coefficients."""
    return _log_factorial(n) - _log_factorial(k) - _log_factorial(n - k)


def _log_factorial(n: Any) -> Any:
    """Use Stirling's series from 10 on, off by less than 1e-12, and the recurrence below."""
    if isinstance(n, int | float):
        return math.lgamma(n + 1)
    import numpy as np

    small = np.cumsum(np.log(np.maximum(np.arange(10.0), 1.0)))
    x = np.maximum(n, 10.0)
    inverse = 1 / (x * x)
    series = (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse / 1680))) / x
    stirling = (x + 0.5) * np.log(x) - x + 0.5 * math.log(2 * math.pi) + series
    return np.where(n < 10, small[np.minimum(n, 9).astype(np.intp)], stirling)


def kolmogorov_p(distance: float, *, rows: tuple[int, int], up_to: "np.ndarray[Any, Any]") -> float:
    """Compare two distributions by their Kolmogorov-Smirnov distance.

    The smaller of two upper bounds: the limit of Kolmogorov (1933) and Smirnov (1939), which ties make too large;
    and, of few different values, the sum of the exact tails at each of them.

    Parameters
    ----------
    up_to
        How many rows of both tables have each value or a smaller one, ascending.
    """
    if distance <= 0:
        return 1.0
    z = distance * math.sqrt(rows[0] / (1 + rows[0] / rows[1]))
    limit = (
        2 * math.fsum((-1) ** k * math.exp(-2 * (k + 1) ** 2 * z * z) for k in range(40)) if z > 0.3 else 1.0
    )
    if len(up_to) > _FEW:
        return limit
    return min(limit, float(_tails(distance, rows, up_to).sum()))


def _tails(distance: float, rows: tuple[int, int], up_to: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    """Bound the probability that shares of `up_to` rows in each table differ by `distance`, by geometric series."""
    import numpy as np

    first, both = rows[0], sum(rows)
    middle = up_to * (first / both)
    # A share further away by d in one table: i / n - (k - i) / m = d.
    step = distance * first * rows[1] / both
    found = np.zeros(len(up_to))
    for is_above in (True, False):
        i = np.ceil(middle + step - 1e-9) if is_above else np.floor(middle - step + 1e-9)
        possible = (i >= np.maximum(0, up_to - rows[1])) & (i <= np.minimum(up_to, first))
        i, k = i[possible], up_to[possible]
        if is_above:
            ratio = (k - i) * (first - i) / ((i + 1) * (both - k - first + i + 1))
        else:
            ratio = i * (both - k - first + i) / ((k - i + 1) * (first - i + 1))
        found[possible] += np.exp(log_hypergeometric(i, k, rows)) / np.maximum(1 - ratio, 1e-9)
    return found


def rank_sum_p(shift: float, *, rows: tuple[int, int], spread: float) -> float | None:
    """Compare the ranks of two samples (Mann and Whitney 1947); None where their sum is not nearly normal.

    Parameters
    ----------
    shift
        How much more often than half the time a value of the one is above a value of the other, ties counted half.
    spread
        1 less the sum of the cubes of the shares of tied values.
    """
    if spread < _LEAST_SPREAD or min(rows) < _LEAST_ROWS:
        return None
    return normal_p(shift / math.sqrt(spread * (sum(rows) + 1) / (12 * rows[0] * rows[1])))


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjust probabilities for their number (Holm 1979): those below a level are wrong together no more often than it."""
    order = sorted(range(len(p_values)), key=lambda place: p_values[place])
    adjusted, highest = [1.0] * len(p_values), 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, p_values[place] * (len(p_values) - rank)))
        adjusted[place] = highest
    return adjusted
