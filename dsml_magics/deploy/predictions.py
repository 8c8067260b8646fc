"""What a package predicted."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Predictions:
    """Predictions in the order of the rows; usable wherever an array is.

    Attributes
    ----------
    model
        URI of the package.
    rows
        How many rows were scored.
    path
        The file they were written to with the rows, or None.
    """

    model: str
    rows: int
    path: str | None
    values: "np.ndarray[Any, Any] | pd.DataFrame | None" = None

    def to_numpy(self) -> "np.ndarray[Any, Any]":
        """Return what the model's ``predict`` returned, of shape (rows,) or (rows, outputs)."""
        import numpy as np

        return np.asarray(self.values if self.values is not None else self._written())

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> "np.ndarray[Any, Any]":  # noqa: FBT001  numpy's signature
        import numpy as np

        return (
            np.asarray(self.to_numpy(), dtype=dtype)
            if copy is None
            else np.array(self.to_numpy(), dtype, copy=copy)
        )

    def __len__(self) -> int:
        return self.rows

    def __str__(self) -> str:
        if self.path:
            return f"{self.rows:,} rows scored with {self.model}, written to {self.path}"
        shown = self.to_numpy()[:10].tolist()
        return f"{self.rows:,} rows scored with {self.model}: {shown}{' ...' if self.rows > 10 else ''}"

    __repr__ = __str__

    def _written(self) -> Any:
        from dsml_magics.frames.opening import open_table

        table = open_table(self.path).to_arrow()
        columns = [name for name in table.column_names if name.startswith("prediction")]
        frame = table.select(columns).to_pandas()
        return frame[columns[0]] if len(columns) == 1 else frame
