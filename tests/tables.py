"""One table, held in every way that a table can be."""

import datetime as dt
import json
from pathlib import Path

import pyarrow as pa
import pytest

CONTENT = {
    "age": [31, 45, 22, 67],
    "score": [0.5, None, -1.25, 1e300],
    "city": ["Oslo", None, "Łódź", 'a "b", c'],
    "member": [True, False, True, True],
    "joined": [dt.datetime(2020, 1, day, 10, 30, 5) for day in (1, 2, 3, 4)],
}
"""One table that every kind can hold."""


def _pandas(table, _folder):
    return table.to_pandas()


def _polars(table, _folder):
    import polars as pl

    return pl.from_arrow(table)


def _polars_lazy(table, folder):
    return _polars(table, folder).lazy()


def _arrow(table, _folder):
    return table


def _reader(table, _folder):
    return table.to_reader(max_chunksize=2)


def _duckdb(table, _folder):
    duckdb = pytest.importorskip("duckdb")
    return duckdb.from_arrow(table)


def _numpy(table, _folder):
    import numpy as np

    types = {"age": "i8", "score": "f8", "city": "O", "member": "?", "joined": "M8[us]"}
    rows = [
        tuple(float("nan") if value is None and name == "score" else value for name, value in row.items())
        for row in table.to_pylist()
    ]
    return np.array(rows, dtype=[(name, types[name]) for name in table.column_names])


def _dict(table, _folder):
    return table.to_pydict()


def _csv(table, folder):
    from pyarrow import csv

    csv.write_csv(table, folder / "table.csv")
    return str(folder / "table.csv")


def _csv_gz(table, folder):
    import gzip

    path = folder / "zipped.csv.gz"
    path.write_bytes(gzip.compress(Path(_csv(table, folder)).read_bytes()))
    return path


def _parquet(table, folder):
    from pyarrow import parquet

    parquet.write_table(table, folder / "table.parquet", row_group_size=3)
    return folder / "table.parquet"


def _parquet_glob(table, folder):
    from pyarrow import parquet

    parquet.write_table(table.slice(0, 1), folder / "part-0.parquet")
    parquet.write_table(table.slice(1), folder / "part-1.parquet")
    return str(folder / "part-*.parquet")


def _jsonl(table, folder):
    lines = [json.dumps(row, default=str) for row in table.to_pylist()]
    (folder / "table.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder / "table.jsonl"


def _ipc(table, folder):
    from pyarrow import feather

    feather.write_feather(table, str(folder / "table.arrow"), chunksize=2)
    return folder / "table.arrow"


_KINDS = (_pandas, _polars, _polars_lazy, _arrow, _reader, _duckdb, _numpy, _dict)
_FILES = (_csv, _csv_gz, _parquet, _parquet_glob, _jsonl, _ipc)


@pytest.fixture(params=[*_KINDS, *_FILES], ids=lambda kind: kind.__name__.strip("_"))
def frame_kind(request, tmp_path):
    """Every way to hold a table: a function that makes this kind from columns (those of `CONTENT` by default)."""
    return lambda columns=None: request.param(pa.table(columns or CONTENT), tmp_path)


@pytest.fixture
def content():
    return dict(CONTENT)
