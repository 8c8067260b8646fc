"""Measures of association, held against scipy on the rows written out."""

import warnings

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from dsml_magics.profile.strength import correlation_ratio, cramers_v, pearson, reach
from dsml_magics.profile.vectors import LEVELS, Groups, Numbers, groups_in, numbers_in

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


X, Y = [1.0, 2.0, 4.0, 7.0, 11.0, 3.0], [2.0, 1.0, 9.0, 5.0, 12.0, 3.0]
GAP, INF, W = None, float("inf"), [1.0, 3.0, 2.0, 1.0, 4.0, 2.0]


@pytest.mark.parametrize("weights", [None, W], ids=["rows", "copies"])
@pytest.mark.parametrize(
    ("x", "y"),
    [
        (X, Y),
        ([GAP, *X[1:]], Y),
        (X, [*Y[:-1], GAP]),
        (X, [INF, *Y[1:]]),
        ([*X[:3], GAP, *X[4:]], [GAP, *Y[1:]]),
        ([*X[:3], -INF, *X[4:]], [*Y[:3], GAP, *Y[4:]]),
        # What is far off where the other is missing hides the spread of the rest, on one side or on both.
        ([1e12, *X[1:]], [GAP, *Y[1:]]),
        ([GAP, *X[1:]], [1e12, *Y[1:]]),
        ([GAP, 1e12, *X[2:]], [1e12, GAP, *Y[2:]]),
        ([GAP, GAP, *X[2:]], [1e12, GAP, *Y[2:]]),
        # It has its spread from the rows that it shares only in part.
        ([300.0, *X[1:]], [GAP, *Y[1:]]),
    ],
)
def test_pearson_is_that_of_the_rows_that_have_both(x, y, weights):
    frame = pd.DataFrame({"x": x, "y": y}, dtype=float).replace([INF, -INF], np.nan)
    written = frame.loc[np.repeat(frame.index, np.array(weights or [1.0] * 6, int))].dropna()
    given = None if weights is None else np.array(weights)
    expected = pytest.approx(np.corrcoef(written.x, written.y)[0, 1], abs=1e-12)
    assert pearson(numbers_of(x, given), numbers_of(y, given)) == expected
    assert pearson(numbers_of(y, given), numbers_of(x, given)) == expected
    assert pearson(numbers_of(x, given), numbers_of([each and -each for each in y], given)) == pytest.approx(
        -expected.expected, abs=1e-12
    )


@pytest.mark.parametrize(
    ("x", "y"),
    [
        ([5.0], [6.0]),
        ([], []),
        ([3.0] * 6, Y),
        ([3.0] * 6, [GAP, *Y[1:]]),
        ([GAP, 3.0, 3.0, 3.0, 3.0, 3.0], Y),
        ([GAP, *X[1:]], [1.0, *[GAP] * 5]),
        ([GAP] * 6, Y),
        # Constant where the other is there.
        ([1.0, *[7.3] * 5], [GAP, *Y[1:]]),
        ([1e9, *[7.3] * 5], [GAP, *Y[1:]]),
    ],
)
def test_what_does_not_vary_has_no_correlation(x, y):
    assert pearson(numbers_of(x), numbers_of(y)) is None
    assert pearson(numbers_of(y), numbers_of(x)) is None


def test_a_correlation_is_never_beyond_1():
    x = np.array([0.1, 0.2, 0.7])
    for factor in (1.0, -1.0, 3.0, 1e-200, 1e200, -1e308):
        for gap in ([], [GAP]):
            found = pearson(numbers_of([*x, *gap]), numbers_of([*x * factor, *gap]))
            assert found == pytest.approx(np.sign(factor)) and abs(found) <= 1


def test_a_correlation_of_minus_1_is_not_less_by_rounding():
    # The square of the square root of 6 is less than 6.
    x = np.array([1.0, 1.0, -2.0])
    assert (pearson(numbers_of(x), numbers_of(x)), pearson(numbers_of(x), numbers_of(-x))) == (1.0, -1.0)


VALUES = [3.0, 4.0, 5.0, 10.0, 12.0, 11.0, 7.0, 8.0, 1.0, 3.0]
LETTERS = ["a", "a", "a", "b", "b", "b", "c", "c", "a", "b"]


def ratio_of(letters, values, weights, share):
    """The correlation ratio by the sums of squares of an analysis of variance, over the rows written out."""
    frame = pd.DataFrame({"letter": letters, "value": values})
    frame = frame.loc[np.repeat(frame.index, np.array(weights, int))].replace([INF], np.nan).dropna()
    groups = frame.groupby("letter").value
    spread, within = (
        ((frame.value - frame.value.mean()) ** 2).sum(),
        (groups.var(ddof=0) * groups.size()).sum(),
    )
    n, k = len(frame) * share, groups.ngroups
    return max(0.0, 1 - within / spread * (n - 1) / (n - k)) ** 0.5


@pytest.mark.parametrize("share", [1.0, 0.6])
@pytest.mark.parametrize("weights", [[1.0] * 10, [2.0, 1.0, 3.0, 1.0, 1.0, 2.0, 4.0, 1.0, 1.0, 2.0]])
@pytest.mark.parametrize(
    ("letters", "values"),
    [
        (LETTERS, VALUES),
        ([GAP, *LETTERS[1:]], VALUES),
        (LETTERS, [GAP, *VALUES[1:]]),
        ([GAP, *LETTERS[1:]], [*VALUES[:-1], INF]),
        # A group of which no row has a number is none.
        (LETTERS, [*VALUES[:6], GAP, GAP, *VALUES[8:]]),
        # Far from the rest where the group is missing.
        ([GAP, *LETTERS[1:]], [1e12, *VALUES[1:]]),
        ([GAP, *LETTERS[1:]], [1e12, *VALUES[1:6], GAP, GAP, *VALUES[8:]]),
        ([GAP, *LETTERS[1:]], [300.0, *VALUES[1:]]),
    ],
)
def test_a_correlation_ratio_is_that_of_the_rows_that_have_both(letters, values, weights, share):
    given = None if set(weights) == {1.0} else np.array(weights)
    found = correlation_ratio(groups_of(letters, given), numbers_of(values, given), share=share)
    expected = ratio_of(letters, values, weights, share)
    assert expected > 0.1
    assert found == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("letters", "values", "expected"),
    [
        (["a", "a", "b", "b"], [1.0, 2.0, 1.0, 2.0], 0.0),
        (["a", "a", "b", "b"], [1.0, 1.0, 2.0, 2.0], 1.0),
        # As many groups as rows leave nothing to tell chance by, nor do two groups of two rows.
        (["a", "b", "c"], [1.0, 2.0, 9.0], 0.0),
        (["a", "b"], [1.0, 2.0], 0.0),
        (["a", "b", "b"], [1.0, 2.0, 2.0], 1.0),
        (["a"] * 4, [1.0, 2.0, 3.0, 4.0], None),
        (["a", "a", "b", "b"], [3.3] * 4, None),
        (["a", "b", "b"], [GAP, 1.0, 2.0], None),
        ([GAP] * 3, [1.0, 2.0, 3.0], None),
        (["a", "b", "b"], [GAP] * 3, None),
        (["a"], [1.0], None),
        ([], [], None),
        ([GAP, "a", "b", "b"], [1e12, 3.3, 3.3, 3.3], None),
    ],
)
def test_small_tables_have_the_correlation_ratio_that_they_must(letters, values, expected):
    found = correlation_ratio(groups_of(letters), numbers_of(values))
    assert found == (expected if expected is None else pytest.approx(expected, abs=1e-9))


def grouped(codes, sizes, known=None):
    """Groups of which each row's is told."""
    codes = np.array(codes)
    return Groups(codes, tuple(f"g{k}" for k in range(sizes)), np.bincount(codes, minlength=sizes + 1), known)


def pairs_in(table):
    """The two groupings of a table of counts."""
    rows = [(i, j) for i, line in enumerate(table) for j, count in enumerate(line) for _ in range(count)]
    return ([row[k] for row in rows] for k in (0, 1))


@pytest.mark.parametrize(
    ("share", "unseen", "expected"),
    [
        # Of [[30, 10], [10, 30]] the mean square contingency is 0.25, less 1 / (rows - 1) by chance.
        (1.0, (0, 0), ((0.25 - 1 / 79) / (1 - 1 / 79)) ** 0.5),
        (0.5, (0, 0), ((0.25 - 1 / 39) / (1 - 1 / 39)) ** 0.5),
        (1.0, (1, 2), ((0.25 - 1 / 79) / (2 - 4 / 79)) ** 0.5),
        (1.0, (2, 0), ((0.25 - 1 / 79) / (1 - 1 / 79)) ** 0.5),
        (1.0, (0, 2), ((0.25 - 1 / 79) / (1 - 1 / 79)) ** 0.5),
        # So many groups cannot go together as well in so few rows.
        (9.1 / 80, (7, 0), 1.0),
        (0.04, (0, 0), 0.0),
        (0.025, (0, 0), 0.0),
        (2 / 80, (0, 0), 0.0),
        (1 / 80, (0, 0), None),
        (0.001, (0, 0), None),
    ],
)
def test_cramers_v_is_less_where_rows_are_few_or_groups_unseen(share, unseen, expected):
    one, two = pairs_in([[30, 10], [10, 30]])
    groups = [grouped(codes, 2, 2 + more) for codes, more in zip((one, two), unseen, strict=True)]
    found = cramers_v(*groups, weights=None, share=share)
    assert found == (expected if expected is None else pytest.approx(expected, abs=1e-9))


@pytest.mark.parametrize(
    "table",
    [
        [[30, 10, 2], [10, 30, 5]],
        [[9, 0, 1], [0, 9, 0], [1, 2, 9]],
        [[20, 0], [0, 20]],
        [[5, 5], [5, 5]],
        [[4, 1], [1, 1]],
        # Groups that no row has both of are none; nor are rows without a group.
        [[30, 10, 0], [10, 30, 0]],
        [[30, 10], [0, 0], [10, 30]],
    ],
)
def test_cramers_v_of_a_table_of_counts_is_scipys(table):
    table = np.array(table)
    one, two = pairs_in(table)
    full = table[table.any(axis=1)][:, table.any(axis=0)]
    n, (r, k) = table.sum(), full.shape
    phi2 = stats.chi2_contingency(full, correction=False).statistic / n
    corrected = max(0.0, phi2 - (r - 1) * (k - 1) / (n - 1))
    least = min(r, k)
    expected = min(1.0, corrected / (least - 1 - (least - 1) ** 2 / (n - 1))) ** 0.5
    first, second = grouped(one, len(table)), grouped(two, len(table[0]))
    assert cramers_v(first, second, weights=None) == pytest.approx(expected, abs=1e-7)
    assert cramers_v(second, first, weights=None) == pytest.approx(expected, abs=1e-7)
    # Each row thrice, and rows without a group on either side.
    weights, n = np.array([*[3.0] * len(one), 7.0, 9.0, 5.0]), 3 * n
    first = grouped([*one, len(table), 0, len(table)], len(table))
    second = grouped([*two, 0, len(table[0]), len(table[0])], len(table[0]))
    corrected = max(0.0, phi2 - (r - 1) * (k - 1) / (n - 1))
    expected = min(1.0, corrected / (least - 1 - (least - 1) ** 2 / (n - 1))) ** 0.5
    assert cramers_v(first, second, weights=weights) == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize(
    "table", [[[5, 5]], [[5], [5]], [[0, 0], [5, 5]], [[1, 0], [0, 0]], [[0, 0], [0, 0]]]
)
def test_one_group_goes_with_nothing(table):
    one, two = pairs_in(table)
    first = grouped(np.array([*one], int), len(table))
    assert cramers_v(first, grouped(np.array([*two], int), len(table[0])), weights=None) is None


def test_two_rows_of_two_groups_tell_nothing():
    assert cramers_v(grouped([0, 1], 2), grouped([1, 0], 2), weights=None) == 0.0


def test_the_greatest_contingency_of_many_groups_in_few_rows_is_less():
    assert (reach(2, 79.0), reach(3, 10.0), reach(5, 4.0)) == (1 - 1 / 79, 2 - 0.4, 0.0)


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
