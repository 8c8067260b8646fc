"""Two samples of ordered values: how far their distributions lie apart, and how probable that is by chance."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from dsml_magics.profile.significance import kolmogorov_p, rank_sum_p

if TYPE_CHECKING:
    import numpy as np

    Pair = tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]


@dataclass(frozen=True)
class TwoSamples:
    """Sorted values of two tables, each standing for `weights` rows, and the rows with a value in each table."""

    values: "Pair"
    weights: "Pair"
    rows: tuple[int, int]

    @cached_property
    def shares_up_to(self) -> "Pair":
        """Give the share of each table's values up to each different value of both, ascending."""
        import numpy as np

        merged = np.concatenate(self.values)
        # Two sorted runs: a stable sort merges them in linear time.
        order = np.argsort(merged, kind="stable")
        ranked = merged[order]
        last = np.append(ranked[1:] != ranked[:-1], True)
        is_first = order < len(self.values[0])
        weights = np.concatenate(self.weights)[order]
        first, second = (np.cumsum(weights * rows)[last] for rows in (is_first, ~is_first))
        return first / first[-1], second / second[-1]

    @cached_property
    def distance(self) -> float:
        """Find the Kolmogorov-Smirnov distance of the values."""
        return self.distance_with_missing((0.0, 0.0))

    def distance_with_missing(self, missing: tuple[float, float]) -> float:
        """Find the distance where missing is a value of its own, that stands before or behind all others.

        Parameters
        ----------
        missing
            Share of each table's rows without a value.
        """
        import numpy as np

        first, second = ((1 - gap) * up_to for gap, up_to in zip(missing, self.shares_up_to, strict=True))
        behind = first - second
        before = behind + missing[0] - missing[1]
        return float(max(np.abs(behind).max(), np.abs(before).max()))

    def p_value(self, *, error: float = 0.0) -> float:
        """Tell how probable a difference like this is in two samples of one distribution.

        The smaller one of the probabilities of the Kolmogorov-Smirnov distance and of the sum of ranks, which sees
        a shift of all values sooner, doubled as they are two.

        Parameters
        ----------
        error
            How far a share of the values may be off, in both tables together: it counts against a difference.
        """
        import numpy as np

        first, second = self.shares_up_to
        up_to = np.round(first * self.rows[0] + second * self.rows[1])
        found = kolmogorov_p(self.distance - error, rows=self.rows, up_to=up_to)
        mass = [np.diff(shares, prepend=0.0) for shares in (first, second)]
        shift = abs(float(mass[0] @ (second - mass[1] / 2)) - 0.5)
        ties = np.diff(up_to, prepend=0.0) / sum(self.rows)
        ranks = rank_sum_p(max(0.0, shift - error), rows=self.rows, spread=1 - float((ties**3).sum()))
        return found if ranks is None else min(1.0, 2 * min(found, ranks))
