"""Ranges and categories that rows are divided into, with their labels."""

import datetime as dt
import itertools

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from summaries import read, read_sampled

from dsml_magics.profile.bands import MISSING, OTHER, divided, label_of
from dsml_magics.profile.coded import Coded


def divided_of(values, most=8, *, reader=read):
    columns, sample, _ = reader({"x": values})
    return divided(Coded(columns, sample), "x", most=most)


def rows_by_label(values, **chosen):
    found = divided_of(values, **chosen)
    return dict(zip((*found.labels, MISSING), found.counts.tolist(), strict=True))


def test_ranges_have_about_as_many_rows():
    assert rows_by_label([n / 10 for n in range(80)], most=4) == {
        "0 to 1.9": 20,
        "2 to 3.9": 20,
        "4 to 5.9": 20,
        "6 to 7.9": 20,
        MISSING: 0,
    }


def test_few_values_are_a_range_each():
    assert rows_by_label([3, 3, 3, 3, 3, 1, 2, None]) == {"1": 1, "2": 1, "3": 5, MISSING: 1}


@given(st.lists(st.none() | st.integers(-20, 20) | st.floats(-1e3, 1e3, width=32), min_size=1, max_size=60))
@settings(deadline=None)
def test_every_present_value_lies_in_its_range(values):
    columns, sample, _ = read({"x": pd.Series(values, dtype=float)})
    found = divided(Coded(columns, sample), "x")
    if found is None or columns["x"].kind in ("constant", "empty"):
        return
    values = sample.table["x"].to_pandas().to_numpy()
    ranges = [values[found.codes == place] for place in range(len(found.labels))]
    assert len(ranges) <= 8
    assert np.isnan(values[found.codes == len(ranges)]).all()
    assert all(low.max() < high.min() for low, high in itertools.pairwise(ranges))
    for label, inside in zip(found.labels, ranges, strict=True):
        ends = [float(end.replace(",", "")) for end in label.split(" to ")]
        assert (ends[0], ends[-1]) == pytest.approx((inside.min(), inside.max()), rel=1e-3, abs=1e-3)


def test_the_last_label_names_the_greatest_value_of_the_table():
    values = np.random.default_rng(0).permutation(100_000) / 7
    columns, sample, _ = read_sampled({"x": values})
    found = divided(Coded(columns, sample), "x")
    assert not sample.is_complete
    assert found.labels[0].startswith("0 to ")
    assert found.labels[-1].endswith(" to 14,285.57")


def test_infinite_values_are_in_the_outer_ranges():
    found = rows_by_label([-np.inf, *range(30), np.inf, np.inf], most=2)
    assert [label.split(" to ") for label in found][:2] == [["-inf", "15"], ["16", "inf"]]


@pytest.mark.parametrize(
    ("array", "label"),
    [
        (pa.array([dt.datetime(2024, 1, 1), dt.datetime(2024, 3, 1)] * 9), "2024-01-01 to 2024-03-01"),
        (
            pa.array([dt.datetime(2024, 1, 1, 8), dt.datetime(2024, 3, 1)] * 9),
            "2024-01-01 08:00:00 to 2024-03-01 00:00:00",
        ),
        (pa.array([dt.date(2024, 1, 1), dt.date(2024, 3, 1)] * 9), "2024-01-01 to 2024-03-01"),
        (pa.array([dt.date(1, 1, 1), dt.date(9999, 3, 1)] * 9, pa.date64()), "0001-01-01 to 9999-03-01"),
        (pa.array([dt.time(1), dt.time(2, 30)] * 9), "01:00:00 to 02:30:00"),
        (pa.array([1, 90], pa.duration("s")), "0:00:01 to 0:01:30"),
        (
            pa.array([0, 10**9], pa.timestamp("ns", "Asia/Seoul")),
            "1970-01-01 09:00:00+09:00 to 1970-01-01 09:00:01+09:00",
        ),
        (pa.array([-(10**17), 10**17], pa.timestamp("s")), None),
    ],
)
def test_moments_are_labelled_in_their_own_way(array, label):
    (found,) = divided_of(array, most=1).labels
    assert label is None or found == label


def test_ends_that_look_alike_when_shortened_are_written_out():
    (found,) = divided_of([1.0000001, 1.0000002], most=1).labels
    assert found == "1.0000001 to 1.0000002"


def test_categories_are_the_most_frequent_ones():
    values = ["a"] * 4 + ["b"] * 3 + ["c", "d", None]
    assert rows_by_label(values, most=2) == {"a": 4, "b": 3, OTHER: 2, MISSING: 1}


@pytest.mark.parametrize(
    ("category", "label"),
    [
        (None, OTHER),
        (True, "True"),
        (2.0, "2"),
        (90210, "90210"),
        (0.5, "0.5"),
        ("x\x1b[0m", "x\\x1b[0m"),
        ("y" * 99, "y" * 59 + "…"),
    ],
)
def test_a_category_is_written_as_it_is(category, label):
    assert label_of(category) == label


@pytest.mark.parametrize("values", [[[1], [2]], [b"a", b"b"]])
def test_lists_and_bytes_divide_nothing(values):
    assert divided_of(values) is None
