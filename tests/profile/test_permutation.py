"""How probable a total variation distance is, beside rows that are dealt out at random."""

import numpy as np
import pytest
from scipy import stats

from dsml_magics.profile.permutation import gamma_p, total_variation_p
from dsml_magics.profile.significance import proportions_p

EVEN, WORDS = np.ones(50) / 50, 1 / np.arange(1, 101)
SHAPES = {
    "three": np.ones(3) / 3,
    "fifty": EVEN,
    "words": WORDS / WORDS.sum(),
    "half of one row each": np.append(0.5, np.ones(300) / 600),
    "halving": 0.5 ** np.arange(1, 11) / (1 - 0.5**10),
}


@pytest.mark.parametrize("rows", [(100, 100), (1000, 200)], ids=str)
@pytest.mark.parametrize("shape", SHAPES)
def test_tails_are_those_of_rows_dealt_out_at_random(shape, rows):
    random = np.random.default_rng(0)
    counts = random.multinomial(sum(rows), SHAPES[shape])
    first = random.multivariate_hypergeometric(counts, rows[0], 20_000, method="marginals")
    second = counts - first
    distances = np.abs(first / rows[0] - second / rows[1]).sum(axis=1) / 2
    for level in (0.1, 0.01, 0.001):
        place = np.argsort(distances)[-round(level * len(distances))]
        share = (distances >= distances[place] - 1e-12).mean()
        found = total_variation_p(first[place].astype(float), second[place].astype(float))
        assert 0.45 * share <= found <= 2.5 * share


def test_two_categories_are_proportions():
    found = total_variation_p(np.array([30.0, 70.0]), np.array([45.0, 55.0]))
    assert found == pytest.approx(proportions_p(30, 45, rows=(100, 100)))


def test_few_rows_of_other_categories_are_counted_exactly():
    first, second = np.array([1996.0, 2, 2]), np.array([19.0, 1, 0])
    assert total_variation_p(first, second) == proportions_p(1996, 19, rows=(2000, 20))


def test_one_row_a_category_says_nothing():
    ones, none = np.ones(200), np.zeros(200)
    assert total_variation_p(np.append(ones, none), np.append(none, ones)) == 1.0


def test_the_same_shares_are_no_difference():
    counts = np.array([5.0, 7, 9, 40])
    assert total_variation_p(counts, counts) == 1.0
    assert total_variation_p(np.array([9.0]), np.array([4.0])) == 1.0
    assert total_variation_p(2 * counts, counts) == 1.0


def test_a_large_difference_is_certain():
    assert total_variation_p(np.array([500.0, 300, 200]), np.array([200.0, 300, 500])) < 1e-15


def test_what_is_not_certain_of_a_distance_does_not_count():
    first, second = np.array([500.0, 300, 200]), np.array([400.0, 300, 300])
    assert total_variation_p(first, second) < 1e-4
    assert total_variation_p(first, second, distance=0.02) > 0.5


@pytest.mark.parametrize("skewness", [0.0, 0.1, 0.5, 1.0])
@pytest.mark.parametrize("z", [1.0, 3.0, 5.0])
def test_gamma_tails_are_scipys(skewness, z):
    assert gamma_p(z, skewness) == pytest.approx(stats.pearson3(skewness).sf(z), rel=0.2)
