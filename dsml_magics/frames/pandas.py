"""pandas frames and series."""

import pandas as pd

from dsml_magics.frames.column import table_of_columns
from dsml_magics.frames.opening import table_of
from dsml_magics.frames.table import Table, check_names


@table_of.register
def _(source: pd.DataFrame) -> Table:
    # By position: a frame may hold a name twice, which is what must be told.
    check_names(list(source.columns), origin="pandas.DataFrame")
    columns = {name: source.iloc[:, position] for position, name in enumerate(source.columns)}
    return table_of_columns(columns, origin="pandas.DataFrame")


@table_of.register
def _(source: pd.Series) -> Table:
    return table_of_columns({str(source.name or "value"): source}, origin="pandas.Series")
