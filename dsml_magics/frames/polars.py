"""polars frames, lazy frames and series."""

import polars as pl

from dsml_magics.frames.opening import table_of
from dsml_magics.frames.table import Table, table_of_arrow


@table_of.register
def _(source: pl.DataFrame) -> Table:
    return table_of_arrow(source.to_arrow(), "polars.DataFrame")


@table_of.register
def _(source: pl.Series) -> Table:
    return table_of_arrow(source.alias(source.name or "value").to_frame().to_arrow(), "polars.Series")


@table_of.register
def _(source: pl.LazyFrame) -> Table:
    return table_of_arrow(source.collect(engine="streaming").to_arrow(), "polars.LazyFrame")
