"""Columns read as vectors."""

import datetime as dt
import decimal

import numpy as np
import pyarrow as pa
import pytest

from dsml_magics.profile.sketch.family import plain
from dsml_magics.profile.vectors import Numbers, groups_in, numbers_in

DAY = dt.datetime(2024, 1, 1)


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (pa.array([1, None, 3]), [1, np.nan, 3]),
        (pa.array([True, None, False]), [1, np.nan, 0]),
        (pa.array([1.5, float("nan"), float("inf")]), [1.5, np.nan, np.inf]),
        (pa.array([decimal.Decimal("1.50"), None]), [1.5, np.nan]),
        (pa.array([2**63 - 1, -(2**63)], pa.int64()), [2.0**63, -(2.0**63)]),
        (pa.array([DAY, None, DAY + dt.timedelta(seconds=2)], pa.timestamp("s")), [0, np.nan, 2]),
        (pa.array([DAY.date(), DAY.date() + dt.timedelta(3)]), [0, 3]),
        (pa.array([dt.time(1), dt.time(2)], pa.time32("s")), [0, 3600]),
        (pa.array([None, None], pa.duration("s")), [np.nan, np.nan]),
        (pa.array([-(2**62) - 2**61, 2**62 + 2**61], pa.timestamp("ns")), [0, 3 * 2.0**62]),
        (pa.array([], pa.timestamp("s")), []),
    ],
)
def test_numbers_and_moments_are_floats(array, expected):
    np.testing.assert_array_equal(numbers_in(plain(array)), expected)


@pytest.mark.parametrize("array", [pa.array(["a"]), pa.array([b"a"]), pa.array([[1]]), pa.nulls(2)])
def test_anything_else_is_no_number(array):
    assert numbers_in(array) is None


@pytest.mark.parametrize(
    ("array", "labels", "codes"),
    [
        (pa.array(["b", "a", None, "a"]), ("a", "b"), [1, 0, 2, 0]),
        (pa.array(["b", "a", None, "a"]).dictionary_encode(), ("a", "b"), [1, 0, 2, 0]),
        (pa.array([0.0, -0.0, float("nan"), 1.0]), (0.0, 1.0), [0, 0, 2, 1]),
        (pa.array([True, False, True]), (True, False), [0, 1, 0]),
        (pa.DictionaryArray.from_arrays(pa.array([0, 1, 2, 0]), ["x", "x", "y"]), ("x", "y"), [0, 0, 1, 0]),
        (pa.DictionaryArray.from_arrays(pa.array([1, 1]), ["unseen", "y"]), ("y",), [0, 0]),
        (pa.array([None, None], pa.string()), (), [0, 0]),
        (pa.array([], pa.string()), (), []),
    ],
)
def test_categories_are_numbered_by_how_frequent_they_are(array, labels, codes):
    found = groups_in(array, None)
    assert found.labels == labels
    assert found.codes.tolist() == codes


@pytest.mark.parametrize("array", [pa.array([b"a"]), pa.array([[1]]), pa.array([{"a": 1}]), pa.nulls(2)])
def test_lists_and_bytes_name_no_groups(array):
    assert groups_in(array, None) is None


def test_weights_decide_which_category_is_the_most_frequent():
    found = groups_in(pa.array(["a", "a", "b", None]), np.array([1.0, 1.0, 5.0, 2.0]))
    assert (found.labels, found.counts.tolist()) == (("b", "a"), [5, 2, 2])


def test_merging_keeps_the_largest_groups():
    found = groups_in(pa.array(["a"] * 3 + ["b"] * 2 + ["c", "d", None]), None).merged(2)
    assert (found.labels, found.counts.tolist()) == (("a", "b", None), [3, 2, 2, 1])
    assert found.codes.tolist() == [0, 0, 0, 1, 1, 2, 2, 3]
    assert found.merged(2) is found


def test_equal_values_have_no_spread():
    assert Numbers.of(np.full(1000, 0.1), None).spread == 0.0
    assert Numbers.of(np.array([np.nan, np.inf]), None).spread == 0.0


@pytest.mark.parametrize("unit", [5e-324, 1e-200, 1.0, 1e200, 8e307])
def test_the_spread_of_any_unit_is_finite(unit):
    found = Numbers.of(np.array([-unit, unit, np.nan]), None)
    assert 0 < found.spread < np.inf
    assert found.values.tolist()[2] == 0.0
