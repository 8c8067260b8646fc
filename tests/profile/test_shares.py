"""How far shares of categories lie apart."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from dsml_magics.profile.shares import apart
from dsml_magics.profile.sketch.frequent import Counts

counts = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 30), min_size=1)


def total(counts):
    return sum(counts.values())


def true_distance(here, there):
    return (
        sum(abs(here.get(v, 0) / total(here) - there.get(v, 0) / total(there)) for v in {*here, *there}) / 2
    )


@st.composite
def summaries(draw):
    """Counts, and what is left of them when some are dropped and others too low."""
    truth = draw(counts)
    dropped = draw(st.sets(st.sampled_from(sorted(truth)), max_size=len(truth) - 1))
    kept = {value: count for value, count in truth.items() if value not in dropped}
    slack = {value: draw(st.integers(0, count - 1)) for value, count in kept.items() if draw(st.booleans())}
    error = max((truth[value] for value in dropped), default=0) + draw(st.integers(0, 3)) * bool(dropped)
    return truth, Counts({value: count - slack.get(value, 0) for value, count in kept.items()}, slack, error)


@given(counts, counts)
def test_the_distance_is_the_share_of_rows_that_would_have_to_change(here, there):
    found = apart(Counts(here), Counts(there), rows=(total(here), total(there)))
    assert found.distance == pytest.approx(true_distance(here, there))
    assert found.bound == 0.0


@given(counts, counts)
def test_the_effect_is_cohens_w_of_tables_of_the_same_size(here, there):
    found = apart(Counts(here), Counts(there), rows=(total(here), total(there)))
    values = sorted({*here, *there})
    table = np.array([[each.get(v, 0) / total(each) for v in values] for each in (here, there)])
    expected = (
        0.0 if len(values) < 2 else (stats.chi2_contingency(table, correction=False).statistic / 2) ** 0.5
    )
    assert found.effect == pytest.approx(expected, abs=1e-6)


@given(summaries(), summaries())
def test_the_true_distance_lies_within_the_bound(here, there):
    found = apart(here[1], there[1], rows=(total(here[0]), total(there[0])))
    assert abs(found.distance - true_distance(here[0], there[0])) <= found.bound + 1e-9
    assert 0 <= found.distance <= 1
    assert 0 <= found.bound <= 1


def test_the_same_incomplete_counts_are_not_apart():
    counts = Counts({f"c{n}": 10 for n in range(256)}, error=10)
    found = apart(counts, counts, rows=(100_000, 100_000))
    assert found.distance == 0.0
    assert found.bound > 0.9, "nearly nothing is known of the other categories"


def test_a_new_frequent_category_is_seen_though_not_all_are_counted():
    rare = {f"c{n}": 10 for n in range(200)}
    here, there = Counts(rare, error=10), Counts(rare | {"new": 50_000}, error=10)
    found = apart(here, there, rows=(50_000, 100_000))
    assert found.distance > 0.49


def test_numbers_are_compared_with_the_text_they_were_written_as():
    found = apart(Counts({1: 3, 2: 1}), Counts({"1": 3, "2": 1}), rows=(4, 4))
    assert (found.distance, found.effect) == (0.0, 0.0)


def test_truth_values_are_compared_with_0_and_1():
    assert apart(Counts({True: 3, False: 1}), Counts({1: 3, 0: 1}), rows=(4, 4)).distance == 0.0
