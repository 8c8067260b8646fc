"""numpy arrays: structured ones by their field names, plain ones as columns x0, x1, ..."""

import numpy as np

from dsml_magics.errors import DataError
from dsml_magics.frames.column import table_of_columns
from dsml_magics.frames.opening import table_of
from dsml_magics.frames.table import Table


@table_of.register
def _(source: np.ndarray) -> Table:
    if source.dtype.names:
        flat = source.reshape(-1)
        return table_of_columns(
            {name: flat[name] for name in source.dtype.names}, origin="numpy structured array"
        )
    if source.ndim == 1:
        return table_of_columns({"x0": source}, origin="numpy array")
    if source.ndim == 2:
        columns = {f"x{position}": source[:, position] for position in range(source.shape[1])}
        return table_of_columns(columns, origin="numpy array")
    raise DataError(
        f"Expected a structured, 1-D or 2-D numpy array, got {source.ndim} dimensions {source.shape}."
    )
