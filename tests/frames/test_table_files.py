"""Tables in files: what is read, and what is said of a bad file."""

import gzip

import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import csv, feather, ipc, parquet

from dsml_magics.errors import ColumnUnusable, TableEmpty, TableNotFound, TableUnreadable
from dsml_magics.frames import format as format_
from dsml_magics.frames.opening import open_table


def read(source):
    return open_table(source).to_arrow().to_pydict()


@pytest.fixture
def written(tmp_path):
    def write(name, text):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    return write


@pytest.fixture
def in_small_blocks(monkeypatch):
    """Read text as if every file were larger than one block."""
    monkeypatch.setattr(format_, "WHOLE", 64)


def test_a_missing_file_is_answered_by_the_nearest(written, tmp_path):
    written("train.csv", "a\n1\n")
    with pytest.raises(TableNotFound, match=r"No file '.*trian.csv'. Did you mean 'train.csv'\?"):
        open_table(str(tmp_path / "trian.csv"))


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(TableNotFound, match=r"There is no folder '.*nowhere'"):
        open_table(tmp_path / "nowhere" / "train.csv")


def test_a_glob_that_matches_nothing_is_said(tmp_path):
    with pytest.raises(TableNotFound, match=r"No file '.*\*.parquet'"):
        open_table(str(tmp_path / "*.parquet"))


def test_an_empty_folder_is_said(tmp_path):
    with pytest.raises(TableNotFound):
        open_table(str(tmp_path))


@pytest.mark.parametrize("name", ["empty.csv", "empty.jsonl"])
def test_an_empty_file_is_said(written, name):
    with pytest.raises(TableEmpty, match=f"an empty file: '.*{name}'"):
        open_table(written(name, ""))


@pytest.mark.parametrize("name", ["empty.parquet", "empty.arrow"])
def test_an_empty_binary_file_is_unreadable(written, name):
    with pytest.raises(TableUnreadable, match="Is it complete"):
        open_table(written(name, ""))


def test_a_header_alone_is_a_table_without_rows(written):
    assert read(written("header.csv", "a,b\n")) == {"a": [], "b": []}


def test_a_ragged_csv_names_the_line(written):
    with pytest.raises(
        TableUnreadable,
        match=r"a CSV file in '.*ragged.csv', but: .*Expected 2 columns, got 3.*as many fields",
    ):
        read(written("ragged.csv", "a,b\n1,2\n1,2,3\n"))


@pytest.mark.parametrize(
    ("text", "name", "values"), [("city\nMalmö\n", "city", ["Malmö"]), ("größe\n1\n", "größe", [1])]
)
def test_another_encoding_is_read(written, text, name, values):
    assert read(written("latin.csv", text.encode("latin-1"))) == {name: values}


def test_another_encoding_of_json_is_said(written):
    with pytest.raises(TableUnreadable, match="JSON lines"):
        read(written("latin.jsonl", '{"city": "Malmö"}\n'.encode("latin-1")))


@pytest.mark.usefixtures("in_small_blocks")
def test_another_encoding_in_a_later_block_is_read(written):
    found = read(written("latin.csv", b"city\n" + b"Oslo\n" * 100 + "Malmö\n".encode("latin-1")))
    assert found["city"][-1] == "Malmö"


def test_a_byte_order_mark_is_no_part_of_a_name(written):
    assert read(written("bom.csv", b"\xef\xbb\xbfa,b\n1,2\n")) == {"a": [1], "b": [2]}


@pytest.mark.parametrize("cut", [1, 20, 200])
def test_a_truncated_parquet_file_is_said(tmp_path, cut):
    path = tmp_path / "cut.parquet"
    parquet.write_table(pa.table({"a": list(range(1000))}), path)
    path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises(TableUnreadable, match=r"Expected a Parquet file in '.*cut.parquet'.*Is it complete"):
        open_table(path)


def test_damage_within_a_parquet_file_is_said_while_reading(tmp_path):
    path = tmp_path / "hurt.parquet"
    parquet.write_table(pa.table({"a": [f"{number}" * 9 for number in range(5000)]}), path)
    whole = bytearray(path.read_bytes())
    whole[10:2000] = b"\xff" * 1990
    path.write_bytes(whole)
    with pytest.raises(TableUnreadable, match=r"hurt\.parquet"):
        open_table(path).to_arrow()


def test_text_named_parquet_is_said(written):
    with pytest.raises(TableUnreadable, match="Expected a Parquet file"):
        open_table(written("text.parquet", "a,b\n1,2\n" * 20))


def test_text_named_arrow_is_said(written):
    with pytest.raises(TableUnreadable, match="Arrow IPC"):
        open_table(written("text.arrow", "a,b\n1,2\n" * 20))


def test_broken_json_is_said(written):
    with pytest.raises(TableUnreadable, match="JSON lines"):
        read(written("broken.jsonl", '{"a": 1}\n{"a": \n'))


@pytest.mark.parametrize("name", ["table.xlsx", "table", "table.gz", "notes.md"])
def test_an_unknown_ending_is_answered_by_the_known_ones(written, name):
    with pytest.raises(TableUnreadable, match=r"Expected a file ending in \.parquet, .*\.csv"):
        open_table(written(name, "a\n1\n"))


def test_an_ending_in_capitals_is_known(written):
    assert read(written("TABLE.CSV", "a\n1\n")) == {"a": [1]}


def test_semicolons_separate(written):
    assert read(written("german.csv", "a;b\n1;x,y\n")) == {"a": [1], "b": ["x,y"]}


def test_tabs_separate(written):
    assert read(written("table.tsv", "a\tb\n1\tx, y\n")) == {"a": [1], "b": ["x, y"]}


def test_one_column_needs_no_separator(written):
    assert read(written("one.csv", "a\n1\n")) == {"a": [1]}


def test_line_ends_within_quotes_belong_to_the_value(written):
    assert read(written("quoted.csv", 'a,b\n1,"x\ny"\n')) == {"a": [1], "b": ["x\ny"]}


def test_the_words_pandas_takes_for_missing_are_missing(written):
    path = written("missing.csv", "a,b\n1,NA\nNaN,x\n,null\n4,n/a\n")
    assert read(path) == {"a": [1, None, None, 4], "b": [None, "x", None, None]}
    assert pd.read_csv(path).isna().sum().to_dict() == {"a": 2, "b": 3}


@pytest.mark.parametrize("whole", [1 << 20, 64], ids=["at once", "in blocks"])
@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("a,a,b", ["a", "a.1", "b"]),
        ("a,a,a.1", ["a", "a.2", "a.1"]),
        ("\n\na,a,b", ["a", "a.1", "b"]),
        ('"a\n",b,"a\n"', ["a\n", "b", "a\n.1"]),
        (",,b", ["Unnamed: 0", "Unnamed: 1", "b"]),
        ("도시,도시,b", ["도시", "도시.1", "b"]),
    ],
)
def test_names_that_stand_twice_in_a_csv_are_numbered_as_pandas_does(
    written, monkeypatch, whole, header, names
):
    monkeypatch.setattr(format_, "WHOLE", whole)
    path = written("twice.csv", header + "\n" + "1,x,2.5\n" * 30 + "1.5,y,3\n")
    table = open_table(path)
    expected = pd.read_csv(path)
    assert table.columns == names == list(expected.columns)
    assert table.to_arrow().to_pandas().equals(expected)
    assert [note.code for note in table.notes] == ["names"]


@pytest.mark.parametrize("suffix", ["gz", "bz2", "zst"])
def test_a_compressed_file_is_read(tmp_path, suffix):
    path = tmp_path / f"table.csv.{suffix}"
    with pa.CompressedOutputStream(str(path), {"gz": "gzip", "bz2": "bz2", "zst": "zstd"}[suffix]) as stream:
        csv.write_csv(pa.table({"a": [1, 2], "b": ["x", "y"]}), stream)
    assert read(path) == {"a": [1, 2], "b": ["x", "y"]}


def test_a_damaged_gz_file_is_said(written):
    whole = gzip.compress(b"a,b\n" + b"1,2\n" * 5000)
    with pytest.raises(TableUnreadable):
        read(written("cut.csv.gz", whole[: len(whole) // 2]))


@pytest.mark.usefixtures("in_small_blocks")
def test_a_column_is_widened_when_a_later_block_needs_it(written):
    lines = "".join(f"{number},{number},x\n" for number in range(100))
    path = written("long.csv", "a,b,c\n" + lines + "0.5,late,y\n")
    table = open_table(path)
    assert [str(field.type) for field in table.schema] == ["double", "string", "string"]
    assert table.to_arrow().column("b").to_pylist()[-1] == "late"


@pytest.mark.usefixtures("in_small_blocks")
def test_a_column_that_begins_empty_is_widened(written):
    path = written("late.csv", "a,b\n" + "1,\n" * 100 + "2,0.5\n")
    assert read(path)["b"][-1] == 0.5


@pytest.mark.usefixtures("in_small_blocks")
def test_a_ragged_line_in_a_later_block_is_said(written):
    with pytest.raises(TableUnreadable, match="Expected 2 columns"):
        read(written("long.csv", "a,b\n" + "1,2\n" * 100 + "1,2,3\n"))


@pytest.mark.usefixtures("in_small_blocks")
def test_small_blocks_give_what_one_block_gives(written, monkeypatch):
    path = written("long.csv", "a,b\n" + "".join(f"{number},{'x' * (number % 7)}\n" for number in range(200)))
    in_blocks = read(path)
    monkeypatch.setattr(format_, "WHOLE", 32 << 20)
    assert read(path) == in_blocks


def test_files_of_a_glob_are_read_in_the_order_of_their_names(written, tmp_path):
    written("part-2.csv", "a,b\n3,z\n")
    written("part-1.csv", "a,b\n1,x\n2,y\n")
    assert read(str(tmp_path / "part-*.csv")) == {"a": [1, 2, 3], "b": ["x", "y", "z"]}


def test_files_of_a_folder_are_one_table_without_the_hidden(tmp_path):
    (tmp_path / "parts").mkdir()
    for number in (1, 2):
        parquet.write_table(pa.table({"a": [number]}), tmp_path / "parts" / f"{number}.parquet")
    (tmp_path / "parts" / "_SUCCESS").touch()
    assert read(tmp_path / "parts") == {"a": [1, 2]}


def test_files_with_their_columns_in_another_order_are_one_table(written, tmp_path):
    written("part-1.csv", "a,b\n1,x\n")
    written("part-2.csv", "b,a\ny,2.5\n")
    assert read(str(tmp_path / "part-*.csv")) == {"a": [1.0, 2.5], "b": ["x", "y"]}


def test_files_with_other_columns_are_refused(written, tmp_path):
    written("part-1.csv", "a,b\n1,x\n")
    written("part-2.csv", "a,c\n2,y\n")
    with pytest.raises(ColumnUnusable, match=r"'b' in only one of .*part-1.csv.*part-2.csv"):
        open_table(str(tmp_path / "part-*.csv"))


def test_files_whose_types_differ_beyond_numbers_are_refused(written, tmp_path):
    written("part-1.csv", "a\n1\n")
    written("part-2.csv", "a\nx\n")
    with pytest.raises((ColumnUnusable, TableUnreadable), match=r"'?a'?"):
        read(str(tmp_path / "part-*.csv"))


def test_a_parquet_file_says_its_rows_without_reading(tmp_path):
    parquet.write_table(pa.table({"a": [1, 2, 3]}), tmp_path / "a.parquet")
    assert open_table(tmp_path / "a.parquet").rows == 3


def test_a_stream_of_arrow_is_read_like_a_file(tmp_path):
    table = pa.table({"a": [1, 2]})
    with ipc.new_stream(str(tmp_path / "stream.arrow"), table.schema) as stream:
        stream.write_table(table)
    feather.write_feather(table, str(tmp_path / "file.feather"))
    assert read(tmp_path / "stream.arrow") == read(tmp_path / "file.feather") == {"a": [1, 2]}


def test_a_home_folder_is_expanded(tmp_path, monkeypatch, written):
    monkeypatch.setenv("HOME", str(tmp_path))
    written("table.csv", "a\n1\n")
    assert read("~/table.csv") == {"a": [1]}


def test_a_file_url_is_read(written):
    assert read("file://" + written("table.csv", "a\n1\n")) == {"a": [1]}


@pytest.mark.parametrize(
    "name", ["adult.csv", "penguins.csv", "bike_rides.csv", "ames_housing_no_missing.csv"]
)
def test_real_files_hold_what_pandas_finds_in_them(shared_data, name):
    ours = open_table(shared_data / name).to_arrow().to_pandas()
    theirs = pd.read_csv(shared_data / name)
    assert list(ours) == list(theirs)
    assert ours.isna().sum().tolist() == theirs.isna().sum().tolist()
    numbers = theirs.select_dtypes("number").columns
    pd.testing.assert_frame_equal(ours[numbers], theirs[numbers], check_dtype=False)
    texts = [column for column in theirs if column not in numbers and ours[column].dtype != "datetime64[s]"]
    assert all(ours[column].astype(str).tolist() == theirs[column].astype(str).tolist() for column in texts)


def test_only_tables_are_named_where_a_file_is_not_there(tmp_path):
    for name in ("train.csv", "old.parquet", "mlflow.db", "walk.ipynb", "lab.log"):
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(TableNotFound) as raised:
        open_table(str(tmp_path / "zzzz.csv.gz"))
    assert "train.csv" in str(raised.value)
    assert not any(name in str(raised.value) for name in ("mlflow.db", "walk.ipynb", "lab.log"))
