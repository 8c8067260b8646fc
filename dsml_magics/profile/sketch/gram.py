"""Sums of products of columns, for Pearson's correlation over all rows."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import numpy as np

WIDE = 100
"""At most so many columns are multiplied with each other: the work grows with their square."""
_CANCELLED = 1e-6
"""What is left of a difference when so little of the larger number remains may be rounding."""


@dataclass(frozen=True, slots=True, eq=False)
class Gram:
    """Co-moments of each two columns over the rows where both are present and finite.

    Attributes
    ----------
    names
        The columns, `p` of them.
    count, mean, second, product
        Arrays of shape ``(p, p)``: rows with both; mean and sum of squared distances of the column of the row of
        the array among these; sum of products of both distances. Merged as `Moments` are.
    origin
        Shape ``(p,)``: what was taken off each column before; None where that is 0. Far from zero a mean is
        rounded by more than the values may differ.
    """

    names: tuple[str, ...] = ()
    count: "np.ndarray[Any, Any] | None" = None
    mean: "np.ndarray[Any, Any] | None" = None
    second: "np.ndarray[Any, Any] | None" = None
    product: "np.ndarray[Any, Any] | None" = None
    origin: "np.ndarray[Any, Any] | None" = None

    @classmethod
    def of(
        cls,
        names: tuple[str, ...],
        values: "np.ndarray[Any, Any]",
        gaps: "np.ndarray[Any, Any]",
        *,
        origin: "np.ndarray[Any, Any] | None" = None,
    ) -> Self:
        """Measure values of shape ``(p, rows)``, less their origin, which are overwritten.

        `gaps` tells which columns have NaN or infinite values, to be left out; the others are spared the work.
        """
        import numpy as np

        with np.errstate(all="ignore"):
            mask = np.isfinite(values[gaps])
            _blank(values, gaps, mask)
            share = mask.astype(np.float64)
            rows, some = values.shape[1], np.flatnonzero(gaps)
            present = np.full(len(values), float(rows))
            present[some] = share.sum(axis=1)
            middle = values.sum(axis=1) / np.maximum(present, 1)
            values -= middle[:, None]
            values[some] *= share
            product = values @ values.T
            count, total = np.repeat(present[:, None], len(values), 1), np.zeros_like(product)
            square = np.repeat(np.diagonal(product)[:, None], len(values), 1)
            if len(some):
                count[:, some] = share.sum(axis=1)
                count[np.ix_(some, some)] = share @ share.T
                total[:, some] = values @ share.T
                square[:, some] = (values * values) @ share.T
            offset = np.divide(total, count, out=np.zeros_like(total), where=count > 0)
            second, product = square - total * offset, product - total * offset.T
            here = dict(zip(some.tolist(), mask, strict=True))
            for one, two in _hidden(square, second) if len(some) else ():
                both = here.get(one, True) & here.get(two, np.ones(rows, bool))
                x, y = (_centred(values[place], both) for place in (one, two))
                second[one, two], product[one, two] = x @ x, x @ y
            return cls(names, count, middle[:, None] + offset, second, product, origin)

    def __add__(self, other: Self) -> "Gram":
        import numpy as np

        if self.names != other.names or self.count is None or other.count is None:
            return self if other.count is None else other
        if self.mean is None or other.mean is None or self.second is None or other.second is None:
            return self
        with np.errstate(all="ignore"):
            total = self.count + other.count
            share = np.divide(self.count * other.count, total, out=np.zeros_like(total), where=total > 0)
            part = np.divide(other.count, total, out=np.zeros_like(total), where=total > 0)
            theirs = other.mean + self._apart(other)
            gap = np.where((self.count > 0) & (other.count > 0), theirs - self.mean, 0.0)
            alone = np.where(self.count > 0, self.mean, theirs)
            return Gram(
                self.names,
                total,
                alone + gap * part,
                self.second + other.second + gap * gap * share,
                self.product + other.product + gap * gap.T * share,  # type: ignore[operator]
                self.origin,
            )

    def _apart(self, other: Self) -> Any:
        """Tell how far the origins of another are from ours; shape ``(p, 1)`` or 0."""
        if self.origin is None and other.origin is None:
            return 0.0
        ours, theirs = (0.0 if each.origin is None else each.origin[:, None] for each in (self, other))
        return theirs - ours

    def in_order(self, names: tuple[str, ...]) -> "Gram":
        """Put the columns in another order."""
        import numpy as np

        if names == self.names or self.count is None or set(names) != set(self.names):
            return self
        at = np.ix_(*[[self.names.index(name) for name in names]] * 2)
        known = {part: getattr(self, part) for part in ("count", "mean", "second", "product")}
        parts = {part: values[at] for part, values in known.items() if values is not None}
        origin = None if self.origin is None else self.origin[[self.names.index(name) for name in names]]
        return replace(self, names=names, origin=origin, **parts)

    def pearson(self) -> "np.ndarray[Any, Any]":
        """Give Pearson's correlations, of shape ``(p, p)``; NaN where one does not vary or there are less than two rows."""
        import numpy as np

        if self.count is None or self.second is None or self.product is None or self.mean is None:
            return np.empty((0, 0))
        with np.errstate(all="ignore"):
            scale = np.sqrt(self.second) * np.sqrt(self.second.T)
            # What rounding leaves of the spread of equal values is none.
            flat = self.second <= self.count * (np.abs(self.mean) * 1e-14) ** 2
            found = np.clip(self.product / scale, -1.0, 1.0)
            found[flat | flat.T | (self.count < 2) | ~np.isfinite(found)] = np.nan
        return np.asarray(found)


def _blank(
    values: "np.ndarray[Any, Any]", gaps: "np.ndarray[Any, Any]", mask: "np.ndarray[Any, Any]"
) -> None:
    import numpy as np

    for place, present in zip(np.flatnonzero(gaps), mask, strict=True):
        values[place][~present] = 0.0


def _hidden(square: "np.ndarray[Any, Any]", second: "np.ndarray[Any, Any]") -> list[tuple[int, int]]:
    """List the pairs of which rounding leaves nothing, as what lies in other rows is far greater."""
    import numpy as np

    lost = (second < _CANCELLED * square) & (square > 0)
    return [(one, two) for one, two in np.argwhere(lost | lost.T).tolist()]


def _centred(values: "np.ndarray[Any, Any]", rows: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    """Take some rows of a column, less their mean; equal values have a distance of exactly 0."""
    import numpy as np

    near = values[rows] - values[rows][0]
    return np.asarray(near - near.mean())
