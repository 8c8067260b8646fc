"""Files and tables that nobody expects: each is read, or told in one clear error, and the process lives on."""

import os
import random
from contextlib import suppress

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from pyarrow import csv, feather, parquet

from dsml_magics.errors import DataError, TableEmpty, TableUnreadable
from dsml_magics.frames import csv as csv_
from dsml_magics.frames import format as format_
from dsml_magics.frames import formats
from dsml_magics.frames.column import MIXED
from dsml_magics.frames.fingerprint import fingerprint
from dsml_magics.frames.opening import open_table

LONG = "x" * 10_000_000
WIDE = {f"c{number}": [1.5, None] for number in range(10_000)}


def _csv(path, table):
    csv.write_csv(table, path)


def _jsonl(path, table):
    path.write_text(pd.DataFrame(table.to_pydict()).to_json(orient="records", lines=True))


WRITERS = {"csv": _csv, "jsonl": _jsonl, "parquet": lambda path, table: parquet.write_table(table, path)}
WRITERS["arrow"] = lambda path, table: feather.write_feather(table, str(path))


@pytest.fixture(params=WRITERS)
def stored(request, tmp_path):
    """A function that stores a table in each kind of file."""

    def store(table):
        path = tmp_path / f"table.{request.param}"
        WRITERS[request.param](path, table)
        return path

    return store


@pytest.mark.parametrize(
    "hold", [pd.DataFrame, pl.DataFrame, pa.table, dict], ids=lambda hold: hold.__module__
)
def test_texts_of_ten_megabytes_are_read_from_memory(hold):
    table = open_table(hold({"a": [LONG, "y"]})).to_arrow()
    assert [len(text) for text in table["a"].to_pylist()] == [10_000_000, 1]


def test_texts_of_ten_megabytes_are_read_from_files(stored):
    table = open_table(stored(pa.table({"a": [1, 2], "b": [LONG, "y"]}))).to_arrow()
    assert [len(text) for text in table["b"].to_pylist()] == [10_000_000, 1]


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_a_line_longer_than_a_block_is_read(tmp_path, monkeypatch, ending):
    monkeypatch.setattr(format_, "WHOLE", 64)
    path = tmp_path / f"long.{ending}"
    WRITERS[ending](path, pa.table({"a": [*range(50), 50], "b": ["short"] * 50 + ["x" * 5000]}))
    assert len(open_table(path).to_arrow()["b"][50].as_py()) == 5000


@pytest.mark.parametrize(
    "hold", [pd.DataFrame, pl.DataFrame, pa.table, dict], ids=lambda hold: hold.__module__
)
def test_ten_thousand_columns_are_read_from_memory(hold):
    table = open_table(hold(WIDE))
    assert len(table.columns) == 10_000
    assert table.to_arrow()["c9999"].to_pylist() == [1.5, None]


def test_ten_thousand_columns_are_read_from_files(stored):
    table = open_table(stored(pa.table(WIDE)))
    assert len(table.columns) == 10_000
    assert table.to_arrow()["c9999"].to_pylist() == [1.5, None]


@pytest.mark.parametrize(
    "columns",
    [{f"c{number}": np.arange(20_000.0) for number in range(50)}, {"a": ["x" * 1000] * 20_000}],
    ids=["wide", "repeated text"],
)
def test_batches_of_large_rows_have_few(tmp_path, monkeypatch, columns):
    monkeypatch.setattr(formats, "_BATCH_BYTES", 1 << 20)
    parquet.write_table(pa.table(columns), tmp_path / "large.parquet")
    sizes = [batch.nbytes for batch in open_table(tmp_path / "large.parquet").batches()]
    assert max(sizes) < 1.5 * (1 << 20)
    assert len(sizes) > 4


def test_a_table_without_rows_is_read_from_files(stored):
    if (
        path := stored(pa.table({"a": pa.array([], "int64"), "b": pa.array([], "string")}))
    ).suffix == ".jsonl":
        with pytest.raises(TableEmpty, match="an empty file"):
            open_table(path)
    else:
        table = open_table(path)
        assert (table.columns, table.to_arrow().num_rows) == (["a", "b"], 0)


@pytest.mark.parametrize(
    ("encoding", "ending"),
    [("utf-16-le", "csv"), ("utf-16", "jsonl"), ("utf-16-le", "jsonl"), ("utf-32", "jsonl")],
)
def test_two_bytes_a_letter_are_suspected_to_be_another_encoding(tmp_path, encoding, ending):
    path = tmp_path / f"wide.{ending}"
    path.write_bytes({"csv": "a,b\n1,é\n", "jsonl": '{"a": "é"}\n'}[ending].encode(encoding))
    with pytest.raises(TableUnreadable, match="another encoding than UTF-8"):
        open_table(path)


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet", "arrow", "csv.gz", "jsonl.zst"])
def test_noise_is_told_in_one_printable_line(tmp_path, ending):
    for seed in range(5):
        path = tmp_path / f"{seed}.{ending}"
        path.write_bytes(b"PAR1" * (ending == "parquet") + random.Random(seed).randbytes(5000))
        with pytest.raises(DataError) as raised:
            open_table(path).to_arrow()
        assert str(raised.value).isprintable()


@pytest.mark.parametrize("ending", ["parquet", "arrow"])
def test_damaged_bytes_are_told_or_harmless(tmp_path, ending):
    texts = {"text": [f"é{row}" for row in range(500)], "list": [[row, None] for row in range(500)]}
    path = tmp_path / f"hurt.{ending}"
    WRITERS[ending](path, pa.table(texts | {"code": pa.array(texts["text"]).dictionary_encode()}))
    whole = path.read_bytes()
    for seed in range(150):
        chance, hurt = random.Random(seed), bytearray(whole)
        for _ in range(chance.randint(1, 8)):
            hurt[chance.randrange(len(hurt))] = chance.randrange(256)
        path.write_bytes(hurt)
        with suppress(DataError):
            fingerprint(open_table(open_table(path).to_arrow()))


def test_a_quote_that_is_never_closed_is_said(tmp_path):
    (tmp_path / "open.csv").write_text('a,b\n1,"x\n2,y\n3,z\n')
    with pytest.raises(TableUnreadable, match="ends within a quoted value"):
        open_table(tmp_path / "open.csv").to_arrow()


def test_a_last_value_of_several_lines_is_read(tmp_path):
    (tmp_path / "lines.csv").write_text('a,b\n1,"x\n2,y\n"\n')
    assert open_table(tmp_path / "lines.csv").to_arrow().to_pydict() == {"a": [1], "b": ["x\n2,y\n"]}


@pytest.mark.parametrize(("start", "end"), ["[]", ('{"a":', "}")])
def test_a_value_that_nests_too_deep_does_not_end_the_process(tmp_path, start, end):
    (tmp_path / "deep.jsonl").write_text('{"a": ' + start * 100_000 + "1" + end * 100_000 + "}\n")
    with pytest.raises(TableUnreadable, match="nests more than 50 deep"):
        open_table(tmp_path / "deep.jsonl")


def test_brackets_in_text_are_not_depth(tmp_path):
    (tmp_path / "brackets.jsonl").write_text('{"a": "\\"' + "[{" * 1000 + '"}\n')
    assert len(open_table(tmp_path / "brackets.jsonl").to_arrow()["a"][0].as_py()) == 2001


def test_cycles_in_every_holder_are_objects():
    item: list = [1]
    item.append({"a": (item,)})
    for source in ({"a": [item]}, pd.DataFrame({"a": [item]}), {"a": np.array([None, item], dtype=object)}):
        field = open_table(source).schema.field("a")
        assert (str(field.type), field.metadata[MIXED]) == ("binary", b"list")


def test_names_of_html_and_of_a_terminal_are_kept_as_they_are(tmp_path):
    names = ["<script>alert(1)</script>", "\x1b[31mred", "a\u202eb"]
    csv.write_csv(pa.table({name: [1] for name in names}), tmp_path / "names.csv")
    table = open_table(tmp_path / "names.csv")
    assert table.columns == names
    with pytest.raises(DataError) as raised:
        table.require_column("red")
    assert str(raised.value).isprintable()


@pytest.fixture
def growing(tmp_path):
    """A Parquet file of several batches."""
    path = tmp_path / "growing.parquet"
    parquet.write_table(pa.table({"a": range(300_000)}), path)
    return path


def _appended(path):
    with path.open("ab") as stream:
        stream.write(b"more")


def _replaced(path):
    other = path.with_name("other.parquet")
    parquet.write_table(pa.table({"a": range(300_000)}), other)
    other.replace(path)


def _rewritten(path):
    content, stat = path.read_bytes(), path.stat()
    path.write_bytes(content)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1))


def _cut(path):
    os.truncate(path, 1000)


@pytest.mark.parametrize("change", [_appended, _replaced, _rewritten, _cut, os.unlink])
def test_a_file_that_changes_while_it_is_read_is_told(growing, change):
    batches = open_table(growing).batches()
    next(batches)
    change(growing)
    with pytest.raises(
        TableUnreadable, match=r"growing.parquet' to stay as it was .*, but it changed\. Read it once"
    ):
        list(batches)


@pytest.mark.parametrize("change", [_appended, _replaced, _cut, os.unlink])
def test_a_file_that_changes_after_it_was_opened_is_told(growing, change):
    table = open_table(growing)
    change(growing)
    with pytest.raises(TableUnreadable, match="but it changed"):
        table.to_arrow()


def test_a_later_file_of_a_glob_that_changes_is_told(tmp_path):
    for number in (1, 2, 3):
        (tmp_path / f"{number}.csv").write_text("a\n1\n2\n")
    batches = open_table(str(tmp_path / "*.csv")).batches()
    next(batches)
    _appended(tmp_path / "3.csv")
    with pytest.raises(TableUnreadable, match=r"3\.csv' to stay as it was"):
        list(batches)


def test_a_file_that_does_not_change_is_read_twice(growing):
    table = open_table(growing)
    assert fingerprint(table) == fingerprint(table)


class Counted(csv_.Csv):
    """Tells how often a file is read."""

    def __init__(self):
        super().__init__()
        self.readings = 0

    def _reader(self, file, types):
        self.readings += 1
        return super()._reader(file, types)


def test_types_that_widen_late_are_found_in_two_readings(tmp_path, monkeypatch):
    monkeypatch.setattr(format_, "WHOLE", 200)
    late = [f"{n},{n},,2020-01-01,2020-01-01,{n},true,1,a" for n in range(100)]
    late.append("0.5,x,7,2020-01-01 10:00:00,soon,,maybe,,b")
    path = tmp_path / "late.csv"
    path.write_text("i,j,k,l,m,n,o,p,q\n" + "\n".join(late) + "\n")
    format_of_csv = Counted()
    schema = format_of_csv.schema(str(path))
    expected = ["double", "string", "int64", "timestamp[s]", "string", "int64", "string", "int64", "string"]
    assert [str(kind) for kind in schema.types] == expected
    assert format_of_csv.readings == 2
    assert pa.Table.from_batches(format_of_csv.batches(str(path), schema)).num_rows == 101


def test_fields_of_json_that_come_late_are_found(tmp_path, monkeypatch):
    monkeypatch.setattr(format_, "WHOLE", 64)
    lines = ['{"a": 1, "t": "2020-01-01"}'] * 50 + ['{"a": 0.5, "b": [1], "t": "soon"}', '{"b": null}']
    (tmp_path / "late.jsonl").write_text("\n".join(lines))
    table = open_table(tmp_path / "late.jsonl").to_arrow()
    assert [str(kind) for kind in table.schema.types] == ["double", "string", "list<item: int64>"]
    assert table.slice(49).to_pylist() == [
        {"a": 1.0, "t": "2020-01-01", "b": None},
        {"a": 0.5, "t": "soon", "b": [1]},
        {"a": None, "t": None, "b": None},
    ]
