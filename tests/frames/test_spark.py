"""What Spark alone can hold, and how it is read: its types, sessions, and Connect."""

import datetime as dt
import decimal
import subprocess
import sys

import pandas as pd
import pytest

from dsml_magics.errors import ColumnUnusable, TableUnreadable
from dsml_magics.frames.opening import column_names, open_table
from tests.frames.parts import rows_of_parts

pytestmark = pytest.mark.slow

pytest_plugins = ("engines",)


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


def test_what_is_of_a_spark_session_cannot_be_kept_between_steps(spark):
    from pickle import PicklingError

    from dsml_magics.run.pickling import pickled

    for value in (spark, spark.sparkContext, spark.range(9), spark.range(9).id):
        with pytest.raises(PicklingError, match="a Spark session lives in its process"):
            pickled(value)
