"""The columns of a sample as vectors, each read once."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dsml_magics.profile.column import GROUPED, ORDERED, Column
from dsml_magics.profile.precision import Drawn
from dsml_magics.profile.vectors import Groups, Numbers, groups_in, numbers_in

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from dsml_magics.profile.sketch.sample import Sample


class Coded:
    """The columns of a sample as vectors, each read once.

    Attributes
    ----------
    weights
        How many rows each row of the sample stands for; None where all stand for one.
    total
        The sum of the weights.
    effective
        How many rows drawn one by one would tell as much (Kish 1965); all rows where none is left out.
    scale
        How many rows of the table a weight of 1 stands for.
    hashes
        Of the rows.
    drawn
        How the rows of the sample were drawn.
    bound
        Two standard errors of a correlation in the sample; 0.0 where all rows are there.
    """

    def __init__(self, columns: Mapping[str, Column], sample: "Sample") -> None:
        import numpy as np

        weights = sample.weights.astype(np.float64)
        squares = float(weights @ weights)
        self.columns, self.table, self.hashes = columns, sample.table, sample.hashes
        self.weights = None if (weights == 1).all() else weights
        self.total = float(weights.sum())
        self.effective = self.total if sample.is_complete or not squares else self.total**2 / squares
        self.scale = sample.rows / self.total if self.total else 1.0
        self.drawn = Drawn(
            self.effective / self.total if self.total else 1.0,
            0.0 if sample.is_complete else max(0.0, 1 - self.total / sample.rows),
        )
        self.bound = 0.0 if sample.is_complete else min(1.0, 2 / max(self.effective, 1.0) ** 0.5)
        self._places = {name: place for place, name in enumerate(sample.table.column_names)}
        self._arrays: dict[str, pa.Array] = {}
        self._numbers: dict[str, Numbers | None] = {}
        self._groups: dict[str, Groups | None] = {}

    def is_ordered(self, name: str) -> bool:
        """Whether the values of a column have distances."""
        return self.columns[name].kind in ORDERED

    def is_grouped(self, name: str) -> bool:
        """Whether the values of a column name groups."""
        return self.columns[name].kind in GROUPED

    def array(self, name: str) -> "pa.Array":
        """Give the values of a column without chunks, views and decimals; nulls where the sample lacks it."""
        import pyarrow as pa

        from dsml_magics.profile.sketch.family import plain

        if name not in self._arrays:
            place = self._places.get(name)
            self._arrays[name] = (
                pa.nulls(self.table.num_rows) if place is None else plain(self.table.column(place))
            )
        return self._arrays[name]

    def numbers(self, name: str) -> Numbers | None:
        """Read a column as numbers; None where its values are none."""
        if name not in self._numbers:
            values = numbers_in(self.array(name), apart=True)
            self._numbers[name] = None if values is None else Numbers.of(values, self.weights)
        return self._numbers[name]

    def groups(self, name: str) -> Groups | None:
        """Read a column as groups; None where its values name none."""
        if name not in self._groups:
            known = self.columns[name] if self.drawn.left and name in self.columns else None
            self._groups[name] = groups_in(self.array(name), self.weights, column=known)
        return self._groups[name]

    def gaps(self, name: str) -> "np.ndarray[Any, Any]":
        """Tell where a column is missing, NaN counting as missing."""
        from pyarrow import types

        array = self.array(name)
        found: np.ndarray[Any, Any] = array.is_null(nan_is_null=types.is_floating(array.type)).to_numpy(
            zero_copy_only=False
        )
        return found

    def rows(self, weight: float) -> int:
        """Estimate how many rows of the table the rows of the sample with this weight stand for."""
        return round(weight * self.scale)
