"""Files of strangers: what they would become is known before it is in memory, and whatever they do, the server lives."""

import io
import random
import threading

import pyarrow as pa
import pytest
from pyarrow import parquet

from dsml_magics.package.contract import Contract, Rule
from dsml_magics.serve.protocol.exchange import Refusal
from dsml_magics.serve.protocol.parquet_reader import ParquetReader
from dsml_magics.serve.protocol.table import PARQUET, rows_of_table
from dsml_magics.serve.settings import Limits

pytestmark = pytest.mark.slow

LIMITS = Limits(body_mb=1, rows=1000, seconds=60)
CONTRACT = Contract((Rule("a", "integer"), Rule("b", "string")), answer={"dtype": "int64"})


@pytest.fixture(scope="module")
def reader():
    made = ParquetReader(LIMITS)
    yield made
    made.close()


def file_of(table, **how):
    out = io.BytesIO()
    parquet.write_table(pa.table(table), out, compression="zstd", **how)
    return out.getvalue()


def rows_in(reader, body):
    return rows_of_table(body, PARQUET, CONTRACT, LIMITS, read_parquet=reader.read)


def status_of(reader, body):
    try:
        rows_in(reader, body)
    except Refusal as refusal:
        return refusal.status
    return 200


def test_rows_come_as_they_are(reader):
    texts = ["x", None, "Łódź", "x"]
    for b in (texts, pa.array(texts).dictionary_encode(), pa.array(texts, pa.large_string())):
        found = rows_in(reader, file_of({"c": [[1]] * 4, "b": b, "a": [1, 2, None, 4]}, row_group_size=3))
        assert (found.columns, found.count, found.extra) == ([[1, 2, None, 4], texts], 4, ["c"])
    assert found.columns[1][0] is found.columns[1][0]


@pytest.mark.parametrize(
    ("table", "how", "status"),
    [
        ({"a": [1] * 1000, "b": ["x"] * 1000}, {}, 200),
        ({"a": [1] * 1001, "b": ["x"] * 1001}, {}, 413),
        ({"a": [1] * 100, "b": ["x" * 100_000] * 100}, {}, 200),
        ({"a": [1] * 101, "b": ["x" * 100_000] * 101}, {}, 413),
        (
            {"a": [1, 2], "b": ["xy", "xz"]},
            {"use_dictionary": False, "column_encoding": {"b": "DELTA_BYTE_ARRAY"}},
            200,
        ),
        # Not a byte of what such a column becomes stands in its footer.
        (
            {"a": [1] * 100, "b": ["x" * 1_000_000] * 100},
            {"use_dictionary": False, "column_encoding": {"b": "DELTA_BYTE_ARRAY"}},
            413,
        ),
        ({"a": [1], "b": [["x"]]}, {}, 400),
        ({"a": [{"b": 1}], "b": ["x"]}, {}, 400),
        ({"a": [1], "b": pa.array([b"x" * 65], pa.binary(65))}, {}, 413),
        ({"a": [1], "b": ["x"], **{f"c{at}": [1] for at in range(10_000)}}, {}, 413),
        ({"a": [1]}, {}, 422),
    ],
    ids=[
        "rows",
        "too many",
        "texts",
        "long texts",
        "prefixes",
        "long prefixes",
        "lists",
        "structs",
        "fixed",
        "columns",
        "missing",
    ],
)
def test_what_would_become_too_large_is_refused(reader, table, how, status):
    body = file_of(table, **how)
    assert status_of(reader, body) == status
    assert status_of(reader, file_of({"a": [1], "b": ["x"]})) == 200


def test_altered_bytes_never_end_this_process(reader):
    rng, body = random.Random(0), file_of({"a": [1, 2], "b": ["x", "y"]})
    # A bit of the footer that makes Arrow end its process, among others.
    for _ in range(1500):
        content = bytearray(body)
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
        assert status_of(reader, bytes(content)) in (200, 400, 413, 422)
    assert status_of(reader, body) == 200


def test_a_reader_that_was_killed_is_replaced(reader):
    body = file_of({"a": [1], "b": ["x"]})
    assert status_of(reader, body) == 200
    before = reader._process
    before.kill()
    before.wait()
    assert status_of(reader, body) == 200
    assert reader._process.pid != before.pid


def test_a_file_that_takes_too_long_is_given_up():
    hasty = ParquetReader(Limits(seconds=0.001))
    assert status_of(hasty, file_of({"a": [1], "b": ["x"]})) == 504


class Late(threading.Timer):
    """A timer whose moment comes when the answer is there."""

    def run(self):
        self.finished.wait()
        self.function()


class Early(threading.Timer):
    """A timer whose moment comes before the file is sent."""

    def start(self):
        super().start()
        self.join()

    def run(self):
        self.function()


@pytest.mark.parametrize(("timer", "statuses"), [(Late, [200, 200, 200]), (Early, [504, 504, 504])])
def test_an_end_of_time_at_any_moment_costs_no_other_file(reader, monkeypatch, timer, statuses):
    body = file_of({"a": [1], "b": ["x"]})
    with monkeypatch.context() as patched:
        patched.setattr(threading, "Timer", timer)
        assert [status_of(reader, body) for _ in statuses] == statuses
    assert status_of(reader, body) == 200
