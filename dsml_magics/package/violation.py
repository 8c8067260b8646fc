"""What breaks a contract."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

What = Literal["type", "missing", "range", "category"]


@dataclass(frozen=True)
class Violation:
    """How values of one column break its rule; the values themselves are not repeated.

    Attributes
    ----------
    what
        ``type``, ``missing``, ``range`` or ``category``.
    expected, got
        What the contract says, and of what kind the value is.
    refused
        Whether the rows must not be answered; else the user is warned.
    rows
        Which rows of the batch, in order.
    """

    column: str
    what: What
    expected: str
    got: str
    refused: bool
    rows: "np.ndarray[Any, Any]"

    def __str__(self) -> str:
        return f"{self.column}: expected {self.expected}, got {self.got}"


@dataclass(frozen=True)
class Checked:
    """A batch that was validated against a contract.

    Attributes
    ----------
    rows
        The columns the model takes, in its order and types; the values of refused rows mean nothing.
    violations
        What is wrong, by column.
    changed
        Names of columns whose values are not those that came: cast, or clipped.
    """

    rows: "pa.Table"
    violations: Sequence[Violation] = ()
    changed: frozenset[str] = frozenset()

    @property
    def refused(self) -> "np.ndarray[Any, Any]":
        """A mask of the rows that must not be answered."""
        import numpy as np

        mask = np.zeros(self.rows.num_rows, bool)
        for violation in self.violations:
            if violation.refused:
                mask[violation.rows] = True
        return mask

    def reasons(self) -> dict[int, str]:
        """Say of each refused row what is wrong with it."""
        found: dict[int, list[str]] = {}
        for violation in self.violations:
            if violation.refused:
                for row in violation.rows.tolist():
                    found.setdefault(row, []).append(str(violation))
        return {row: "; ".join(said) for row, said in sorted(found.items())}
