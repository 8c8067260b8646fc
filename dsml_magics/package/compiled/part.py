"""Parts of a plan: each fills some columns of the matrix that the estimator takes."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

Columns = Sequence[Sequence[Any]]
"""Values by column, in the order of the contract: whole numbers, floats, texts, booleans, None where there is none."""
Step = Callable[["np.ndarray[Any, Any]"], "np.ndarray[Any, Any]"]


class Unplanned(Exception):
    """A value that the plan knows nothing of."""


@dataclass(frozen=True)
class Numbers:
    """Columns of numbers, taken as they are, and then through steps of arithmetic.

    Attributes
    ----------
    at
        Where the columns are in the input.
    """

    at: tuple[int, ...]
    steps: tuple[Step, ...]
    start: int
    stop: int

    def fill(self, columns: Columns, matrix: "np.ndarray[Any, Any]") -> None:
        import numpy as np

        block = np.array([columns[at] for at in self.at], dtype=np.float64).T
        if np.isinf(block).any():
            # scikit-learn refuses it, where arithmetic alone would go on.
            raise Unplanned
        for step in self.steps:
            block = step(block)
        matrix[:, self.start : self.stop] = block


@dataclass(frozen=True)
class Codes:
    """The row of a table for each value of a column.

    Attributes
    ----------
    known
        Rows by value; None among them, if nothing is taken.
    unknown
        The row for every other value but None; -1 if there is none.
    """

    known: Mapping[Hashable, int]
    unknown: int

    def rows(self, values: Sequence[Any]) -> "slice | np.ndarray[Any, Any]":
        """Find the rows of values, as an index.

        Raises
        ------
        Unplanned
            One has none.
        """
        import numpy as np

        if len(values) == 1:
            # The usual request: a slice costs a fifth of what an array of one number does.
            code = self._row(values[0])
            return slice(code, code + 1)
        try:
            return np.fromiter(map(self.known.__getitem__, values), np.intp, len(values))
        except KeyError:
            return np.fromiter(map(self._row, values), np.intp, len(values))

    def _row(self, value: Any) -> int:
        code = self.known.get(value, -1 if value is None else self.unknown)
        if code < 0:
            raise Unplanned
        return code


@dataclass(frozen=True)
class Lookup:
    """A column of few values: what the pipeline makes of each was found out before.

    Attributes
    ----------
    at
        Where the column is in the input.
    table
        What the pipeline made of each value, shape (values, stop - start).
    """

    at: int
    codes: Codes
    table: "np.ndarray[Any, Any]"
    start: int
    stop: int

    def fill(self, columns: Columns, matrix: "np.ndarray[Any, Any]") -> None:
        matrix[:, self.start : self.stop] = self.table[self.codes.rows(columns[self.at])]


Part = Numbers | Lookup
"""What fills columns `start` to `stop` of a matrix."""
