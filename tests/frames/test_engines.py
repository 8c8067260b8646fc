"""Tables that lie in parts: Spark, Dask and Ray on real local sessions."""

import json
import os
import signal
import subprocess
import sys
import threading

import pandas as pd
import pytest

from dsml_magics.errors import ColumnUnusable, TableUnreadable
from dsml_magics.frames.fingerprint import fingerprint
from dsml_magics.frames.opening import column_names, is_distributed, is_table, open_table

pytestmark = pytest.mark.slow

pytest_plugins = ("engines",)

# Functions travel by name, and those of tests have none where the parts lie: so they are made here, and travel whole.


def counting():
    """Make functions that tell the rows and fingerprint of each part, and the parts of several."""

    def summarise(batches):
        from dsml_magics.frames.fingerprint import fingerprint
        from dsml_magics.frames.table import Table

        found = list(batches)
        told = fingerprint(Table(found[0].schema, lambda: found, "part"))
        return json.dumps([[sum(batch.num_rows for batch in found), told]]).encode()

    def merge(summaries):
        return json.dumps([part for summary in summaries for part in json.loads(summary)]).encode()

    return summarise, merge


def counted(source):
    """Count the rows of each part."""
    merged = list(open_table(source).partitions(*counting()))
    return sorted(tuple(part) for summary in merged for part in json.loads(summary))


def frame_of(rows):
    return pd.DataFrame(
        {
            "row": range(rows),
            "share": [row / 7 for row in range(rows)],
            "city": [("Oslo", "Łódź", None)[row % 3] for row in range(rows)],
            "seen": pd.Timestamp("2020-01-01") + pd.to_timedelta(range(rows), unit="h"),
        }
    )


def test_every_row_is_in_one_part(spread):
    parts = counted(spread(frame_of(1000), 5))
    assert sum(rows for rows, _ in parts) == 1000
    assert len(parts) == 5


def test_more_parts_than_are_merged_at_a_time(spread):
    assert sum(rows for rows, _ in counted(spread(frame_of(200), 40))) == 200


def test_few_summaries_come_back(spread):
    assert len(list(open_table(spread(frame_of(200), 40)).partitions(*counting()))) <= 16


def test_what_is_brought_to_the_driver_is_the_table(spread):
    table = open_table(spread(frame_of(1000), 5))
    rows = table.to_arrow().sort_by("row")
    assert rows.schema == table.schema
    assert fingerprint(open_table(rows)) == fingerprint(open_table(frame_of(1000)))


def test_a_part_without_rows_is_one_batch_without_rows(spread):
    source = spread(frame_of(1000), 4)
    few = (
        source[source.row < 10]
        if hasattr(source, "__getitem__")
        else source.filter(lambda row: row["row"] < 10)
    )
    parts = counted(few)
    assert sum(rows for rows, _ in parts) == 10
    assert open_table(few).to_arrow().num_rows == 10


def test_a_table_without_rows_has_one_summary(spread):
    source = spread(frame_of(100), 4)
    none = (
        source[source.row < 0]
        if hasattr(source, "__getitem__")
        else source.filter(lambda row: row["row"] < 0)
    )
    assert sum(rows for rows, _ in counted(none)) == 0
    assert open_table(none).to_arrow().num_rows == 0


def test_a_part_that_fails_is_told(spread):
    source = spread(frame_of(100), 4)
    with pytest.raises(
        TableUnreadable, match=r"Expected every part of the .* one failed: .*ValueError: boom\. Mend"
    ):
        counted(_broken(source))


def test_a_part_that_fails_while_it_is_brought_is_told(spread):
    with pytest.raises(TableUnreadable, match="ValueError: boom"):
        open_table(_broken(spread(frame_of(100), 4))).to_arrow()


def _broken(source):
    def bad(part):
        if len(part) and part["row"].iloc[0] >= 0:
            raise ValueError("boom")
        return part

    def bad_parts(parts):
        yield from map(bad, parts)

    if hasattr(source, "mapInPandas"):
        return source.mapInPandas(bad_parts, source.schema)
    if hasattr(source, "map_partitions"):
        return source.map_partitions(bad, meta=source._meta)
    return source.map_batches(bad, batch_format="pandas")


def test_our_own_error_is_passed_on_as_it_is(spread):
    def refuse(batches):
        from dsml_magics.errors import ColumnUnusable

        raise ColumnUnusable("Expected tea in column 'cup', got coffee.")

    with pytest.raises(ColumnUnusable, match=r"^Expected tea in column 'cup', got coffee\.$"):
        list(open_table(spread(frame_of(10), 2)).partitions(refuse, next))


def test_a_bug_of_ours_is_not_called_the_users(spread):
    def stumble(batches):
        raise ZeroDivisionError("ours")

    with pytest.raises(Exception, match="ours") as raised:
        list(open_table(spread(frame_of(10), 2)).partitions(stumble, next))
    assert not isinstance(raised.value, TableUnreadable)


def test_an_interrupt_ends_the_computation_and_the_engine_goes_on(spread):
    def sleep(batches):
        import time

        time.sleep(8)

    table = open_table(spread(frame_of(100), 4))
    interrupt = threading.Timer(2, os.kill, (os.getpid(), signal.SIGINT))
    interrupt.start()
    with pytest.raises(KeyboardInterrupt):
        list(table.partitions(sleep, next))
    assert sum(rows for rows, _ in counted(spread(frame_of(100), 4))) == 100


def test_its_type_and_columns_are_known_without_computing(spread):
    source = spread(frame_of(10), 2)
    assert is_table(source)
    assert is_distributed(source)
    assert column_names(source) == ["row", "share", "city", "seen"]


def test_no_engine_is_imported_that_was_not():
    code = (
        "import sys; from dsml_magics.frames.opening import open_table, is_table, column_names\n"
        "import pandas; frame = pandas.DataFrame({'a': [1]}); open_table(frame); is_table(frame); column_names(frame)\n"
        "print(sorted({'pyspark', 'dask', 'ray'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
