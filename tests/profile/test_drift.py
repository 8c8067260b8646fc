"""How far the columns of a second table have moved."""

import datetime as dt
import math

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from summaries import columns_of, read, read_sampled

from dsml_magics.profile.column import Column
from dsml_magics.profile.drift import comparison

values = st.lists(st.integers(-9, 9) | st.floats(-100, 100, width=16), min_size=1, max_size=50)
RNG = np.random.default_rng(0)
DAYS = pd.Timestamp("2024-01-01") + pd.to_timedelta(RNG.integers(0, 300, 200), unit="D")


def compared(here, there, *, reader=read):
    return comparison(reader(here)[0], reader(there)[0], rows=0, overlap=None, origin="there")


def drift_of(here, there, **chosen):
    found = compared({"x": here}, {"x": there}, **chosen).drifts
    return found[0] if found else None


@given(values, values)
@settings(deadline=None, max_examples=200)
def test_numbers_move_by_scipys_statistic(here, there):
    found = drift_of(pd.Series(here, dtype=float), pd.Series(there, dtype=float))
    assert found.distance == pytest.approx(stats.ks_2samp(here, there).statistic)
    assert (found.measure, found.bound) == ("Kolmogorov-Smirnov", 0.0)


def test_the_effect_of_numbers_is_cohens_d():
    here, there = RNG.normal(size=300), RNG.normal(0.5, 2, size=200)
    pooled = math.sqrt((299 * here.var(ddof=1) + 199 * there.var(ddof=1)) / 498)
    assert drift_of(here, there).effect == pytest.approx((there.mean() - here.mean()) / pooled)


def test_categories_move_by_the_share_that_would_have_to_change():
    found = drift_of(["a", "a", "b", "b"], ["a", "b", "b", "b"])
    assert (found.measure, found.distance, found.bound) == ("total variation", pytest.approx(0.25), 0.0)
    assert found.effect == pytest.approx(
        math.sqrt(stats.chi2_contingency([[2, 2], [1, 3]], correction=False).statistic / 8)
    )


@pytest.mark.parametrize(
    ("here", "there", "distance"),
    [
        (["a", "b"] * 9, ["c", "d"] * 9, 1.0),
        ([True, False], [True, True, True, False], 0.25),
        (["a"] * 9, ["b"] * 9, 1.0),
        (["a"] * 9, ["a", "b"] * 9, 0.5),
        ([1] * 9, [2] * 9, 1.0),
        ([1] * 9, [1.0] * 9, 0.0),
        ([math.inf, 1.0], [-math.inf, 1.0], 0.5),
        ([2**63 - 1, 5], pa.array([2**64 - 1, 5], pa.uint64()), 0.5),
        ([1, 2, 1], ["1", "2", "1"], 0.0),
        (pa.array([1, 2], pa.float32()), [1.0, 3.0], 0.5),
        (pa.array([1, 2, 1]).dictionary_encode(), [1, 2, 2], 1 / 3),
    ],
)
def test_values_of_any_kind_are_compared(here, there, distance):
    found = drift_of(here, there)
    assert found.distance == pytest.approx(distance)
    assert found.effect is None or math.isfinite(found.effect)


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_moments_in_other_units_are_the_same_moments(unit):
    here = pa.array(DAYS.to_numpy().astype("datetime64[s]"))
    assert drift_of(here, pa.array(DAYS.to_numpy().astype(f"datetime64[{unit}]"))).distance == 0.0
    assert drift_of(here, pa.array(DAYS.date)).distance == 0.0
    assert drift_of(pa.array(DAYS.date, pa.date64()), here).distance == 0.0
    later = (DAYS + pd.Timedelta(days=1000)).to_numpy().astype(f"datetime64[{unit}]")
    assert drift_of(here, pa.array(later)).distance == 1.0


def test_zones_do_not_matter_to_moments():
    here = DAYS.tz_localize("UTC")
    found = drift_of(here, here.tz_convert("Asia/Seoul"))
    assert found.distance == 0.0
    assert found.effect is None


def test_durations_in_other_units_are_the_same():
    assert (
        drift_of(pa.array([1, 2], pa.duration("s")), pa.array([1000, 2000], pa.duration("ms"))).distance
        == 0.0
    )


@pytest.mark.parametrize(
    "here", [DAYS[:9], pa.array([1, 2, 4], pa.duration("s")), pa.array([1, 2], pa.time32("s"))]
)
def test_moments_encoded_as_a_dictionary_are_moments(here):
    plain = here if isinstance(here, pa.Array) else pa.array(here)
    encoded = plain.dictionary_encode()
    assert drift_of(encoded, plain).measure == "Kolmogorov-Smirnov"
    assert drift_of(encoded, plain).distance == 0.0
    assert drift_of(encoded, encoded).mean == drift_of(plain, plain).mean


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ([1.5, 2.5], DAYS[:2]),
        (pa.array([1, 2], pa.duration("s")), pa.array([1, 2], pa.time32("s"))),
        ([[1], [2]], [[1], [2]]),
        ([b"a", b"b"], [b"a", b"b"]),
        ([f"a long note on case {n}" for n in range(40)], [f"a long note on case {n}" for n in range(40)]),
        (DAYS[:2], pa.array([1, 1], pa.duration("s"))),
        ([1.5, 2.5], [f"a long note on case {n}" for n in range(40)]),
        ([f"a long note on case {n}" for n in range(40)], [1.5, 2.5]),
        (pa.array([0, 0], pa.timestamp("s")), ["a", "b", "a"]),
        (["a", "b", "a"], pa.array([0, 0], pa.timestamp("s"))),
    ],
)
def test_what_cannot_be_compared_has_no_drift(here, there):
    assert drift_of(here, there) is None


def test_the_largest_drift_comes_first_with_missing_and_means():
    found = compared({"a": [1.0, 2, None], "b": [1.0, 2, 3]}, {"a": [1.0, 2, 2], "b": [7.0, 8, None]}).drifts
    assert [drift.column for drift in found] == ["b", "a"]
    assert (found[0].missing, found[0].mean) == ((0, 1), (2.0, 7.5))


def test_differences_of_the_schema_are_named():
    found = compared(
        {"old": [1, 2], "x": [1, 2], "y": [1, 1]}, {"x": ["a", "b"], "new": [1, 2], "y": [1.0, 2.0]}
    )
    assert (found.only_here, found.only_there) == (("old",), ("new",))
    assert found.types_changed == (("x", "int64", "string"), ("y", "int64", "double"))
    assert found.kinds_changed == (("x", "numeric", "categorical"), ("y", "constant", "numeric"))
    assert (found.origin, list(found.columns), found.overlap) == ("there", ["x", "new", "y"], None)


def test_the_overlap_is_told_with_its_bound():
    columns = columns_of({"x": [1, 2]})
    found = comparison(columns, columns, rows=7, overlap=(3, 0.1), origin="")
    assert (found.rows, found.overlap, found.overlap_bound) == (7, 3, 0.1)


@pytest.mark.parametrize("shift", [0.0, 0.3])
def test_the_distance_of_large_tables_lies_within_its_bound(shift):
    here, there = RNG.normal(size=120_000), RNG.normal(shift, size=90_000)
    found = drift_of(here, there, reader=read_sampled)
    assert 0 < found.bound < 0.01
    assert found.distance == pytest.approx(stats.ks_2samp(here, there).statistic, abs=found.bound)


@pytest.mark.parametrize("reader", [read, read_sampled])
def test_ten_thousand_categories(reader):
    names = np.array([f"c{n}" for n in range(10_000)])
    here, there = (names[np.minimum(RNG.geometric(p, 60_000), 9_999)] for p in (0.002, 0.004))
    found = drift_of(here, there, reader=reader)
    shares = [pd.Series(each).value_counts(normalize=True) for each in (here, there)]
    assert found.distance == pytest.approx(
        shares[0].sub(shares[1], fill_value=0).abs().sum() / 2, abs=found.bound + 1e-9
    )


def test_columns_read_from_json_are_passed_over():
    numbers = {"x": Column("x", "numeric", "int64", 2, 0, 2, min=1, max=2)}
    texts = {"x": Column("x", "categorical", "string", 3, 0, 2)}
    for read_back, measured in (
        (numbers, columns_of({"x": [1, 2]})),
        (texts, columns_of({"x": ["a", "b", "a"]})),
    ):
        for both in ((read_back, read_back), (read_back, measured), (measured, read_back)):
            assert comparison(*both, rows=2, overlap=None, origin="").drifts == ()


def test_columns_of_decimals_and_half_floats():
    here = pa.array([1, 2, 3], pa.decimal128(5, 2))
    assert drift_of(here, pa.array(np.array([1, 2, 3], "f2"))).distance == 0.0


def test_a_moment_before_the_common_era_does_not_overflow():
    far = pa.array([dt.datetime(1, 1, 1), dt.datetime(9999, 1, 1)], pa.timestamp("s"))
    assert drift_of(far, DAYS.to_numpy()).distance == 0.5
