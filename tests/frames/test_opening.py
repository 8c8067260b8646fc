"""Open any table: what comes out, and what is said of what is no table."""

import datetime as dt
import decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from dsml_magics.errors import ColumnNotFound, ColumnUnusable, DataError, TableEmpty
from dsml_magics.frames.column import MIXED
from dsml_magics.frames.opening import column_names, is_distributed, is_table, open_table


def read(source):
    return open_table(source).to_arrow().to_pydict()


def test_every_kind_of_table_gives_the_same_values(frame_kind, content):
    assert read(frame_kind()) == content


def test_every_kind_but_a_reader_can_be_read_again(frame_kind, content):
    source = frame_kind()
    table = open_table(source)
    first = table.to_arrow()
    if isinstance(source, pa.RecordBatchReader):
        with pytest.raises(DataError, match=r"read already.*reader.read_all\(\)"):
            table.to_arrow()
    else:
        assert table.to_arrow() == first


def test_every_kind_says_its_columns_without_reading(frame_kind, content):
    assert open_table(frame_kind()).columns == list(content)


def test_the_head_is_the_first_rows(frame_kind, content):
    assert open_table(frame_kind()).head(3).to_pydict() == {
        name: values[:3] for name, values in content.items()
    }


def test_a_head_longer_than_the_table_is_the_table(content):
    assert open_table(content).head(9).num_rows == 4


def test_an_opened_table_is_opened_already(content):
    table = open_table(content)
    assert open_table(table) is table


def test_a_table_without_rows_is_a_table():
    assert read(pd.DataFrame({"a": []})) == {"a": []}
    assert open_table(pl.DataFrame({"a": []})).to_arrow().num_rows == 0


@pytest.mark.parametrize(
    "source",
    [{}, pd.DataFrame(), pd.DataFrame(index=[1, 2]), pl.DataFrame(), pa.table({}), np.empty((3, 0))],
    ids=["dict", "pandas", "pandas with rows", "polars", "arrow", "numpy"],
)
def test_a_table_without_columns_is_refused(source):
    with pytest.raises(TableEmpty, match="Expected a table with columns"):
        open_table(source)


@pytest.mark.parametrize(
    "source",
    [
        pd.DataFrame([[1, 2, 3]], columns=["a", "b", "a"]),
        pa.Table.from_arrays([pa.array([1]), pa.array([2]), pa.array([3])], names=["a", "b", "a"]),
    ],
    ids=["pandas", "arrow"],
)
def test_a_name_that_stands_twice_is_numbered(source):
    table = open_table(source)
    assert (table.columns, dict(table.literals)) == (["a", "b", "a.1"], {"a": None, "a.1": None})
    assert table.to_arrow()["a.1"].to_pylist() == [3]


@pytest.mark.parametrize(
    ("source", "name", "literal"),
    [
        (pd.DataFrame([[1]]), "0", "0"),
        (pd.DataFrame({("a", "b"): [1]}), "a_b", "('a', 'b')"),
        ({1: [2]}, "1", "1"),
        (pd.DataFrame({None: [1]}), "None", None),
    ],
    ids=["numbers", "levels", "dict", "None"],
)
def test_a_name_that_is_no_text_becomes_text(source, name, literal):
    table = open_table(source)
    assert (table.columns, dict(table.literals)) == ([name], {name: literal})
    assert [note.code for note in table.notes] == ["names"]


def test_columns_of_unequal_length_are_refused():
    with pytest.raises(ColumnUnusable, match="equal length in dict, got 'a' 2, 'b' 3"):
        open_table({"a": [1, 2], "b": [1, 2, 3]})


@pytest.mark.parametrize(
    ("values", "types", "content"),
    [
        ([{2, 1}, None, {3}], "set", [b"set{1, 2}", None, b"set{3}"]),
        ([object()], "object", [b"<object object>"]),
        ([1, 2j], "complex, int", [b"1", b"2j"]),
        ([[1, "x"]], "list", [b"list(1, 'x')"]),
        ([pd.offsets.Day(1)], "Day", [b"<Day>"]),
    ],
)
def test_values_no_table_holds_are_kept_as_bytes_that_tell_them_apart(values, types, content):
    table = open_table(pd.DataFrame({"odd": pd.Series(values, dtype=object)})).to_arrow()
    assert table.schema.field("odd").metadata[MIXED].decode() == types
    assert table["odd"].to_pylist() == content


def test_a_scalar_is_no_column():
    with pytest.raises(ColumnUnusable, match="column 'a'"):
        open_table({"a": 3})


@pytest.mark.parametrize(
    "value", ["xyz", b"xyz", {"x": 1}, {1, 2}, np.array(3)], ids=lambda value: type(value).__name__
)
def test_one_value_of_several_parts_is_no_column(value):
    with pytest.raises(
        ColumnUnusable, match=r"Expected a list or an array of values for column 'a', got one"
    ):
        open_table({"a": value})


def test_an_iterator_of_mixed_values_is_read_once():
    assert read({"a": iter([1, "x"])}) == {"a": ["1", "x"]}


def test_a_generator_is_read_as_a_column():
    assert read({"a": (number for number in (1, 2))}) == {"a": [1, 2]}


@pytest.mark.parametrize(
    "source", [3, None, [1, 2], object(), {1, 2}, lambda: None], ids=lambda source: type(source).__name__
)
def test_what_is_no_table_is_refused(source):
    with pytest.raises(DataError, match="Expected a table or the path of one, got"):
        open_table(source)


def test_a_cube_is_no_table():
    with pytest.raises(DataError, match=r"got 3 dimensions \(2, 2, 2\)"):
        open_table(np.zeros((2, 2, 2)))


def test_mixed_scalars_become_text_and_say_so():
    table = open_table(pd.DataFrame({"a": pd.Series([1, "x", None, 2.5], dtype=object)}))
    assert table.to_arrow().to_pydict() == {"a": ["1", "x", None, "2.5"]}
    assert table.schema.field("a").metadata[MIXED] == b"float, int, str"


def test_a_plain_column_is_not_flagged_as_mixed():
    assert open_table({"a": [1, 2]}).schema.field("a").metadata is None


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pd.array([1, None], dtype="Int64"), [1, None]),
        (pd.array([1.5, None], dtype="Float64"), [1.5, None]),
        (pd.array([True, None], dtype="boolean"), [True, None]),
        (pd.array(["x", None], dtype="string"), ["x", None]),
        (pd.array([1, None], dtype="int64[pyarrow]"), [1, None]),
        (pd.Categorical(["x", None]), ["x", None]),
        (pd.Categorical([3, None]), [3, None]),
        (pd.arrays.SparseArray([0, 1]), [0, 1]),
        (pd.Series([dt.date(2020, 1, 1), None], dtype=object), [dt.date(2020, 1, 1), None]),
        (pd.Series([decimal.Decimal("1.50"), None], dtype=object), [decimal.Decimal("1.50"), None]),
        (pd.Series([[1], None], dtype=object), [[1], None]),
        (pd.Series([b"x", None], dtype=object), [b"x", None]),
        (pd.Series([1, pd.NA], dtype=object), [1, None]),
        (pd.Series([np.nan, "x"], dtype=object), [None, "x"]),
        (pd.to_timedelta(["1s", None]), [dt.timedelta(seconds=1), None]),
    ],
    ids=[
        "Int64", "Float64", "boolean", "string", "arrow", "text category", "number category", "sparse",
        "date", "decimal", "list", "bytes", "NA", "NaN among text", "duration",
    ],
)  # fmt: skip
def test_pandas_columns_keep_their_values(column, expected):
    assert read(pd.DataFrame({"a": column})) == {"a": expected}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("zone", ["Europe/Oslo", "UTC", "+02:00"])
def test_a_time_zone_is_kept(zone):
    zoned = pd.Series(pd.to_datetime(["2020-07-01 12:00", None]).tz_localize(zone), name="t")
    table = open_table(zoned)
    assert table.schema.field("t").type.tz == zone
    assert table.to_arrow()["t"].to_pylist() == [zoned[0].to_pydatetime(), None]


def test_a_period_column_is_the_moments_it_begins_at():
    [value] = read(pd.DataFrame({"p": pd.period_range("2020-01", periods=1, freq="M")}))["p"]
    assert value == dt.datetime(2020, 1, 1)


def test_an_interval_column_is_its_bounds():
    assert read(pd.DataFrame({"i": pd.interval_range(0, 1)})) == {"i": [{"left": 0, "right": 1}]}


def test_the_index_is_no_column():
    assert read(pd.DataFrame({"a": [1, 2]}, index=[7, 7])) == {"a": [1, 2]}


def test_a_slice_of_a_frame_is_its_rows():
    frame = pd.DataFrame({"a": [1, 2, 3], "b": list("xyz")})
    assert read(frame[frame.a > 1]) == {"a": [2, 3], "b": ["y", "z"]}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (pd.Series([1], name="s"), {"s": [1]}),
        (pd.Series([1]), {"value": [1]}),
        (pd.Series([1], name=0), {"0": [1]}),
        (pl.Series("s", [1]), {"s": [1]}),
        (pl.Series([1]), {"value": [1]}),
        (np.array([1]), {"x0": [1]}),
        (np.array([[1, 2]]), {"x0": [1], "x1": [2]}),
        (pa.RecordBatch.from_pydict({"a": [1]}), {"a": [1]}),
    ],
    ids=["series", "nameless", "numbered", "polars series", "polars nameless", "vector", "matrix", "batch"],
)
def test_what_is_nearly_a_table_is_one(source, expected):
    assert read(source) == expected


def test_a_subclass_of_a_frame_is_opened_by_its_base():
    class Sales(pd.DataFrame): ...

    assert read(Sales({"a": [1]})) == {"a": [1]}


def test_a_data_set_is_streamed(tmp_path):
    from pyarrow import dataset, parquet

    parquet.write_table(pa.table({"a": [1, 2]}), tmp_path / "one.parquet")
    assert read(dataset.dataset(tmp_path)) == {"a": [1, 2]}


def test_a_type_can_be_added():
    from dsml_magics.frames.opening import table_of

    class Cloud: ...

    table_of.register(Cloud, lambda _cloud: open_table({"a": [1]}))
    assert read(Cloud()) == {"a": [1]}


def test_a_missing_column_is_answered_by_the_nearest(content):
    with pytest.raises(ColumnNotFound, match=r"No column 'scor' in dict. Did you mean 'score'\?"):
        open_table(content).require_column("scor")


@pytest.mark.parametrize(
    "table",
    [
        pd.DataFrame(),
        pd.Series([1]),
        pl.DataFrame(),
        pl.LazyFrame(),
        pa.table({"a": [1]}),
        np.zeros(3),
        np.zeros((2, 2)),
    ],
    ids=lambda table: type(table).__name__,
)
def test_a_table_is_known_by_its_type(table):
    assert is_table(table)


@pytest.mark.parametrize(
    "value",
    [3, "x", [1], {"a": [1]}, pd, pd.DataFrame, None, np.zeros((2, 2, 2)), print],
    ids=lambda value: type(value).__name__,
)
def test_other_values_are_not_taken_for_tables(value):
    assert not is_table(value)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "table",
    [
        pd.DataFrame({"a": [1], 0: [2]}),
        pl.DataFrame({"a": [1]}),
        pl.LazyFrame({"a": [1]}),
        pa.table({"a": [1]}),
        {"a": [1]},
    ],
    ids=lambda table: type(table).__name__,
)
def test_the_columns_of_a_live_object_are_listed_without_converting_it(table):
    assert column_names(table) == ["a"]


def test_a_table_in_memory_is_not_distributed(frame_kind):
    assert not is_distributed(frame_kind())
