"""Two samples of ordered values."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from dsml_magics.profile.significance import kolmogorov_p, rank_sum_p
from dsml_magics.profile.two_samples import TwoSamples

values = st.lists(st.integers(-5, 5), min_size=1, max_size=40)


def samples(first, second, weights=None):
    both = np.sort(np.asarray(first, float)), np.sort(np.asarray(second, float))
    ones = tuple(np.ones(len(each)) for each in both)
    return TwoSamples(both, weights or ones, tuple(map(len, both)))


@given(values, values)
@settings(deadline=None)
def test_the_distance_is_scipys(first, second):
    assert samples(first, second).distance == pytest.approx(stats.ks_2samp(first, second).statistic)


@given(values, st.integers(1, 9))
def test_a_sample_is_as_it_is_however_its_rows_are_counted(first, copies):
    ranked = np.sort(np.asarray(first, float))
    once, often = np.ones(len(ranked)), np.full(len(ranked), float(copies))
    found = TwoSamples((ranked, ranked), (once, often), (len(ranked), copies * len(ranked)))
    assert found.distance == pytest.approx(0.0, abs=1e-12)
    assert found.p_value() == 1.0


def test_missing_is_a_value_before_or_behind_all_others():
    same = samples([1, 2, 3, 4], [1, 2, 3, 4])
    assert same.distance_with_missing((0.0, 0.25)) == 0.25
    assert samples([1, 2], [3, 4]).distance_with_missing((0.5, 0.0)) == 1.0
    assert samples([3, 4], [1, 2]).distance_with_missing((0.5, 0.0)) == 1.0
    assert samples([1, 2], [3, 4]).distance_with_missing((0.5, 0.5)) == 0.5


def test_a_shift_is_seen_by_ranks_sooner():
    random = np.random.default_rng(1)
    first, second = random.normal(size=1000), random.normal(0.2, size=1000)
    found = samples(first, second).p_value()
    assert found == pytest.approx(2 * stats.mannwhitneyu(first, second).pvalue, rel=0.05)
    assert found < stats.ks_2samp(first, second).pvalue


@pytest.mark.parametrize("rows", [(300, 60), (60, 300), (25, 25)])
def test_ties_count_half_and_narrow_the_spread_of_the_ranks(rows):
    random = np.random.default_rng(3)
    first, second = (
        np.sort(random.poisson(mean, n)).astype(float) for mean, n in zip((0.7, 1.4), rows, strict=True)
    )
    above = (second[:, None] > first).mean() + (second[:, None] == first).mean() / 2
    ties = np.unique(np.concatenate([first, second]), return_counts=True)[1] / sum(rows)
    ranks = rank_sum_p(abs(above - 0.5), rows=rows, spread=1 - (ties**3).sum())
    ends = np.cumsum(ties) * sum(rows)
    whole = kolmogorov_p(samples(first, second).distance, rows=rows, up_to=np.round(ends))
    assert ranks != pytest.approx(whole)
    assert samples(first, second).p_value() == pytest.approx(min(1.0, 2 * min(ranks, whole)), rel=1e-9)


@pytest.mark.parametrize("rows", [(30, 12), (12, 30)])
def test_with_few_rows_only_the_distance_is_judged(rows):
    first, second = np.arange(rows[0]) % 3.0, 2 - np.arange(rows[1]) % 2.0
    found = samples(first, second)
    ends = np.unique(np.concatenate([first, second]), return_counts=True)[1].cumsum()
    assert found.p_value() == pytest.approx(kolmogorov_p(found.distance, rows=rows, up_to=ends))


def test_another_spread_is_seen_by_the_distance():
    random = np.random.default_rng(1)
    first, second = random.normal(size=500), random.normal(0, 2, size=500)
    assert samples(first, second).p_value() < 1e-6


def test_errors_of_sketches_count_against_a_difference():
    random = np.random.default_rng(1)
    found = samples(random.normal(size=1000), random.normal(0.3, size=1000))
    assert found.p_value() < 1e-6 < 0.01 < found.p_value(error=0.1)
    assert found.p_value(error=1.0) == 1.0
