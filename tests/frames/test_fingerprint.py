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


KINDS = {
    "boolean": ([True, None, False], "baa2305a3ba5dcd24c8ad79907a3089f"),
    "number": ([1, None, -2.5], "a83e14451eb0231e3e5e058682ab82d0"),
    "integer beyond floats": ([2**53 + 1, None, -3], "52243162ee0735512df9cacbc1f32a5c"),
    "text": (["a", None, "ünï"], "3fb44e5a0d753d53905d67b83b0e0180"),
    "bytes": ([b"\x00", None, b"ab"], "49a131ca816835c6369e0fc92c407c74"),
    "date": ([dt.date(2020, 1, 2), None, dt.date(1969, 12, 31)], "1516c381fe315c99173ebfd4877c2803"),
    "time": ([dt.time(1, 2, 3, 4), None, dt.time(0)], "cf6f3dd40e0bcccc9a9a21430221def7"),
    "duration": (
        [dt.timedelta(0, 1, 5), None, dt.timedelta(0, -1, -5)],
        "8c3bb0a2e083fa1084ba5c8a395365a9",
    ),
    "datetime": (
        [dt.datetime(2020, 1, 2, 3, 4, 5, 6), None, dt.datetime(1955, 3, 2)],
        "d43ca7f6510e4c3aa32a6829a71c20d6",
    ),
    "instant": (
        [dt.datetime(2020, 1, 2, 3, 4, 5, 6, tzinfo=dt.UTC), None],
        "4b2631768b6cf78d302aa109a4880ead",
    ),
    "struct": ([{"x": 1, "y": "a"}, None, {"x": None, "y": "b"}], "81808a4de1d29944dd66bbe76f15ad7e"),
    "list": ([[1, None], None, [], [2]], "ae7149a5b92efe1bc873c8af2396554f"),
    "list of structs": ([[{"x": [1]}, None], [{"x": None}], []], "75af00d3231e7ffb31bc7d55ff994a71"),
    "map": (
        pa.array([[("k", 1), ("l", None)], None, []], pa.map_(pa.string(), pa.int64())),
        "a639c479794315bbfe0ae7f30e68b050",
    ),
    "nothing": ([None, None], "f6a731a185a411f917c8fbd5b406f9bf"),
    "no rows": ([], "08cef069fc8ca194dc56ac855c3ebae9"),
}


@pytest.mark.parametrize(("values", "expected"), KINDS.values(), ids=KINDS)
def test_what_was_recorded_once_is_found_again(values, expected):
    """Runs and packages keep fingerprints: another one for the same rows would say that the data has changed."""
    assert of(pa.table({"a": pa.array(values)})) == expected


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
    nan = float("nan")
    for values, without in (([1.0, nan], [1.0, None]), ([[1.0, nan], None], [[1.0, None], None])):
        assert of(pa.table({"a": pa.array(values)})) == of(pa.table({"a": pa.array(without)}))
    assert of({"a": [1.0, nan]}) == of({"a": [1.0, None]})


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_times_are_the_same_in_any_unit(unit):
    moments = [dt.datetime(2020, 1, 1), dt.datetime(1955, 3, 2, 1, 2, 3), None]
    assert of(pa.table({"t": pa.array(moments, pa.timestamp(unit))})) == of({"t": moments})


def test_moments_differ_by_a_nanosecond():
    now = pa.array([1_577_934_245_000_000_007, 1_577_934_245_000_000_008], pa.timestamp("ns"))
    assert of(pa.table({"t": now[:1]})) != of(pa.table({"t": now[1:]}))


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
        pa.record_batch({"c": pa.compute.run_end_encode(pa.array(["b", None, "a"]))}),
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
        "run ends of a batch",
        "string",
        "arrow",
        "object",
    ],
)
def test_text_is_the_same_however_it_is_encoded(encoded):
    assert of(encoded) == of({"c": ["b", None, "a"]})


DAY, NOON, STEP = dt.date(1969, 12, 31), dt.time(12, 0, 1), dt.timedelta(seconds=-90)
SAME = {
    "dates": (DAY, [pa.date32(), pa.date64()]),
    "times": (NOON, [pa.time32("s"), pa.time32("ms"), pa.time64("us"), pa.time64("ns")]),
    "durations": (STEP, [pa.duration(unit) for unit in ("s", "ms", "us", "ns")]),
    "numbers": (
        2,
        [pa.int8(), pa.uint64(), pa.float16(), pa.float64(), pa.decimal128(5, 2), pa.decimal256(50, 3)],
    ),
    "bytes": (b"ab", [pa.binary(), pa.binary(2), pa.large_binary(), pa.binary_view()]),
    "lists": ([1, 2], [kind(pa.int32()) for kind in (pa.list_, pa.large_list, pa.list_view)]),
    "lists of one length": ([1, 2], [pa.list_(pa.int64()), pa.list_(pa.int64(), 2)]),
    "codes in lists": (["x"], [pa.list_(pa.string()), pa.list_(pa.dictionary(pa.int8(), pa.string()))]),
    "identifiers": (b"0123456789abcdef", [pa.binary(), pa.uuid()]),
}


@pytest.mark.parametrize(("value", "types"), SAME.values(), ids=SAME)
def test_a_value_is_the_same_in_any_type_that_can_hold_it(value, types):
    assert len({of(pa.table({"a": pa.array([None, value], type_)})) for type_ in types}) == 1


def test_values_of_other_kinds_are_not_the_same_though_their_bits_are():
    ticks = pa.array([3600], pa.int64())
    kinds = [pa.int64(), pa.timestamp("s"), pa.timestamp("s", "UTC"), pa.duration("s")]
    held = [*(ticks.cast(kind) for kind in kinds), pa.array([3600], pa.time32("s"))]
    assert len({of(pa.table({"a": column})) for column in held}) == len(held)


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
    pairs = pa.map_(pa.string(), pa.int64())
    table = pa.table(
        {
            "a": [1, 2, 3],
            "b": ["x", "yy", None],
            "c": [[1], [2, 3], None],
            "d": [True, False, None],
            "e": pa.array([[("k", 1)], [("l", 2), ("m", 3)], []], pairs),
        }
    )
    rows = {
        "a": [2, 3],
        "b": ["yy", None],
        "c": [[2, 3], None],
        "d": [False, None],
        "e": pa.array([[("l", 2), ("m", 3)], []], pairs),
    }
    assert of(table.slice(1, 2)) == of(pa.table(rows))


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
