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
        How many rows were scored; None where an engine has not computed them yet.
    path
        The file they were written to with the rows, or None.
    quarantined, quarantine
        How many rows broke the contract and were set aside, and the file they are in.
    warned
        How many values were answered though the contract warns of them, by column.
    resumed
        How many rows had been scored before, by a run that was killed.
    frame
        The Spark, Dask or Ray frame with the predictions, computed when it is asked for.
    """

    model: str
    rows: int | None
    path: str | None = None
    values: "np.ndarray[Any, Any] | pd.DataFrame | None" = None
    quarantined: int = 0
    quarantine: str | None = None
    warned: tuple[tuple[str, int], ...] = ()
    resumed: int = 0
    frame: Any = None

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
        return len(self.to_numpy()) if self.rows is None else self.rows

    def __str__(self) -> str:
        if self.frame is not None:
            where = f", written to {self.path}" if self.path else "; `.frame` has them once it is computed"
            return f"scored with {self.model} on {type(self.frame).__module__.partition('.')[0]}{where}"
        lines = [f"{self.rows:,} rows scored with {self.model}"]
        if self.path:
            lines[0] += f", written to {self.path}"
        else:
            lines[0] += f": {self.to_numpy()[:10].tolist()}{' ...' if len(self) > 10 else ''}"
        if self.resumed:
            lines.append(f"  {self.resumed:,} of them by an earlier run that was stopped")
        if self.quarantined:
            lines.append(f"  {self.quarantined:,} rows break the contract: {self.quarantine}")
        lines += [f"  {name}: {count:,} values the contract warns of" for name, count in self.warned]
        return "\n".join(lines)

    __repr__ = __str__

    def _written(self) -> Any:
        from dsml_magics.frames.opening import open_table

        table = open_table(self.path if self.frame is None or self.path else self.frame).to_arrow()
        columns = [name for name in table.column_names if name.startswith("prediction")]
        frame = table.select(columns).to_pandas()
        return frame[columns[0]] if len(columns) == 1 else frame
