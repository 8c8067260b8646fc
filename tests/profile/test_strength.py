"""Measures of association, held against scipy on the rows written out."""

import warnings

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from dsml_magics.profile.strength import correlation_ratio, cramers_v, pearson
from dsml_magics.profile.vectors import LEVELS, Numbers, groups_in, numbers_in

number = st.none() | st.integers(-50, 50).map(float) | st.floats(-1e6, 1e6, width=32)
letter = st.none() | st.sampled_from("abcd")
extreme = st.none() | st.floats(allow_nan=True, allow_infinity=True)
weight = st.integers(1, 5)


def rows_of(*values):
    return st.lists(st.tuples(*values, weight), min_size=2, max_size=40)


def vectors(rows):
    """Columns of a list of rows, the last one being weights."""
    *columns, weights = zip(*rows, strict=True)
    weights = np.array(weights, float)
    return *map(list, columns), (None if (weights == 1).all() else weights)


def written_out(rows):
    """All rows that have every value, each as often as its weight says."""
    *columns, weights = zip(*rows, strict=True)
    frame = pd.DataFrame(dict(enumerate(columns)))
    return frame.loc[np.repeat(frame.index, weights)].dropna()


def numbers_of(values, weights=None):
    return Numbers.of(numbers_in(pa.array(values, pa.float64())), weights)


def groups_of(values, weights=None):
    return groups_in(pa.array(values, pa.string()), weights)


@given(rows_of(number, number))
@settings(deadline=None, max_examples=200)
def test_pearson_is_scipys(rows):
    x, y, weights = vectors(rows)
    expected = written_out(rows)
    assume(all(expected[name].nunique() > 1 and expected[name].std() > 1e-3 for name in expected))
    found = pearson(numbers_of(x, weights), numbers_of(y, weights))
    assert found == pytest.approx(stats.pearsonr(expected[0], expected[1]).statistic, abs=1e-6)


@given(rows_of(letter, letter))
@settings(deadline=None, max_examples=200)
def test_cramers_v_is_scipys_with_its_bias_corrected(rows):
    x, y, weights = vectors(rows)
    expected = written_out(rows)
    found = cramers_v(groups_of(x, weights), groups_of(y, weights), weights=weights)
    table = pd.crosstab(expected[0], expected[1]).to_numpy()
    if min(table.shape, default=0) < 2:
        assert found is None
        return
    n, (r, k) = table.sum(), table.shape
    phi2 = stats.contingency.association(table, "cramer") ** 2 * (min(r, k) - 1)
    corrected = max(0, phi2 - (r - 1) * (k - 1) / (n - 1))
    smaller = min(r - (r - 1) ** 2 / (n - 1), k - (k - 1) ** 2 / (n - 1)) - 1
    # The square root of what is nearly 0 has few digits.
    assert found**2 == pytest.approx(min(1, corrected / smaller) if smaller > 0 else 0, abs=1e-9)


@given(rows_of(letter, number))
@settings(deadline=None, max_examples=200)
def test_the_correlation_ratio_is_that_of_the_analysis_of_variance(rows):
    x, y, weights = vectors(rows)
    expected = written_out(rows)
    assume(expected.empty or expected[1].nunique() < 2 or expected[1].std() > 1e-3)
    found = correlation_ratio(groups_of(x, weights), numbers_of(y, weights))
    pieces = [piece.to_numpy() for _, piece in expected.groupby(0)[1]]
    if len(pieces) < 2 or expected[1].nunique() < 2:
        assert found is None
        return
    n, k = len(expected), len(pieces)
    spread = ((expected[1] - expected[1].mean()) ** 2).sum()
    within = sum(((piece - piece.mean()) ** 2).sum() for piece in pieces)
    assert found**2 == pytest.approx(
        max(0, 1 - within / spread * (n - 1) / (n - k)) if n > k else 0, abs=1e-6
    )


def test_two_groups_correlate_as_pearson_does():
    rng = np.random.default_rng(0)
    groups, values = rng.integers(0, 2, 5000), rng.normal(size=5000)
    values += groups
    ratio = correlation_ratio(groups_of(groups.astype(str)), numbers_of(values))
    assert ratio == pytest.approx(stats.pointbiserialr(groups, values).statistic, abs=1e-3)


@given(rows_of(extreme, extreme), st.lists(letter, min_size=40, max_size=40))
@settings(deadline=None, max_examples=200)
def test_any_numbers_have_a_strength_from_0_to_1_or_none(rows, letters):
    x, y, weights = vectors(rows)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        one, two = numbers_of(x, weights), numbers_of(y, weights)
        found = [pearson(one, two), correlation_ratio(groups_of(letters[: len(x)], weights), one)]
    assert all(strength is None or -1 <= strength <= 1 for strength in found)


@pytest.mark.parametrize("offset", [0.0, 1e9, -1e15])
def test_what_lies_far_from_zero_correlates_as_well(offset):
    x = np.arange(1000.0)
    assert pearson(numbers_of(offset + x), numbers_of(x)) == pytest.approx(1.0)
    assert pearson(numbers_of([offset + 0.1] * 1000), numbers_of(x)) is None


def test_numbers_far_off_where_the_group_is_missing_hide_nothing():
    groups = ["a", "b"] * 50 + [None]
    values = [0.0, 1.0] * 50 + [1e12]
    assert correlation_ratio(groups_of(groups), numbers_of(values)) == pytest.approx(1.0)
    assert correlation_ratio(groups_of(groups), numbers_of([3.3] * 100 + [1e12])) is None


def test_as_many_groups_as_rows_explain_nothing():
    names, values = [f"g{n}" for n in range(40)], np.arange(40.0)
    assert correlation_ratio(groups_of(names), numbers_of(values)) == 0.0
    assert cramers_v(groups_of(names), groups_of(names[::-1]), weights=None) == 0.0


def test_of_ten_thousand_categories_the_most_frequent_count():
    values = [f"c{n}" for n in range(10_000)] + ["often"] * 5
    groups = groups_of(values)
    assert (len(groups.labels), groups.labels[0], groups.labels[-1]) == (LEVELS, "often", None)
    assert groups.counts.sum() == len(values)


def test_a_smaller_effective_sample_lessens_the_strength():
    rng = np.random.default_rng(0)
    groups, values = groups_of(rng.choice(list("abcdefgh"), 60)), numbers_of(rng.normal(size=60))
    strong = correlation_ratio(
        groups_of(["a", "b"] * 30), numbers_of(np.tile([0.0, 1.0], 30) + rng.normal(size=60))
    )
    weak = correlation_ratio(
        groups_of(["a", "b"] * 30), numbers_of(np.tile([0.0, 1.0], 30) + rng.normal(size=60)), share=0.2
    )
    assert correlation_ratio(groups, values, share=0.1) == 0.0
    assert weak < strong
