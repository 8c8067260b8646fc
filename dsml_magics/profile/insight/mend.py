"""Lines of pandas and polars that mend a frame called ``df``; ``np``, ``pd`` and ``pl`` are imported as usual."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from dsml_magics.profile.column import Column
from dsml_magics.profile.figures import Figures


class Mend(NamedTuple):
    """A line of each library; None where one line cannot mend it."""

    pandas: str | None = None
    polars: str | None = None


NOT_AT_ALL = Mend()


def drop(*names: str) -> Mend:
    """Drop columns."""
    return Mend(f"df = df.drop(columns={list(names)!r})", f"df = df.drop({_listed(names)})")


def drop_rows(*names: str) -> Mend:
    """Drop the rows where one of the columns is missing."""
    return Mend(f"df = df.dropna(subset={list(names)!r})", f"df = df.drop_nulls({_listed(names)})")


def replace(name: str, pandas: str | None, polars: str | None) -> Mend:
    """Give a column the values of an expression of each library."""
    return Mend(
        pandas and f"df[{name!r}] = {pandas}",
        polars and f"df = df.with_columns({polars})",
    )


def pandas_column(name: str) -> str:
    """Write a column of pandas."""
    return f"df[{name!r}]"


def polars_column(name: str) -> str:
    """Write a column of polars."""
    return f"pl.col({polars_name(name)!r})"


def polars_name(name: str) -> str:
    """Write a name as polars takes it: one that looks like a pattern, by a pattern."""
    return f"^{re.escape(name)}$" if name.startswith("^") and name.endswith("$") else name


def polars_gapless(column: Column) -> str:
    """Write a column of polars whose NaN are null, as they count as missing."""
    return polars_column(column.name) + (".fill_nan(None)" if is_float(column) and column.missing else "")


def polars_text(column: Column) -> str:
    """Write a column of polars as strings, whatever its categories were kept as."""
    return polars_column(column.name) + (".cast(pl.String)" if "string" not in column.type[:12] else "")


def free_name(name: str, figures: Figures) -> str:
    """Find a name that no column has."""
    while name in figures.columns:
        name += "_"
    return name


def is_float(column: Column) -> bool:
    """Tell whether the type of a column has NaN."""
    return column.type in ("double", "float", "halffloat")


def is_whole(column: Column) -> bool:
    """Tell whether a column is of integers."""
    return column.type.startswith(("int", "uint"))


def is_plain(column: Column) -> bool:
    """Tell whether a column is of numbers that both libraries count with, not of decimals."""
    return is_float(column) or is_whole(column)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(repr(polars_name(name)) for name in names)
