"""pandas frames and series."""

from typing import Any

import pandas as pd
import pyarrow as pa

from dsml_magics.frames.column import table_of_values
from dsml_magics.frames.names import distinct_names
from dsml_magics.frames.opening import table_of
from dsml_magics.frames.table import Table


@table_of.register
def _(source: pd.DataFrame) -> Table:
    # By position: a frame may hold a name twice.
    columns = [_converted(source.iloc[:, position]) for position in range(source.shape[1])]
    return table_of_values(list(source.columns), columns, origin="pandas.DataFrame")


@table_of.register
def _(source: pd.Series) -> Table:
    name = "value" if source.name is None else source.name
    return table_of_values([name], [_converted(source)], origin="pandas.Series")


def with_text_names(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame with the names that its columns have in a `Table`; itself where these are the same."""
    names = list(distinct_names(list(frame.columns)).texts)
    return frame if names == list(frame.columns) else frame.set_axis(names, axis=1)


def _converted(column: "pd.Series[Any]") -> Any:
    """Convert what pyarrow does not take as it is."""
    kind = column.dtype
    if isinstance(kind, pd.SparseDtype):
        return column.astype(kind.subtype)
    if isinstance(kind, pd.PeriodDtype):
        return _starts(column)
    if isinstance(kind, pd.CategoricalDtype) and _holds_objects(kind.categories):
        return column.astype(object)
    if isinstance(kind, pd.DatetimeTZDtype):
        # pyarrow reads `Series.values`, of which pandas 3.1 warns for times with a zone.
        zone = pa.lib.tzinfo_to_string(kind.tz)
        return pa.array(column.dt.tz_convert(None)).cast(pa.timestamp(kind.unit, zone))
    return column


def _starts(column: "pd.Series[Any]") -> Any:
    """Take periods for the moments they begin at; as objects where no moment is so early or late."""
    try:
        return column.dt.to_timestamp()
    except (ValueError, OverflowError):
        return column.astype(object)


def _holds_objects(categories: "pd.Index[Any]") -> bool:
    return categories.dtype == object and pd.api.types.infer_dtype(categories) not in ("string", "boolean")
