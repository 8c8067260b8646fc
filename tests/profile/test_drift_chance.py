"""What of a drift may be chance: each probability, corrected for all tests, and what is listed by it."""

import numpy as np
import pyarrow as pa
import pytest
from summaries import columns_of, read_sampled

from dsml_magics.profile.column import Column
from dsml_magics.profile.correlation import Changed
from dsml_magics.profile.drift import comparison
from dsml_magics.profile.figures import CategoryChange
from dsml_magics.profile.significance import holm, only_in_second_p, proportions_p
from dsml_magics.profile.two_samples import TwoSamples

NUMBERS = {"x": np.arange(100.0)}, {"x": np.arange(100.0) + 25}
CATEGORIES = {"c": ["a"] * 60 + ["b"] * 40}, {"c": ["a"] * 40 + ["b"] * 60}
GAPS = (
    {"g": [None] * 5 + [f"note {n}" for n in range(95)]},
    {"g": [None] * 20 + [f"note {n}" for n in range(80)]},
)


def compared(here, there, **chosen):
    both = (
        each if isinstance(next(iter(each.values())), Column) else columns_of(each) for each in (here, there)
    )
    return comparison(*both, **dict(rows=0, overlap=None, origin="") | chosen)


def raw_p_of_numbers():
    both = NUMBERS[0]["x"], NUMBERS[1]["x"]
    return TwoSamples(both, (np.ones(100), np.ones(100)), (100, 100)).p_value()


def test_probabilities_are_corrected_for_the_tests_of_all_columns():
    here, there = ({**NUMBERS[side], **CATEGORIES[side], **GAPS[side]} for side in (0, 1))
    found = compared(here, there)
    drifts = {drift.column: drift for drift in found.drifts}
    # Of categories, those that one table alone has are tested too: there are none.
    raw = [
        raw_p_of_numbers(),
        proportions_p(60, 40, rows=(100, 100)),
        1.0,
        1.0,
        proportions_p(5, 20, rows=(100, 100)),
    ]
    expected = holm(raw)
    assert found.tests == 5
    assert drifts["x"].p_value == pytest.approx(expected[0])
    assert drifts["c"].p_value == pytest.approx(expected[1])
    assert drifts["g"].missing_p_value == pytest.approx(expected[4])
    assert (drifts["x"].missing_p_value, drifts["c"].missing_p_value, drifts["g"].p_value) == (
        None,
        None,
        None,
    )


def test_half_of_the_budget_is_for_pairs_where_there_are_any():
    raw = raw_p_of_numbers()
    pair = Changed("x", "y", (0.1, 0.5), 0.001)
    found = compared(*NUMBERS, correlations=([pair], 3, 2))
    assert found.drifts[0].p_value == pytest.approx(2 * raw)
    assert [(each.column, each.other, each.correlation) for each in found.correlations] == [
        ("x", "y", (0.1, 0.5))
    ]
    assert found.correlations[0].p_value == pytest.approx(2 * 3 * 0.001)
    assert (found.tests, found.unpaired) == (4, 2)
    assert compared({"x": [1.0, 2]}, {"x": [1.0, 2]}, correlations=([], 3, 0)).drifts[0].p_value == 1.0


@pytest.mark.parametrize(("p_value", "listed"), [(0.005, True), (0.0051, False), (0.0, True)])
def test_pairs_are_listed_up_to_their_half_of_the_budget(p_value, listed):
    pair = Changed("x", "y", (0.1, 0.5), p_value)
    found = compared(*NUMBERS, correlations=([pair], 1, 0))
    assert bool(found.correlations) == listed


def test_the_twenty_pairs_that_differ_most_are_listed():
    pairs = [Changed("x", f"y{n}", (0.9 - n / 20, 0.9), n * 1e-9) for n in range(25)]
    found = compared(*NUMBERS, correlations=(pairs, 25, 0))
    assert [each.other for each in found.correlations] == [f"y{n}" for n in range(24, 4, -1)]


def test_a_comparison_keeps_what_it_was_made_with():
    found = compared(*NUMBERS, false_alarms=0.2, names=("train", "test"))
    assert (found.false_alarms, found.names, found.overlap_bound) == (0.2, ("train", "test"), 0.0)


def test_significant_drifts_come_first_then_the_largest():
    here = columns_of({"a": [1, 2, 3], "b": [1, 2, 3]}) | columns_of(NUMBERS[0])
    there = columns_of({"a": [3, 4, 5], "b": [4, 5, 6]}) | columns_of(NUMBERS[1])
    found = compared(here, there)
    assert [drift.column for drift in found.drifts] == ["x", "b", "a"]
    assert [found.is_significant(drift) for drift in found.drifts] == [True, False, False]


@pytest.mark.parametrize(("here", "there", "p_value"), [(0, 9, True), (9, 0, True), (0, 0, False)])
def test_missing_values_of_one_table_are_enough_to_test_them(here, there, p_value):
    tables = [
        {"x": pa.array([None] * n + [1.0] * (50 - n) + [2.0] * 50, pa.float64())} for n in (here, there)
    ]
    (drift,) = compared(*tables).drifts
    assert drift.missing == (here, there)
    # Two tests: values and gaps.
    expected = 2 * proportions_p(here, there, rows=(100, 100))
    assert drift.missing_p_value == (pytest.approx(expected) if p_value else None)


@pytest.mark.parametrize(
    ("here", "there", "distance", "mean"),
    [
        ([1.0, 2.0, None], [None, None], 1 - 1 / 3, (1.5, None)),
        ([None, None], [1.0, None], 0.5, (None, 1.0)),
        ([None, None], [None], 0.0, (None, None)),
        ([], [1.0, 1.0, None], 1 / 3, (None, 1.0)),
        ([1.0, 1.0, None], [], 1 / 3, (1.0, None)),
    ],
)
def test_of_columns_without_values_the_missing_shares_are_compared(here, there, distance, mean):
    tables = [{"x": pa.array(values, pa.float64())} for values in (here, there)]
    (drift,) = compared(*tables).drifts
    assert (drift.column, drift.measure, drift.mean) == ("x", "missing share", mean)
    assert drift.distance == pytest.approx(distance)
    assert drift.missing == (here.count(None), there.count(None))
    assert (drift.p_value, drift.present_distance) == (None, None)
    rows = len(here), len(there)
    assert drift.missing_p_value == pytest.approx(proportions_p(*drift.missing, rows=rows))


@pytest.mark.parametrize("empty_first", [True, False])
def test_of_categories_without_values_the_missing_shares_are_compared(empty_first):
    tables = {"x": pa.array([None, None], pa.string())}, {"x": ["a", "b", "a", None]}
    (drift,) = compared(*(tables if empty_first else tables[::-1])).drifts
    assert (drift.measure, drift.distance) == ("missing share", 0.75)
    assert (drift.new_categories, drift.lost_categories) == ((), ())


def test_the_distance_of_values_present_leaves_missing_ones_out():
    (numbers,) = compared({"x": [1.0, 2, 3, None]}, {"x": [1.0, 2, None, None]}).drifts
    assert (numbers.distance, numbers.present_distance) == (pytest.approx(0.25), pytest.approx(1 / 3))
    (categories,) = compared({"c": ["a", "b", "b", None]}, {"c": ["a", "b", None, None]}).drifts
    assert (categories.distance, categories.present_distance) == (pytest.approx(0.25), pytest.approx(1 / 6))
    assert (categories.column, categories.missing, categories.mean) == ("c", (1, 2), (None, None))


def test_truth_values_have_means():
    (drift,) = compared({"x": [True, False]}, {"x": [True, True, True, False]}).drifts
    assert drift.mean == (0.5, 0.75)


def exclusive(count, *, is_lost=False, **chosen):
    """Compare 200 rows of two categories with 200 of which some have a third one, and one a fourth."""
    there = ["a"] * 100 + ["b"] * (99 - count) + ["new"] * count + ["rare"]
    tables = [{"c": ["a", "b"] * 100}, {"c": there}]
    return compared(*(reversed(tables) if is_lost else tables), **chosen).drifts[0]


def test_only_categories_too_frequent_for_chance_are_listed():
    assert exclusive(40).new_categories == (CategoryChange("new", 40),)
    assert exclusive(3).new_categories == ()
    assert exclusive(40).lost_categories == ()
    assert exclusive(40, is_lost=True).lost_categories == (CategoryChange("new", 40),)
    assert exclusive(40, is_lost=True).new_categories == ()


def test_a_category_is_listed_at_the_level_itself():
    # Four categories might have been the new one; three tests were made: the shares', and one for each side.
    level = holm([1.0, 1.0, 4 * only_in_second_p(12, rows=(200, 200))])[2]
    assert 0.0001 < level < 0.01
    assert exclusive(12, false_alarms=level).new_categories == (CategoryChange("new", 12),)
    assert exclusive(12, false_alarms=level * (1 - 1e-9)).new_categories == ()


def test_categories_that_were_not_all_counted_are_not_called_new_or_lost():
    random = np.random.default_rng(0)
    shares = 1 / np.arange(1, 10_001)
    names = np.array([f"c{n}" for n in range(10_000)])
    tables = [{"x": random.choice(names, 60_000, p=shares / shares.sum())} for _ in range(2)]
    found = comparison(*(read_sampled(each)[0] for each in tables), rows=0, overlap=None, origin="")
    (drift,) = found.drifts
    assert (drift.new_categories, drift.lost_categories, found.tests) == ((), (), 1)
    # Rows that are not counted do not make a difference.
    assert drift.p_value > 0.01
