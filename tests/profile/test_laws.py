"""A profile is additive: sums in any order and grouping say what the whole says, within the stated bounds."""

import datetime as dt
import decimal
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsml_magics.errors import ColumnNotFound, ColumnUnusable, DataError
from dsml_magics.profile import state as states
from dsml_magics.profile.measure import columns_of
from dsml_magics.profile.value import Profile

pytestmark = pytest.mark.slow

KINDS = {
    "whole": (pa.int64(), st.integers(-(2**63), 2**63 - 1)),
    "real": (pa.float64(), st.floats(width=32)),
    "word": (pa.string(), st.text(max_size=5)),
    "truth": (pa.bool_(), st.booleans()),
    "moment": (pa.timestamp("us"), st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2200, 1, 1))),
    "day": (pa.date32(), st.dates(dt.date(1900, 1, 1))),
    "amount": (pa.decimal128(12, 2), st.decimals(-1000, 1000, places=2).map(decimal.Decimal)),
    "items": (pa.list_(pa.int64()), st.lists(st.integers(0, 3), max_size=3)),
}


@st.composite
def tables(draw):
    height = draw(st.integers(0, 30))
    columns = {
        name: pa.array(draw(st.lists(st.none() | values, min_size=height, max_size=height)), kind)
        for name, (kind, values) in KINDS.items()
    }
    return pa.table(columns)


def figures(profile):
    """Every figure of the columns, those of rounding apart."""
    return {
        name: {
            figure: getattr(column, figure)
            for figure in ("kind", "type", "rows", "missing", "distinct", "min", "max", "top", "zeros", "infinite",
                           "percentiles", "histogram", "text", "time", "outliers")
        }
        for name, column in columns_of(profile.require_state()).items()
    }  # fmt: skip


def close(one, two):
    for name, column in columns_of(one.require_state()).items():
        other = columns_of(two.require_state())[name]
        for figure in ("mean", "std"):
            ours, theirs = getattr(column, figure), getattr(other, figure)
            if isinstance(ours, float) and np.isfinite(ours):
                assert theirs == pytest.approx(ours, rel=1e-9, abs=1e-6 * max(1, abs(column.max or 1)))


@settings(max_examples=40, deadline=None)
@given(tables(), tables(), tables())
@pytest.mark.parametrize("exact", [True, False])
def test_the_laws_hold_for_any_tables(exact, one, two, three):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(states, "EXACT_CELLS", 10**6 if exact else 0)
        a, b, c = (Profile.of(table) for table in (one, two, three))
        whole = Profile.of(pa.concat_tables([one, two, three]))
        assert figures(a + b) == figures(b + a)
        assert figures(a + Profile()) == figures(Profile() + a) == figures(a)
        left, right = figures((a + b) + c), figures(a + (b + c))
        assert left == right
        expected = figures(whole)
        for name in expected:
            # The order of rows is one of a table, not of a sum: it has none.
            left[name]["time"] = expected[name]["time"] = None
        assert left == expected
        close((a + b) + c, whole)
        assert (a + b).require_state().sketch.sample.duplicates() == (
            b + a
        ).require_state().sketch.sample.duplicates()


@pytest.fixture(scope="module")
def large():
    rng = np.random.default_rng(5)
    rows = 300_000
    return pa.table(
        {
            "real": np.where(rng.random(rows) < 0.1, np.nan, rng.lognormal(size=rows)),
            "whole": rng.integers(0, 10**9, rows),
            "few": rng.integers(0, 50, rows),
            "word": pa.array([f"w{n}" for n in rng.zipf(1.2, rows) % 10**6]),
            "key": pa.array([f"k{n}" for n in range(rows)]),
            "moment": np.datetime64("2020-01-01", "us") + rng.integers(0, 10**12, rows),
        }
    )


@pytest.mark.parametrize("parts", [1, 2, 30, 1000])
def test_a_sum_says_what_the_whole_says_within_the_bounds(large, parts):
    cuts = np.linspace(0, large.num_rows, parts + 1).astype(int)
    pieces = [Profile.of(large.slice(a, b - a)) for a, b in pairwise(cuts)]
    np.random.default_rng(parts).shuffle(pieces)
    found = columns_of(sum(pieces).require_state())
    for name, column in found.items():
        series = large.column(name).to_pandas().dropna()
        assert column.missing == large.num_rows - len(series)
        assert column.distinct == pytest.approx(series.nunique(), rel=column.bound("distinct") + 1e-12)
        counts = series.value_counts()
        for value, count in column.top:
            assert count <= counts[value] <= count * (1 + column.bound("top")) + 1e-9
        if column.percentiles:
            assert column.bound("quantile") < 0.002
            ordered = np.sort(series.to_numpy())
            for percent in (1, 25, 50, 90, 99):
                value = np.array(column.percentiles[percent], ordered.dtype)
                low, high = np.searchsorted(ordered, value, "left"), np.searchsorted(ordered, value, "right")
                reach = (column.bound("quantile") + 2 / len(ordered)) * len(ordered)
                assert low - reach <= percent / 100 * len(ordered) <= high + reach
            assert sum(column.histogram.counts) == column.present
            truth = np.histogram(series.astype("i8" if name == "moment" else "f8"), 20)[0]
            assert (
                np.abs(truth - column.histogram.counts).max()
                <= column.bound("histogram") * large.num_rows + 1
            )
    assert found["few"].bound("distinct") == found["few"].bound("quantile") == 0.0
    assert found["real"].mean == pytest.approx(np.nanmean(large.column("real").to_numpy()), rel=1e-10)


def test_merged_correlations_are_those_of_all_rows(large):
    pieces = [Profile.of(large.slice(at, 30_000)) for at in range(0, 300_000, 30_000)]
    gram = sum(pieces).require_state().sketch.gram
    expected = large.select(list(gram.names)).to_pandas().corr().to_numpy()
    assert gram.pearson() == pytest.approx(expected, abs=1e-9)


def test_duplicates_and_overlap_are_estimated_within_their_bounds(large):
    doubled = pa.concat_tables([large, large.slice(0, 60_000)])
    found, bound = Profile.of(doubled).require_state().sketch.sample.duplicates()
    assert abs(found - 60_000) <= bound * doubled.num_rows
    assert bound < 0.02
    one = Profile.of(large.slice(0, 200_000)).require_state().sketch.sample
    two = Profile.of(large.slice(150_000, 150_000)).require_state().sketch.sample
    shared, bound = one.overlap(two)
    assert abs(shared - 50_000) <= bound * 150_000


def test_tables_of_other_columns_are_not_added():
    with pytest.raises(ColumnNotFound, match="'b'"):
        Profile.of({"a": [1]}) + Profile.of({"a": [1], "b": [2]})
    with pytest.raises(ColumnUnusable, match="'a'.*int64.*string"):
        Profile.of({"a": [1]}) + Profile.of({"a": ["x"]})
    with pytest.raises(DataError, match="JSON"):
        Profile(read=Profile().figures) + Profile.of({"a": [1]})
    with pytest.raises(TypeError):
        Profile.of({"a": [1]}) + 3


def test_types_that_hold_both_are_found():
    both = Profile.of({"a": [1, 2]}) + Profile.of({"a": [2.5, None]}) + Profile.of({"a": [None]})
    column = columns_of(both.require_state())["a"]
    assert (column.type, column.rows, column.missing, column.distinct, column.max) == ("double", 5, 2, 3, 2.5)
    seconds = pa.table({"t": pa.array([1, 2], pa.timestamp("s"))})
    for unit in ("ms", "us"):
        other = seconds.cast(pa.schema([("t", pa.timestamp(unit))]))
        assert columns_of((Profile.of(seconds) + Profile.of(other)).require_state())["t"].distinct == 2


def test_bounded_moments_of_other_units_are_added(large, monkeypatch):
    monkeypatch.setattr(states, "EXACT_CELLS", 0)
    micro = large.select(["moment"])
    milli = pa.table({"moment": micro.column(0).cast(pa.timestamp("ms"), safe=False)})
    both = columns_of((Profile.of(micro) + Profile.of(milli)).require_state())["moment"]
    assert both.type == "timestamp[us]"
    assert both.max == columns_of(Profile.of(micro).require_state())["moment"].max
    assert both.rows == 600_000
