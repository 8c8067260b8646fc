"""pandas frames and series."""

from typing import Any

import pandas as pd
import pyarrow as pa

from dsml_magics.frames.column import table_of_columns
from dsml_magics.frames.opening import table_of
from dsml_magics.frames.table import Table, check_names


@table_of.register
def _(source: pd.DataFrame) -> Table:
    # By position: a frame may hold a name twice, which is what must be told.
    check_names(list(source.columns), origin="pandas.DataFrame")
    columns = {name: _converted(source.iloc[:, position]) for position, name in enumerate(source.columns)}
    return table_of_columns(columns, origin="pandas.DataFrame")


@table_of.register
def _(source: pd.Series) -> Table:
    name = "value" if source.name is None else str(source.name)
    return table_of_columns({name: _converted(source)}, origin="pandas.Series")


def _converted(column: "pd.Series[Any]") -> Any:
    """Convert what pyarrow does not take as it is."""
    if isinstance(column.dtype, pd.SparseDtype):
        return column.astype(column.dtype.subtype)
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        # pyarrow reads `Series.values`, of which pandas 3.1 warns for times with a zone.
        zone = pa.lib.tzinfo_to_string(column.dtype.tz)
        return pa.array(column.dt.tz_convert(None)).cast(pa.timestamp(column.dtype.unit, zone))
    return column
