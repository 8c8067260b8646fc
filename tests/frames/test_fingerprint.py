"""One content has one fingerprint, however it is held."""

import datetime as dt
from itertools import pairwise

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsml_magics.frames.fingerprint import fingerprint
from dsml_magics.frames.opening import open_table


def of(source):
    return fingerprint(open_table(source))


def test_every_kind_of_table_has_the_same_fingerprint(frame_kind, content):
    assert of(frame_kind()) == of(content)


def test_one_changed_value_changes_it(frame_kind, content):
    content["age"] = [31, 45, 22, 68]
    assert of(frame_kind()) != of(content)


@pytest.mark.parametrize(
    "changed",
    [
        {"a": [1, 2, 4], "b": ["x", None, ""]},
        {"a": [1, 3, 2], "b": ["x", None, ""]},
        {"a": [1, 2, 3], "b": ["x", "", None]},
        {"a": [1, 2, None], "b": ["x", None, ""]},
        {"a": [1, 2, 3], "c": ["x", None, ""]},
        {"b": ["x", None, ""], "a": [1, 2, 3]},
        {"a": [1, 2, 3, 3], "b": ["x", None, "", ""]},
        {"a": [1, 2, 3]},
        {"a": ["1", "2", "3"], "b": ["x", None, ""]},
        {"a": [True, True, True], "b": ["x", None, ""]},
    ],
    ids=[
        "value",
        "order",
        "place of a missing value",
        "missing",
        "name",
        "order of columns",
        "row",
        "column",
        "text",
        "bool",
    ],
)
def test_any_change_changes_it(changed):
    assert of(changed) != of({"a": [1, 2, 3], "b": ["x", None, ""]})


def test_text_cannot_move_between_neighbouring_values():
    assert of({"a": ["ab", "c"]}) != of({"a": ["a", "bc"]})


def test_values_cannot_move_between_neighbouring_lists():
    assert of({"a": [[1, 2], [3]]}) != of({"a": [[1], [2, 3]]})


def test_numbers_are_compared_by_value():
    assert (
        of({"a": [1, 2]})
        == of({"a": [1.0, 2.0]})
        == of({"a": np.array([1, 2], "i2")})
        == of({"a": np.array([1, 2], "f4")})
    )


def test_large_integers_are_told_apart_although_they_share_a_float():
    assert of({"a": [2**53]}) != of({"a": [2**53 + 1]})


def test_negative_zero_is_zero():
    assert of({"a": [0.0]}) == of({"a": [-0.0]}) == of({"a": [0]})


def test_nan_counts_as_missing():
    assert of({"a": [1.0, float("nan")]}) == of({"a": [1.0, None]})


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_times_are_the_same_in_any_unit(unit):
    moments = [dt.datetime(2020, 1, 1), dt.datetime(1955, 3, 2, 1, 2, 3), None]
    assert of(pa.table({"t": pa.array(moments, pa.timestamp(unit))})) == of({"t": moments})


def test_an_instant_is_the_same_in_any_time_zone():
    first = pa.array([dt.datetime(2020, 1, 1)], pa.timestamp("us", "UTC"))
    assert of(pa.table({"t": first})) == of(pa.table({"t": first.cast(pa.timestamp("ns", "Europe/Oslo"))}))


def test_an_instant_is_not_a_local_time():
    local = pa.array([dt.datetime(2020, 1, 1)], pa.timestamp("us"))
    assert of(pa.table({"t": local})) != of(pa.table({"t": local.cast(pa.timestamp("us", "UTC"))}))


@pytest.mark.parametrize(
    "encoded",
    [
        pd.DataFrame({"c": pd.Categorical(["b", None, "a"], categories=["z", "a", "b"])}),
        pl.DataFrame({"c": pl.Series(["b", None, "a"], dtype=pl.Categorical)}),
        pl.DataFrame({"c": pl.Series(["b", None, "a"], dtype=pl.Enum(["a", "b"]))}),
        pa.table({"c": pa.array(["b", None, "a"]).dictionary_encode()}),
        pa.table({"c": pa.array(["b", None, "a"], pa.large_string())}),
        pa.table({"c": pa.array(["b", None, "a"], pa.string_view())}),
        pa.table({"c": pa.compute.run_end_encode(pa.array(["b", None, "a"]))}),
        pd.DataFrame({"c": pd.array(["b", None, "a"], dtype="string")}),
        pd.DataFrame({"c": pd.array(["b", None, "a"], dtype=pd.ArrowDtype(pa.string()))}),
        pd.DataFrame({"c": pd.Series(["b", None, "a"], dtype=object)}),
    ],
    ids=[
        "pandas category",
        "polars category",
        "enum",
        "dictionary",
        "large",
        "view",
        "run ends",
        "string",
        "arrow",
        "object",
    ],
)
def test_text_is_the_same_however_it_is_encoded(encoded):
    assert of(encoded) == of({"c": ["b", None, "a"]})


def test_a_column_without_values_has_no_type():
    assert (
        of({"a": [None, None]})
        == of(pa.table({"a": pa.nulls(2, pa.float64())}))
        == of(pa.table({"a": pa.nulls(2, pa.string())}))
    )


@pytest.mark.parametrize(
    "values",
    [[[1, None], None, []], [{"x": 1, "y": "a"}, None, {"x": None, "y": "b"}], [b"\x00", None, b""]],
    ids=["lists", "structs", "bytes"],
)
def test_nested_values_do_not_depend_on_batches(values):
    whole = pa.table({"a": values})
    parts = pa.Table.from_batches([batch for row in range(3) for batch in whole.slice(row, 1).to_batches()])
    assert of(whole) == of(parts)


def test_a_sliced_table_is_its_rows():
    table = pa.table(
        {"a": [1, 2, 3], "b": ["x", "yy", None], "c": [[1], [2, 3], None], "d": [True, False, None]}
    )
    assert of(table.slice(1, 2)) == of(
        {"a": [2, 3], "b": ["yy", None], "c": [[2, 3], None], "d": [False, None]}
    )


COLUMN = st.one_of(
    st.lists(st.none() | st.integers(-(2**63), 2**63 - 1), max_size=12),
    st.lists(st.none() | st.floats(), max_size=12),
    st.lists(st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=4), max_size=12),
    st.lists(st.none() | st.booleans(), max_size=12),
    st.lists(st.none() | st.lists(st.none() | st.integers(0, 3), max_size=3), max_size=12),
)


@given(values=COLUMN, cuts=st.lists(st.integers(0, 12), max_size=4))
def test_batch_boundaries_do_not_matter(values, cuts):
    table = pa.table({"a": pa.array(values, from_pandas=True)})
    edges = sorted({0, len(values), *(cut for cut in cuts if cut < len(values))})
    parts = [table.slice(start, end - start) for start, end in pairwise(edges)]
    assert of(pa.concat_tables(parts) if parts else table) == of(table)


@given(
    values=st.lists(st.integers(-(2**60), 2**60), min_size=1, max_size=8),
    other=st.integers(-(2**60), 2**60),
    at=st.integers(0, 7),
)
def test_a_changed_integer_always_changes_it(values, other, at):
    changed = [*values]
    changed[at % len(values)] = other
    assert (of({"a": values}) == of({"a": changed})) == (values == changed)
