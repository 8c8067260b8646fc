"""What each engine alone can hold, and how it is read: Spark's types and Connect, Dask's categories, Ray's tensors."""

import datetime as dt
import decimal
import subprocess
import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from dsml_magics.errors import ColumnUnusable, TableEmpty, TableUnreadable
from dsml_magics.frames.column import MIXED
from dsml_magics.frames.opening import column_names, is_table, open_table

pytest_plugins = ("engines",)


def rows_of_parts(table):
    """Bring every part back whole, by way of its summary."""

    def summarise(batches):
        import pyarrow as pa

        found = list(batches)
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, found[0].schema) as stream:
            for batch in found:
                stream.write_batch(batch)
        return sink.getvalue().to_pybytes()

    def merge(summaries):
        import pickle

        return pickle.dumps(list(summaries))

    import pickle

    parts = []
    for merged in table.partitions(summarise, merge):
        found = pickle.loads(merged) if merged.startswith(b"\x80") else [merged]
        parts += [pa.ipc.open_stream(part).read_all() for part in found]
    return pa.concat_tables(parts)


SPARK_TYPES = """
    cast(1 as tinyint) as tiny, cast(2 as int) as whole, cast(3 as bigint) as big, cast(1.5 as float) as single,
    cast(2.5 as double) as double, cast(12.34 as decimal(20, 4)) as money, 'é' as text, true as truth,
    cast('x' as binary) as raw, date'2020-01-01' as day, timestamp_ltz'2020-01-01 12:00:00' as instant,
    timestamp_ntz'2020-01-01 12:00:00' as wall, array(1, null) as list, map('a', 1) as map, null as nothing,
    named_struct('x', 1, 'at', timestamp_ltz'2020-01-01 00:00:00') as struct, interval '3' hour as span
"""
SEOUL = dt.timezone(dt.timedelta(hours=9))
SPARK_VALUES = {
    "tiny": 1, "whole": 2, "big": 3, "single": 1.5, "double": 2.5, "money": decimal.Decimal("12.3400"), "text": "é",
    "truth": True, "raw": b"x", "day": dt.date(2020, 1, 1), "instant": dt.datetime(2020, 1, 1, 12, tzinfo=SEOUL),
    "wall": dt.datetime(2020, 1, 1, 12), "list": [1, None], "map": [("a", 1)], "nothing": None,
    "struct": {"x": 1, "at": dt.datetime(2020, 1, 1, tzinfo=SEOUL)}, "span": dt.timedelta(hours=3),
}  # fmt: skip


@pytest.mark.parametrize("read", [rows_of_parts, lambda table: table.to_arrow()], ids=["parts", "driver"])
def test_spark_types_keep_their_values(spark, read):
    table = open_table(spark.sql(f"select {SPARK_TYPES}"))
    [row] = read(table).to_pylist()
    assert row == SPARK_VALUES
    assert [str(table.schema.field(name).type) for name in ("money", "instant", "wall", "day", "tiny")] == [
        "decimal128(20, 4)",
        "timestamp[us, tz=UTC]",
        "timestamp[us]",
        "date32[day]",
        "int8",
    ]


def test_a_spark_type_that_arrow_has_not_is_named(spark):
    with pytest.raises(
        ColumnUnusable, match=r"Arrow can hold in a pyspark.sql.DataFrame, got 'm': .*Cast or drop"
    ):
        open_table(spark.sql("select 1 as a, interval 3 months as m"))


def test_a_damaged_file_is_told_by_spark_with_its_name(spark, tmp_path):
    (tmp_path / "bad.parquet").write_text("nothing" * 30)
    frame = spark.read.schema("a int").parquet(str(tmp_path / "bad.parquet"))
    with pytest.raises(TableUnreadable, match=r"one failed: .*bad\.parquet"):
        open_table(frame).to_arrow()


def test_a_spark_name_that_stands_twice_is_refused(spark):
    with pytest.raises(ColumnUnusable, match="'a' more than once in pyspark"):
        open_table(spark.sql("select 1 as a, 2 as a"))


def test_a_column_named_like_an_attribute_is_a_column(spark):
    assert column_names(spark.sql("select 1 as column_names, 2 as collect_schema")) == [
        "column_names",
        "collect_schema",
    ]
    assert column_names(pd.DataFrame({"column_names": [1]})) == ["column_names"]


CONNECT = """
import json, sys
from pyspark.sql import SparkSession
from dsml_magics.frames.opening import column_names, is_table, open_table
session = SparkSession.builder.remote("local[2]").config("spark.ui.enabled", "false").getOrCreate()
frame = session.range(100, numPartitions=3)
def summarise(batches): return str(sum(batch.num_rows for batch in batches)).encode()
def merge(summaries): return str(sum(map(int, summaries))).encode()
table = open_table(frame)
print(json.dumps([
    type(frame).__module__, is_table(frame), column_names(frame), sum(map(int, table.partitions(summarise, merge))),
    table.to_arrow().num_rows,
]))
session.stop()
"""


def test_a_frame_of_spark_connect_is_read_like_any(tmp_path, spark, monkeypatch):
    monkeypatch.setenv("JAVA_TOOL_OPTIONS", f"-Djava.io.tmpdir={tmp_path}")
    # In a process of its own: a session is either classic or remote.
    done = subprocess.run(
        [sys.executable, "-c", CONNECT],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
        timeout=300,
    )
    assert '["pyspark.sql.connect.dataframe", true, ["id"], 100, 100]' in done.stdout, done.stderr[-2000:]


def dask_frame(*parts):
    """A frame of these parts, of which Dask knows what the first one without rows says."""
    import dask
    from dask import dataframe

    with dask.config.set({"dataframe.convert-string": False}):
        return dataframe.from_map(lambda part: part, list(parts), meta=parts[0].iloc[:0])


@pytest.mark.parametrize("read", [rows_of_parts, lambda table: table.to_arrow()], ids=["parts", "driver"])
def test_categories_that_differ_between_parts_are_one_column(read):
    parts = [pd.DataFrame({"c": pd.Categorical(values)}) for values in (["a", "b"], ["c", None], [None])]
    table = open_table(dask_frame(*parts).astype({"c": pd.CategoricalDtype()}))
    assert read(table)["c"].to_pylist() == ["a", "b", "c", None, None]


def test_an_object_column_is_looked_at_in_all_parts():
    parts = [pd.DataFrame({"o": pd.Series(values, dtype=object)}) for values in ([None], [[1]], [[2, 3]])]
    table = open_table(dask_frame(*parts))
    assert str(table.schema.field("o").type).startswith("list<")
    assert rows_of_parts(table)["o"].to_pylist() == [None, [1], [2, 3]]


def test_an_object_column_of_unlike_parts_is_text_and_says_so():
    parts = [pd.DataFrame({"o": pd.Series(values, dtype=object)}) for values in ([1, 2], ["x"], [2.5, "y"])]
    table = open_table(dask_frame(*parts))
    assert table.schema.field("o").metadata[MIXED] == b"float, int, str"
    assert rows_of_parts(table)["o"].to_pylist() == ["1", "2", "x", "2.5", "y"]
    assert table.to_arrow()["o"].to_pylist() == ["1", "2", "x", "2.5", "y"]


def test_a_part_of_another_type_than_was_said_is_told():
    parts = [pd.DataFrame({"a": [1, 2]}), pd.DataFrame({"a": ["x", "y"]})]
    with pytest.raises(
        ColumnUnusable, match=r"Expected int64 in column 'a' throughout, got .*string in one part"
    ):
        open_table(dask_frame(*parts)).to_arrow()


def test_a_series_of_dask_is_a_table_of_one_column():
    from dask import dataframe

    table = open_table(dataframe.from_pandas(pd.Series([1, 2, 3], name="a"), npartitions=2))
    assert table.to_arrow().to_pydict() == {"a": [1, 2, 3]}


def test_a_cluster_of_dask_computes_the_parts(dask_client):
    from dask import dataframe

    frame = dataframe.from_pandas(pd.DataFrame({"a": range(100)}), npartitions=5)
    assert sorted(rows_of_parts(open_table(frame))["a"].to_pylist()) == list(range(100))


def test_tensors_of_ray_are_lists(ray_data):
    data = ray_data.from_numpy(np.arange(6).reshape(3, 2))
    table = open_table(data)
    assert sorted(rows_of_parts(table)["data"].to_pylist()) == [[0, 1], [2, 3], [4, 5]]
    assert sorted(table.to_arrow()["data"].to_pylist()) == [[0, 1], [2, 3], [4, 5]]


def test_blocks_of_arrow_and_of_pandas_are_read(ray_data):
    columns = {"a": [1, 2], "s": ["x", None]}
    for data in (ray_data.from_arrow(pa.table(columns)), ray_data.from_pandas(pd.DataFrame(columns))):
        assert rows_of_parts(open_table(data)).to_pydict() == columns


def test_objects_of_python_in_ray_are_mixed_text_or_bytes(ray_data):
    mixed = ray_data.from_pandas([pd.DataFrame({"o": [1, "x"]}), pd.DataFrame({"o": [None, 2]})])
    assert sorted(rows_of_parts(open_table(mixed))["o"].to_pylist(), key=str) == ["1", "2", None, "x"]
    objects = ray_data.from_items([{"o": 1}, {"o": object()}, {"o": None}], override_num_blocks=3)
    values = rows_of_parts(open_table(objects))["o"].to_pylist()
    assert sorted(values, key=str) == [None, b"1", b"<object object>"]


def test_a_data_set_of_ray_without_blocks_is_empty(ray_data):
    with pytest.raises(TableEmpty, match="Expected a table with columns"):
        open_table(ray_data.from_items([]))


def test_a_lazy_data_set_of_ray_is_not_executed_for_its_names(ray_data):
    lazy = ray_data.range(10).map_batches(lambda batch: {"b": batch["id"]})
    assert is_table(lazy)
    assert column_names(lazy) == []


def test_no_engine_is_imported_that_was_not():
    code = (
        "import sys; from dsml_magics.frames.opening import open_table, is_table, column_names\n"
        "import pandas; frame = pandas.DataFrame({'a': [1]}); open_table(frame); is_table(frame); column_names(frame)\n"
        "print(sorted({'pyspark', 'dask', 'ray'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_table_of_spark_is_compared_by_its_plan_and_a_session_is_not(spark):
    from pyspark.sql import functions as F

    from dsml_magics.pipeline.proof.description import described

    def made(factor):
        frame = spark.range(9).withColumn("x", F.col("id") * factor)
        return described({"frame": frame.join(frame.groupBy("x").count(), "x"), "column": F.col("x") > 1})

    assert made(2) == made(2) != made(3)
    context = spark.sparkContext
    running = (
        spark,
        context,
        context.range(9),
        context.range(9).map(str),
        context.broadcast(1),
        spark.range(9)._jdf,
    )
    for value in (*running, context.accumulator(0)):
        assert described({"it": value})["it"][0] == "opaque"


def test_what_ray_holds_is_not_compared(ray_data):
    import ray

    from dsml_magics.pipeline.proof.description import described

    for value in (ray_data.range(9), ray_data.range(9).materialize(), ray.put(1)):
        assert described({"it": value})["it"][0] == "opaque"


def test_what_is_of_a_spark_session_cannot_be_kept_between_steps(spark):
    from pickle import PicklingError

    from dsml_magics.run.pickling import pickled

    for value in (spark, spark.sparkContext, spark.range(9), spark.range(9).id):
        with pytest.raises(PicklingError, match="a Spark session lives in its process"):
            pickled(value)
