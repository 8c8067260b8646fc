"""Probabilities beside scipy's, and that they hold their level."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from dsml_magics.profile.significance import (
    holm,
    kolmogorov_p,
    log_choose,
    log_hypergeometric,
    normal_p,
    only_in_second_p,
    proportions_p,
    rank_sum_p,
)

sizes = st.integers(1, 400)


@given(st.integers(0, 5000), st.data())
def test_binomial_coefficients_are_scipys(n, data):
    k = data.draw(st.integers(0, n))
    assert log_choose(n, k) == pytest.approx(
        special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1), abs=1e-8
    )


def test_the_hypergeometric_distribution_is_scipys():
    found = log_hypergeometric(np.arange(0, 16), 15, (50, 60))
    np.testing.assert_allclose(np.exp(found), stats.hypergeom(110, 15, 50).pmf(np.arange(0, 16)), rtol=1e-9)


@given(sizes, sizes, st.data())
def test_proportions_are_compared_by_the_exact_tails(rows_first, rows_second, data):
    first, second = data.draw(st.integers(0, rows_first)), data.draw(st.integers(0, rows_second))
    law = stats.hypergeom(rows_first + rows_second, first + second, rows_first)
    expected = min(1.0, 2 * min(law.cdf(first), law.sf(first - 1)))
    found = proportions_p(first, second, rows=(rows_first, rows_second))
    assert found == pytest.approx(expected, rel=1e-6, abs=1e-12)


def test_proportions_of_large_tables_are_compared():
    expected = stats.norm.sf(500 / np.sqrt(2 * 1e6 * 0.05 * 0.95)) * 2
    assert proportions_p(50_250, 49_750, rows=(10**6, 10**6)) == pytest.approx(expected, rel=0.02)


def test_a_category_of_the_second_table_alone_is_as_probable_as_its_draws():
    assert only_in_second_p(3, rows=(50, 60)) == pytest.approx(60 / 110 * 59 / 109 * 58 / 108)
    assert only_in_second_p(61, rows=(50, 60)) == 0.0


def test_normal_tails_are_scipys():
    assert normal_p(-2.5) == normal_p(2.5) == pytest.approx(2 * stats.norm.sf(2.5))


def test_large_binomial_coefficients_are_exact_to_twelve_digits():
    for n, k in ((20, 10), (24, 11), (60, 30)):
        found = float(log_choose(np.array([n]), np.array([k]))[0])
        assert found == pytest.approx(np.log(float(special.comb(n, k, exact=True))), abs=3e-12)


@pytest.mark.parametrize("rows", [(1, 99), (99, 1), (1, 1)])
def test_a_single_row_is_as_probable_as_its_draw(rows):
    assert proportions_p(1, 0, rows=rows) == pytest.approx(min(1.0, 2 * rows[0] / sum(rows)))
    assert proportions_p(0, 0, rows=rows) == proportions_p(*rows, rows=rows) == 1.0
    assert only_in_second_p(rows[1], rows=rows) == pytest.approx(1 / special.comb(sum(rows), rows[1]))


def test_the_limit_of_kolmogorov_and_smirnov_is_scipys():
    ends = np.arange(1, 4001)
    z = 0.05 * np.sqrt(2000 * 2000 / 4000)
    assert kolmogorov_p(0.05, rows=(2000, 2000), up_to=ends) == pytest.approx(special.kolmogorov(z), rel=1e-9)


@pytest.mark.parametrize("rows", [(2000, 500), (500, 2000), (600, 600)])
@pytest.mark.parametrize("z", [0.01, 0.05, 0.31, 0.7, 1.0, 1.5, 3.0])
def test_the_limit_holds_for_tables_of_any_size(rows, z):
    distance = z / np.sqrt(rows[0] * rows[1] / sum(rows))
    found = kolmogorov_p(distance, rows=rows, up_to=np.arange(1, sum(rows) + 1))
    assert found == pytest.approx(special.kolmogorov(z), rel=1e-9, abs=1e-4)
    # Of fewer values, the limit is taken where their tails sum to more.
    assert kolmogorov_p(distance, rows=rows, up_to=np.arange(1, 1000)) <= found + 1e-12


def test_tails_are_summed_of_up_to_a_thousand_values():
    limit, summed = (
        kolmogorov_p(0.9, rows=(600, 600), up_to=np.linspace(1, 1200, number).astype(int))
        for number in (1001, 1000)
    )
    assert limit == pytest.approx(special.kolmogorov(0.9 * np.sqrt(300)))
    assert summed < limit / 1e40


def test_the_limit_is_taken_where_the_tails_of_many_values_sum_to_more():
    found = kolmogorov_p(0.1, rows=(450, 450), up_to=np.arange(1, 901))
    assert found == pytest.approx(special.kolmogorov(0.1 * np.sqrt(225)), rel=1e-9)


@pytest.mark.parametrize(
    ("rows", "up_to", "distance", "ends"),
    [
        ((6, 4), 5, 5 / 6, [5, 1]),
        ((6, 8), 3, 3 / 8, [3, 0]),
        ((6, 8), 3, 1 / 2, [3]),
        ((8, 6), 11, 3 / 8, [8, 5]),
    ],
)
def test_of_two_values_the_furthest_outcomes_have_their_exact_probability(rows, up_to, distance, ends):
    found = kolmogorov_p(distance, rows=rows, up_to=np.array([up_to, sum(rows)]))
    assert found == pytest.approx(stats.hypergeom(sum(rows), up_to, rows[0]).pmf(ends).sum())


@pytest.mark.parametrize(
    ("rows", "up_to"), [((100, 40), 60), ((40, 100), 60), ((70, 50), 20), ((50, 70), 90)]
)
def test_tails_are_bounded_by_the_geometric_series_of_their_first_two_terms(rows, up_to):
    law = stats.hypergeom(sum(rows), up_to, rows[0])
    distance = 0.25
    counts = np.arange(max(0, up_to - rows[1]), min(up_to, rows[0]) + 1)
    apart = counts / rows[0] - (up_to - counts) / rows[1]
    above, below = counts[apart >= distance].min(), counts[apart <= -distance].max()
    expected = sum(
        law.pmf(first) / (1 - law.pmf(second) / law.pmf(first))
        for first, second in ((above, above + 1), (below, below - 1))
    )
    found = kolmogorov_p(distance, rows=rows, up_to=np.array([up_to, sum(rows)]))
    assert found == pytest.approx(expected)
    assert law.sf(above - 1) + law.cdf(below) <= found * (1 + 1e-9)


def test_of_two_values_the_distance_is_judged_as_proportions_are():
    found = kolmogorov_p(0.2, rows=(100, 100), up_to=np.array([60, 200]))
    assert found == pytest.approx(proportions_p(40, 20, rows=(100, 100)), rel=0.1)
    assert found > proportions_p(40, 20, rows=(100, 100))
    assert kolmogorov_p(0.0, rows=(9, 9), up_to=np.array([1, 18])) == 1.0


@pytest.mark.parametrize("rows", [(50, 50), (400, 40)])
def test_ranks_are_compared_as_by_mann_and_whitney(rows):
    random = np.random.default_rng(0)
    first, second = random.poisson(4, rows[0]), random.poisson(5, rows[1])
    ties = np.unique(np.concatenate([first, second]), return_counts=True)[1] / sum(rows)
    above = (second[:, None] > first).mean() + (second[:, None] == first).mean() / 2
    found = rank_sum_p(abs(above - 0.5), rows=rows, spread=1 - (ties**3).sum())
    assert found == pytest.approx(stats.mannwhitneyu(first, second, use_continuity=False).pvalue, rel=0.02)


def test_ranks_that_are_nearly_all_tied_are_not_compared():
    assert rank_sum_p(0.1, rows=(900, 900), spread=0.4) is None
    assert rank_sum_p(0.1, rows=(900, 19), spread=0.9) is None
    assert rank_sum_p(0.1, rows=(900, 20), spread=0.5) is not None


def test_holms_correction_multiplies_by_what_is_left():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), max_size=20))
def test_corrected_probabilities_keep_their_order(p_values):
    adjusted = holm(p_values)
    assert all(0 <= raw <= found <= 1 for raw, found in zip(p_values, adjusted, strict=True))
    order = np.argsort(p_values, kind="stable")
    assert np.all(np.diff(np.array(adjusted)[order]) >= 0) if p_values else True
