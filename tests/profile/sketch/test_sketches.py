"""Each summary against the whole it stands for."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from dsml_magics.frames.opening import open_table
from dsml_magics.profile.sketch.distinct import BOUND, LEAST, empty
from dsml_magics.profile.sketch.frequent import HEAVY, MANY, Counts
from dsml_magics.profile.sketch.gram import Gram
from dsml_magics.profile.sketch.hashing import hashes_of_numbers
from dsml_magics.profile.sketch.moments import Moments
from dsml_magics.profile.sketch.order import Order
from dsml_magics.profile.sketch.quantiles import KEPT, RUN, Quantiles, Run, run_of
from dsml_magics.profile.state import state_of

numbers = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=60)


@given(numbers, st.integers(0, 60))
def test_moments_of_parts_are_those_of_the_whole(values, cut):
    whole = np.array(values)
    merged = Moments.of(np.sort(whole[:cut])) + Moments.of(np.sort(whole[cut:]))
    assert merged.count == len(values)
    assert merged.mean == pytest.approx(whole.mean(), rel=1e-12, abs=1e-9)
    assert merged.second == pytest.approx(((whole - whole.mean()) ** 2).sum(), rel=1e-9, abs=1e-6)
    if len(values) > 2 and whole.std() > 1e-3 * max(1, abs(whole.mean())):
        assert merged.skewness == pytest.approx(stats.skew(whole), rel=1e-5, abs=1e-7)
        if len(values) > 3:
            assert merged.kurtosis == pytest.approx(stats.kurtosis(whole), rel=1e-5, abs=1e-6)


@given(numbers, numbers)
def test_moments_commute_to_the_last_bit(one, two):
    a, b = Moments.of(np.sort(one)), Moments.of(np.sort(two))
    assert (a + b).mean == (b + a).mean
    assert (a + b).second == (b + a).second
    assert a + Moments() == Moments() + a == a


def test_moments_keep_their_digits_far_from_zero():
    values = np.random.default_rng(0).normal(1e9, 1.0, 100_000)
    parts = [Moments.of(np.sort(part)) for part in np.array_split(values, 317)]
    assert sum(parts[1:], parts[0]).std == pytest.approx(np.std(values, ddof=1), rel=1e-9)


@pytest.mark.parametrize("far", [0.0, 1e9, 1e15, -1e15, 4e15])
@pytest.mark.parametrize("parts", [1, 7, 317])
def test_moments_are_those_of_the_values_less_what_they_share(far, parts):
    values = np.random.default_rng(1).gamma(2.0, 1.0, 50_000) + far
    near = values - far
    pieces = [Moments.of(np.sort(part)) for part in np.array_split(values, parts)]
    found = sum(pieces[1:], pieces[0])
    assert found.std == pytest.approx(np.std(near, ddof=1), rel=1e-9)
    assert (found.mean - far) + found.rest == pytest.approx(near.mean(), rel=1e-9)
    assert found.skewness == pytest.approx(stats.skew(near), rel=1e-9)
    assert found.kurtosis == pytest.approx(stats.kurtosis(near), rel=1e-9)


@pytest.mark.parametrize("split", [0, 1, 2])
@pytest.mark.parametrize("kind", ["i8", "u8"])
def test_whole_numbers_that_no_float_holds_keep_their_distances(split, kind):
    values = np.array([2**53 + 1, 2**53 + 3], kind)
    found = Moments.of(values[:split]) + Moments.of(values[split:])
    assert found.std == pytest.approx(2**0.5, rel=1e-12)
    assert int(found.mean) + found.rest == 2**53 + 2


def test_whole_numbers_from_end_to_end_do_not_wrap_around():
    values = np.array([-(2**63), 2**63 - 1])
    assert Moments.of(values).std == pytest.approx(np.std(values.astype(float), ddof=1))


@pytest.mark.parametrize("value", [0.1, 1e15 + 0.3, 2**60 + 1])
def test_equal_values_have_no_spread_in_any_number_of_parts(value):
    parts = [Moments.of(np.full(size, value)) for size in (3, 7, 7, 100)]
    found = sum(parts[1:], parts[0])
    assert (found.second, found.skewness, found.kurtosis) == (0.0, None, None)


def test_weighted_moments_are_those_of_repeated_values():
    values, weights = np.array([1.0, 5.0, 7.5]), np.array([3, 1, 6])
    repeated = Moments.of(np.repeat(values, weights))
    weighted = Moments.of(values, weights)
    assert weighted.count == repeated.count
    assert weighted.fourth == pytest.approx(repeated.fourth)


@pytest.mark.parametrize("parts", [1, 7, 100, 1000])
@pytest.mark.parametrize("shape", ["normal", "ties", "sorted"])
def test_ranks_are_within_their_bound(parts, shape):
    rng = np.random.default_rng(parts)
    values = {"normal": rng.normal(size=600_000), "ties": rng.integers(0, 3000, 600_000).astype(float)}.get(
        shape, np.arange(600_000.0)
    )
    found = Quantiles()
    for part in np.array_split(values, parts):
        found = found.added(Run(np.sort(part)), RUN)
    found = found.settled(KEPT)
    points = found.points()
    bound = found.error / len(values)
    assert bound < 0.002
    ordered = np.sort(values)
    for share in np.linspace(0.001, 0.999, 97):
        value = points.quantiles([share])[0]
        below, up_to = np.searchsorted(ordered, value, "left"), np.searchsorted(ordered, value, "right")
        off = max(below / len(values) - share, share - up_to / len(values), 0)
        assert off <= bound + 2 / len(values)
    for x in np.quantile(values, [0.1, 0.5, 0.9]):
        assert abs(points.at_most([x])[0] - np.searchsorted(ordered, x, "right")) <= found.error + 1


def test_a_settled_distribution_stays_as_it_is():
    runs = [Run(np.sort(np.random.default_rng(n).normal(size=5000))) for n in range(5)]
    found = Quantiles()
    for run in runs:
        found = found.added(run, RUN)
    once = found.settled(KEPT)
    twice = once.settled(KEPT)
    assert twice.runs[0].values.tolist() == once.runs[0].values.tolist()
    assert twice.error == once.error


@given(
    st.lists(st.integers(-50, 50), min_size=1, max_size=200),
    st.lists(st.floats(0, 1), min_size=1, max_size=9),
)
def test_exact_quantiles_are_numpys(values, shares):
    points = Quantiles((Run(np.sort(np.array(values))),)).points()
    assert points.quantiles(shares) == pytest.approx(np.quantile(values, shares), abs=1e-9)
    unique, counts = np.unique(values, return_counts=True)
    assert Quantiles((run_of(unique, counts, None),)).points().quantiles(shares) == pytest.approx(
        np.quantile(values, shares), abs=1e-9
    )


@pytest.mark.parametrize("count", [100, LEAST - 1, LEAST, LEAST + 1, 200_000])
@pytest.mark.parametrize("parts", [1, 10])
def test_distinct_values_are_counted_within_the_bound(count, parts):
    hashes = hashes_of_numbers(np.arange(count) * 1.7)
    found = empty()
    for part in np.array_split(np.concatenate([hashes, hashes[: count // 3]]), parts):
        found = found.merged(empty().added(part))
    assert found.count() == pytest.approx(count, rel=BOUND if not found.is_exact else 0)
    assert found.is_exact == (count < LEAST)


@given(st.lists(st.lists(st.integers(0, 2**64 - 2), max_size=50), min_size=1, max_size=5))
def test_sets_of_least_hashes_merge_in_any_order_and_grouping(parts):
    sets = [empty(16).added(np.array(part, "<u8")) for part in parts]
    whole = empty(16).added(np.array([value for part in parts for value in part], "<u8"))
    left, right = empty(16), empty(16)
    for one in sets:
        left = left.merged(one)
    for one in reversed(sets):
        right = one.merged(right)
    assert left.least.tolist() == right.least.tolist() == whole.least.tolist()
    stored = empty(16)
    stored = type(stored).unpacked(left.packed(), shift=left.shift)
    assert len(stored.least) == len(left.least)


@given(st.lists(st.lists(st.integers(0, 30), max_size=40), min_size=1, max_size=4))
def test_few_values_are_all_counted(parts):
    found = Counts()
    for part in parts:
        values, numbers = np.unique(part, return_counts=True)
        found = found.merged(Counts(dict(zip(values.tolist(), numbers.tolist(), strict=True))))
    assert found.is_complete
    assert (
        dict(found.counts)
        == pd.Series([value for part in parts for value in part], dtype=object).value_counts().to_dict()
    )


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_heavy_hitters_are_within_their_bounds(seed):
    rng = np.random.default_rng(seed)
    parts = [np.minimum(rng.zipf(1.3, 4000), 10**7) for _ in range(12)]
    found = Counts()
    for part in parts:
        values, numbers = np.unique(part, return_counts=True)
        found = found.merged(Counts(dict(zip(values.tolist(), numbers.tolist(), strict=True))).pruned())
    truth = pd.Series(np.concatenate(parts)).value_counts()
    assert len(found.counts) <= max(HEAVY, MANY)
    for value, count in found.counts.items():
        assert count <= truth[value] <= count + found.slack.get(value, 0)
    others = truth.drop(list(found.counts))
    assert others.max() <= found.error
    assert [value for value, _ in found.top(3)] == truth.index[:3].tolist()


@given(st.integers(0, 10**6), st.integers(1, 4), st.booleans())
def test_pearson_is_pandas(seed, parts, gaps):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(4, 60)) * [[1], [1e-3], [1e4], [1]] + [[0], [5], [1e6], [0]]
    values[3] = values[0] * 2 + rng.normal(size=60) * 0.1
    if gaps:
        values[1, rng.random(60) < 0.3] = np.nan
        values[2, :5] = np.inf
    names = ("a", "b", "c", "d")
    found = Gram(names)
    for part in np.array_split(values, parts, axis=1):
        missing = ~np.isfinite(part).all(axis=1)
        found += Gram.of(names, part.copy(), missing)
    expected = pd.DataFrame(np.where(np.isfinite(values), values, np.nan).T).corr().to_numpy()
    assert found.pearson() == pytest.approx(expected, abs=1e-6, nan_ok=True)
    assert found.in_order(("d", "a", "b", "c")).pearson()[0, 1] == pytest.approx(expected[3, 0], abs=1e-6)


@pytest.mark.parametrize("bounded", [False, True])
@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("kind", ["int64", "uint64", "float64"])
def test_correlations_are_those_of_the_values_less_what_they_share(kind, gaps, bounded):
    rng = np.random.default_rng(2)
    near = rng.integers(0, 1000, 5000)
    other = near + rng.integers(0, 1000, 5000)
    far = pd.Series(near.astype(kind) + np.array(2**62 if kind != "float64" else 1e15, kind))
    if gaps:
        far = (
            far.mask(rng.random(5000) < 0.2)
            if kind == "float64"
            else far.astype({"int64": "Int64", "uint64": "UInt64"}[kind]).mask(rng.random(5000) < 0.2)
        )
    table = pd.DataFrame({"far": far, "other": other, "group": np.where(near > 700, "a", "b")})
    expected = np.corrcoef(near[far.notna()], other[far.notna()])[0, 1]
    state = state_of(open_table(table))
    gram = state.bounded().gram if bounded else state.sketch.gram
    assert gram.pearson()[0, 1] == pytest.approx(expected, rel=1e-9)


def test_sums_of_products_far_from_zero_are_those_of_the_whole():
    rng = np.random.default_rng(3)
    x = rng.normal(size=4000)
    tables = [
        pd.DataFrame({"x": part + 1e15 + at, "y": part + rng.normal(size=1000)})
        for at, part in enumerate(np.split(x, 4))
    ]
    parts = [state_of(open_table(table)).bounded().gram for table in tables]
    whole = pd.concat(tables)
    expected = np.corrcoef(whole["x"] - 1e15, whole["y"])[0, 1]
    assert (parts[0] + parts[1] + (parts[2] + parts[3])).pearson()[0, 1] == pytest.approx(expected, rel=1e-9)
    assert (parts[1] + parts[0]).pearson()[0, 1] == (parts[0] + parts[1]).pearson()[0, 1]


def test_what_lies_in_other_rows_hides_no_correlation():
    rng = np.random.default_rng(4)
    x = np.concatenate([rng.normal(size=50), [1e12]])
    y = np.concatenate([x[:50] + rng.normal(size=50), [np.nan]])
    same = np.concatenate([np.full(50, 5.3), [1e3]])
    found = Gram.of(("x", "y", "same"), np.array([x, y, same]), np.array([False, True, False])).pearson()
    assert found[0, 1] == pytest.approx(np.corrcoef(x[:50], y[:50])[0, 1], rel=1e-3)
    assert math.isnan(found[1, 2])


def test_a_column_that_does_not_vary_has_no_correlation():
    values = np.array([[0.1] * 1000, np.arange(1000.0)])
    assert math.isnan(Gram.of(("a", "b"), values, np.array([False, False])).pearson()[0, 1])


def order_of(values, *, always=False):
    ticks = np.array(values, np.int64)
    return Order.of(ticks, np.sort(ticks), always=always)


def test_parts_in_order_are_in_order_however_they_are_added():
    parts = [order_of(range(at, at + 10)) for at in (20, 0, 10)]
    assert (parts[0] + parts[1] + parts[2]).monotonic == "increasing"
    assert (parts[0] + (parts[1] + parts[2])).rising == (parts[2] + parts[0] + parts[1]).rising
    assert (parts[0] + order_of([3, 1, 2])).monotonic is None
    assert (parts[0] + order_of([25, 26])).monotonic is None


def test_batches_of_one_table_must_stand_in_order():
    first, second = order_of([0, 1, 2]), order_of([5, 6])
    assert first.followed_by(second).monotonic == "increasing"
    assert first.followed_by(second).widest_gap() == (3, 2)
    assert second.followed_by(first).monotonic is None
    assert order_of([6, 5]).followed_by(order_of([2, 1, 0])).monotonic == "decreasing"
    assert Order().followed_by(first) == first.followed_by(Order()) == first


def test_counts_of_the_most_frequent_say_by_how_much_one_left_out_may_have_more():
    counts = Counts({"a": 9, "b": 8, "c": 5}, {"c": 4}, error=3)
    assert counts.top(2) == (("a", 9), ("b", 8))
    assert counts.top_bound(2) == pytest.approx(1 / 8)
    assert Counts({"a": 9, "b": 8, "c": 8}).top_bound(2) == 0.0
