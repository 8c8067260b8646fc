"""Sums of products of columns, for Pearson's correlation over all rows."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import numpy as np

WIDE = 100
"""At most so many columns are multiplied with each other: the work grows with their square."""


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
    """

    names: tuple[str, ...] = ()
    count: "np.ndarray[Any, Any] | None" = None
    mean: "np.ndarray[Any, Any] | None" = None
    second: "np.ndarray[Any, Any] | None" = None
    product: "np.ndarray[Any, Any] | None" = None

    @classmethod
    def of(cls, names: tuple[str, ...], values: "np.ndarray[Any, Any]", gaps: "np.ndarray[Any, Any]") -> Self:
        """Measure values of shape ``(p, rows)``, which are overwritten.

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
                values *= values
                square[:, some] = values @ share.T
            offset = np.divide(total, count, out=np.zeros_like(total), where=count > 0)
            return cls(
                names, count, middle[:, None] + offset, square - total * offset, product - total * offset.T
            )

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
            gap = np.where((self.count > 0) & (other.count > 0), other.mean - self.mean, 0.0)
            alone = np.where(self.count > 0, self.mean, other.mean)
            return Gram(
                self.names,
                total,
                alone + gap * part,
                self.second + other.second + gap * gap * share,
                self.product + other.product + gap * gap.T * share,  # type: ignore[operator]
            )

    def in_order(self, names: tuple[str, ...]) -> "Gram":
        """Put the columns in another order."""
        import numpy as np

        if names == self.names or self.count is None or set(names) != set(self.names):
            return self
        at = np.ix_(*[[self.names.index(name) for name in names]] * 2)
        parts = [part[at] for part in (self.count, self.mean, self.second, self.product) if part is not None]
        return Gram(names, *parts)

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
