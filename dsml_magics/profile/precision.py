"""How far a measure of association in a sample may be from that of the whole table, and what chance alone makes of it.

Standard errors are those of the squares of the measures, by the delta method: each row's influence on the square, and the
spread that is left where columns do not go together and no row has an influence.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsml_magics.profile.strength import reach
from dsml_magics.profile.vectors import Groups, Numbers

if TYPE_CHECKING:
    import numpy as np

_ERRORS = 2.5
"""So many standard errors are stated: 95 % with some to spare for skewed and heavy-tailed columns."""
_CHANCE = 4.0
"""So many standard errors above none is more than chance."""
_FEW = 20
"""A variance that so few rows alone make is doubled."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """How rows were drawn from a table.

    Attributes
    ----------
    share
        How many rows drawn one by one tell as much as one row.
    left
        The share of the table's rows that were not drawn; 0.0 where all are there.
    """

    share: float = 1.0
    left: float = 0.0

    @property
    def corrected(self) -> float:
        """How many rows one row counts as where a bias is taken off: that of the sample, and that of the whole table."""
        return 1 / (self.left / self.share + 1 - self.left)


def bound_of(strength: float, variance: float, drawn: Drawn) -> float:
    """Tell how far a measure may be off, given the variance of its square."""
    off = _ERRORS * (variance * drawn.left) ** 0.5
    square = strength * strength
    low, high = max(0.0, square - off) ** 0.5, min(1.0, square + off) ** 0.5
    return float(max(strength - low, high - strength))


def is_chance(square: float, variance: float) -> bool:
    """Tell whether chance alone often makes the square of an association as great, given its variance where there is none."""
    return bool(square <= _CHANCE * variance**0.5)


def chance_of_ratio(groups: int, rows: float) -> float:
    """Give the variance of a corrected, squared correlation ratio of columns that do not go together."""
    spare = rows - groups
    return 2 * (groups - 1) / (spare * (rows + 1)) if spare > 0 else 1.0


def chance_of_v(one: "np.ndarray[Any, Any]", two: "np.ndarray[Any, Any]") -> float:
    """Give the variance of the mean square contingency of groups of these sizes that do not go together (Dawson 1954)."""
    rows = float(one.sum())
    if rows <= 3:
        return 1.0
    (v, w), (x, y) = (_dawson(sizes[sizes > 0], rows) for sizes in (one, two))
    variance = 2 * rows / (rows - 3) * (v - w) * (x - y) + rows**2 / (rows - 1) * w * y
    return float(max(0.0, variance)) / rows**2


def _dawson(sizes: "np.ndarray[Any, Any]", rows: float) -> tuple[float, float]:
    many = len(sizes)
    unlike = (rows * float((1 / sizes).sum()) - many**2) / (rows - 2)
    return (many - 1) * max(0.0, rows - many) / (rows - 1), unlike


def error_of_pearson(one: Numbers, two: Numbers, strength: float, drawn: Drawn) -> float:
    """Bound a correlation (Pearson and Filon 1898, without their assumption that both are normal)."""
    import numpy as np

    weights = _shared(one, two)
    rows = float(weights.sum())
    x, y = (_standardised(each.values, weights, rows) for each in (one, two))
    influence = weights * (x * y - strength / 2 * (x * x + y * y))
    error = (float(influence @ influence) * _heavy(influence)) ** 0.5 / max(rows, 1.0)
    # Where rows are few or one alone decides, the spread of a correlation of none.
    none = (1 - strength**2) / max(rows * drawn.share, 1.0) ** 0.5
    return float(min(1 + abs(strength), _ERRORS * drawn.left**0.5 * np.hypot(error, none / 4)))


def _heavy(influence: "np.ndarray[Any, Any]") -> float:
    """Enlarge a variance that few rows make: the sample may lack others like them."""
    squares = influence * influence
    fourth = float(squares @ squares)
    return 1 + _FEW * fourth / float(squares.sum()) ** 2 if fourth else 1.0


def _shared(one: Numbers, two: Numbers) -> "np.ndarray[Any, Any]":
    """Give the weights of the rows that have both."""
    import numpy as np

    weights = np.ones(len(one.values)) if one.weights is None else one.weights
    return weights if two.weights is None else np.where(two.weights > 0, weights, 0.0)


def _standardised(
    values: "np.ndarray[Any, Any]", weights: "np.ndarray[Any, Any]", rows: float
) -> "np.ndarray[Any, Any]":
    distances = values - float(values @ weights) / max(rows, 1.0)
    spread = float(weights @ (distances * distances)) / max(rows, 1.0)
    return distances / spread**0.5 if spread else distances


def error_of_ratio(groups: Groups, numbers: Numbers, strength: float, drawn: Drawn) -> float:
    """Bound a correlation ratio."""
    import numpy as np

    missing = len(groups.labels)
    weights = np.ones(len(numbers.values)) if numbers.weights is None else numbers.weights
    weights = np.where(groups.codes < missing, weights, 0.0)
    rows = float(weights.sum())
    counts = np.bincount(groups.codes, weights, missing + 1)
    sums = np.bincount(groups.codes, weights * numbers.values, missing + 1)
    means = sums / np.maximum(counts, 1e-300)
    apart = np.where(counts > 0, means - float(sums.sum()) / max(rows, 1.0), 0.0)
    between, within = apart[groups.codes], numbers.values - means[groups.codes]
    square = strength * strength
    spread = float(weights @ (between + within) ** 2) / max(rows, 1.0)
    few, drawn_rows = int(np.count_nonzero(counts[:-1])), rows * drawn.share
    if not spread or drawn_rows <= few + 1:
        return 1.0
    influence = (1 - square) * (between * between + 2 * between * within) - square * within * within
    known = float(((weights * influence) ** 2).sum()) / (rows * spread) ** 2
    # As many groups explain by chance takes from the degrees of freedom.
    known *= _heavy(weights * influence) * ((drawn_rows - 1) / (drawn_rows - few)) ** 2
    none = chance_of_ratio(few, drawn_rows) * (1 - square)
    chosen = _of_choice(groups, counts[:-1] * apart[:-1] ** 2 / (rows * spread))
    return bound_of(strength, known + none + chosen / max(drawn.left, 1e-300), drawn)


def _of_choice(groups: Groups, parts: "np.ndarray[Any, Any]") -> float:
    """Give the variance of a sum of each group's part where other groups may have been chosen for some."""
    if groups.unsure is None:
        return 0.0
    return float(2 * (parts[groups.unsure] ** 2).sum())


def error_of_v(
    one: Groups,
    two: Groups,
    strength: float,
    *,
    weights: "np.ndarray[Any, Any] | None",
    drawn: Drawn,
) -> float:
    """Bound Cramér's V (Agresti 2013, 16.1)."""
    import numpy as np

    width = len(two.labels) + 1
    codes = one.codes * width + two.codes
    cells = np.bincount(codes, weights, (len(one.labels) + 1) * width).reshape(-1, width)[:-1, :-1]
    rows = float(cells.sum())
    shares = cells / max(rows, 1.0)
    of_one, of_two = shares.sum(axis=1), shares.sum(axis=0)
    many = int(np.count_nonzero(of_one)), int(np.count_nonzero(of_two))
    drawn_rows = rows * drawn.share
    if min(many) < 2 or drawn_rows <= 1:
        return 1.0
    influence, apart = _cells(shares)
    known = float((shares * influence * influence).sum()) / drawn_rows
    none = chance_of_v(of_one * drawn_rows, of_two * drawn_rows)
    chosen = _of_choice(one, apart.sum(axis=1)) + _of_choice(two, apart.sum(axis=0))
    variance = known + none + chosen / max(drawn.left, 1e-300)
    corrected = max(rows * drawn.corrected - 1, 1.0)
    # Groups without a row that has both columns here may have one in the whole table, or none.
    used = many[0] + one.unseen, many[1] + two.unseen
    least, smaller, most = (
        min(reach(size, corrected) for size in sizes) for sizes in (many, used, (one.size, two.size))
    )
    if least <= 0:
        return 1.0
    other = max(abs((smaller / each) ** 0.5 - 1) for each in (least, most))
    return float(min(1.0, bound_of(strength, variance / smaller**2, drawn) + strength * other))


def _cells(shares: "np.ndarray[Any, Any]") -> "tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]":
    """Give each cell's influence on the mean square contingency, and its part of it; both of the shape of `shares`."""
    import numpy as np

    of_one, of_two = shares.sum(axis=1, keepdims=True), shares.sum(axis=0, keepdims=True)
    up, across = np.maximum(of_one, 1e-300), np.maximum(of_two, 1e-300)
    ratio = shares / up / across
    influence = 2 * ratio
    influence -= (shares * ratio).sum(axis=1, keepdims=True) / up
    influence -= (shares * ratio).sum(axis=0, keepdims=True) / across
    return influence, (shares - up * across * (of_one > 0)) ** 2 / up / across
