"""Open anything that is a table. One file a framework; a framework nobody imported is not imported."""

import os
from collections.abc import Mapping
from functools import singledispatch
from importlib import import_module
from typing import Any

from dsml_magics.errors import DataError
from dsml_magics.frames.encoded_path import EncodedPath
from dsml_magics.frames.table import Table

_ADAPTERS = {
    "pandas": "dsml_magics.frames.pandas",
    "polars": "dsml_magics.frames.polars",
    "pyarrow": "dsml_magics.frames.arrow",
    "numpy": "dsml_magics.frames.numpy",
    "pyspark": "dsml_magics.frames.spark",
    "dask": "dsml_magics.frames.dask",
    "dask_expr": "dsml_magics.frames.dask",
    "ray": "dsml_magics.frames.ray",
}
_DISTRIBUTED = ("pyspark", "dask", "dask_expr", "ray")
_TABLE_TYPES = {
    "DataFrame",
    "Series",
    "LazyFrame",
    "Table",
    "RecordBatch",
    "RecordBatchReader",
    "DuckDBPyRelation",
}


@singledispatch
def table_of(source: Any) -> Table:
    """Open a table; other types can be added by `table_of.register`."""
    if hasattr(source, "__arrow_c_stream__") or hasattr(source, "scanner"):
        from dsml_magics.frames.arrow import table_of_capsule

        return table_of_capsule(source)
    raise DataError(
        f"Expected a table or the path of one, got {type(source).__module__}.{type(source).__qualname__}. "
        "Known: pandas, polars, pyarrow, Spark, Dask, Ray data sets, DuckDB relations, Arrow PyCapsule objects, "
        "numpy structured arrays, dicts of columns, and paths of Parquet, CSV, JSON lines or Arrow files. "
        "Others: `dsml_magics.frames.opening.table_of.register(YourType)`."
    )


def open_table(source: Any) -> Table:
    """Open a table of any known kind as a stream of Arrow record batches.

    Parameters
    ----------
    source
        pandas, polars, pyarrow, Spark, Dask, Ray data set, any Arrow PyCapsule object, DuckDB relation, numpy
        structured array, dict of columns; a path or glob of Parquet, CSV, JSON lines or Arrow IPC.

    Raises
    ------
    DataError
        It is none of these, cannot be read, or has columns that cannot be told apart.
    """
    if isinstance(source, Table):
        return source
    for kind in type(source).__mro__:
        if adapter := _ADAPTERS.get(_root(kind)):
            import_module(adapter)
    return table_of(source)


@table_of.register
def _(source: str) -> Table:
    from dsml_magics.frames.files import table_of_path

    return table_of_path(source)


@table_of.register
def _(source: os.PathLike) -> Table:  # type: ignore[type-arg]
    from dsml_magics.frames.files import table_of_path

    return table_of_path(os.fspath(source))


@table_of.register
def _(source: EncodedPath) -> Table:
    from dsml_magics.frames.files import table_of_path

    return table_of_path(source.path, source.encoding)


@table_of.register
def _(source: Mapping) -> Table:  # type: ignore[type-arg]
    from dsml_magics.frames.column import table_of_columns

    return table_of_columns(dict(source), origin="dict")


def is_table(value: object) -> bool:
    """Tell whether a live object is a table, by its type alone: nothing is imported or copied."""
    kind = type(value)
    if _root(kind) == "numpy" and kind.__name__ == "ndarray":
        return getattr(value, "ndim", 0) in (1, 2)
    if any(
        _is_ray(base) or (base.__name__ in _TABLE_TYPES and _root(base) != "builtins")
        for base in kind.__mro__
    ):
        return True
    return hasattr(kind, "__arrow_c_stream__") and not isinstance(value, type)


def is_distributed(value: object) -> bool:
    """Tell whether a live object is a partitioned table, which is computed again on each reading."""
    return is_table(value) and any(_root(base) in _DISTRIBUTED for base in type(value).__mro__)


def column_names(value: object) -> list[str]:
    """List the column names of a live object without converting it; none if it does not say."""
    # Frames give their columns as attributes too: one named `column_names` is not meant here.
    kind: Any = type(value)
    if hasattr(kind, "collect_schema"):
        # polars warns when a lazy frame is asked for its `columns`.
        return list(kind.collect_schema(value).names())
    if any(map(_is_ray, kind.__mro__)):
        known = kind.schema(value, fetch_if_missing=False)
        return list(known.names) if known is not None else []
    for attribute in ("column_names", "columns"):
        if hasattr(kind, attribute) and not callable(names := getattr(value, attribute)):
            return [name for name in names if isinstance(name, str)]
    return [name for name in value if isinstance(name, str)] if isinstance(value, Mapping) else []


def _is_ray(kind: type) -> bool:
    # The name alone is that of many libraries' classes.
    return kind.__name__ == "Dataset" and _root(kind) == "ray"


def _root(kind: type) -> str:
    return kind.__module__.partition(".")[0]
