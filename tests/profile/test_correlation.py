"""Pairs of columns that go together otherwise in a second table."""

import warnings
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from summaries import read, read_sampled, read_weighted

from dsml_magics.profile.coded import Coded
from dsml_magics.profile.correlation import WIDEST, changed_correlations, with_strengths
from dsml_magics.profile.figures import CorrelationChange


def coded(table, reader=read):
    columns, sample, _ = reader(table)
    return Coded(columns, sample)


Y = np.random.default_rng(9).normal(size=100)


def related(seed, rows, strength):
    random = np.random.default_rng(seed)
    x = random.normal(size=rows)
    return pd.DataFrame({"x": x, "y": strength * x + (1 - strength**2) ** 0.5 * random.normal(size=rows)})


def test_a_broken_correlation_is_found_with_both_strengths():
    first, second = related(0, 1000, 0.9), related(1, 800, 0.0)
    (found,), tested, _ = changed_correlations(coded(first), coded(second))
    assert (found.column, found.other, tested) == ("x", "y", 1)
    expected = [stats.spearmanr(each.x, each.y).statistic for each in (first, second)]
    assert found.correlation == pytest.approx(expected, abs=0.01)
    assert found.p_value < 1e-50


def strengths(first, second, reader=read):
    changes = [CorrelationChange("x", "y", (0.0, 0.0), 0.0)]
    return with_strengths(changes, coded(first, reader), coded(second, reader))[0]


@pytest.mark.parametrize("every", [10**9, 3], ids=["whole", "gaps"])
def test_the_strengths_shown_are_spearmans_over_all_rows_of_each_table(every):
    first, second = related(0, 20_000, 0.7), related(1, 9000, 0.2).round(1)
    second = second.assign(x=np.exp(second.x + 1))
    first, second = (each.assign(y=each.y.where(each.index % every > 0)) for each in (first, second))
    found = strengths(first, second)
    expected = [stats.spearmanr(each.x, each.y, nan_policy="omit").statistic for each in (first, second)]
    assert found.correlation == pytest.approx(expected, abs=1e-12)
    assert found.bound == 0


def test_the_strengths_of_samples_say_how_far_they_are_off():
    held = 0
    for seed in range(10):
        tables = related(2 * seed, 60_000, 0.8), related(2 * seed + 1, 60_000, 0.1)
        found, true = strengths(*tables, reader=read_sampled), strengths(*tables)
        assert 0 < found.bound < 0.05
        held += sum(
            abs(one - two) <= found.bound
            for one, two in zip(found.correlation, true.correlation, strict=True)
        )
    assert held >= 0.95 * 20


def test_columns_that_are_too_many_to_be_paired_are_counted():
    table = pd.DataFrame(np.random.default_rng(0).normal(size=(60, WIDEST + 3)).round(1)).add_prefix("x")
    table["words"] = "w"
    found = changed_correlations(coded(table), coded(table))
    assert (found.tested, found.unpaired) == (WIDEST * (WIDEST - 1) // 2, 3)


def test_a_copy_that_is_one_no_more_is_found():
    first = related(0, 400, 0.5).assign(y=lambda table: table.x)
    (found,), *_ = changed_correlations(coded(first), coded(related(1, 400, 0.5)))
    assert found.p_value < 1e-30


@pytest.mark.parametrize("reader", [read, read_sampled])
def test_the_same_correlation_is_no_change(reader):
    first, second = related(0, 30_000, 0.7), related(1, 20_000, 0.7)
    found, tested, _ = changed_correlations(coded(first, reader), coded(second, reader))
    assert tested == 1
    assert [pair for pair in found if pair.p_value < 0.001] == []
    assert changed_correlations(coded(first, reader), coded(first, reader)) == ([], 1, 0)


def test_what_moves_both_columns_moves_no_correlation():
    first, second = related(0, 2000, 0.6), related(1, 2000, 0.6) * [3.0, 0.1] + [0.2, 5.0]
    found, *_ = changed_correlations(coded(first), coded(second))
    assert [pair for pair in found if pair.p_value < 0.001] == []


def test_gaps_and_truth_values_are_taken():
    first, second = related(0, 1000, 0.9), related(1, 1000, -0.9)
    first, second = (
        each.assign(flag=each.x > 0, y=each.y.where(each.index % 3 > 0)) for each in (first, second)
    )
    found, tested, _ = changed_correlations(coded(first), coded(second))
    assert tested == 3
    assert {(pair.column, pair.other) for pair in found} == {("x", "y"), ("y", "flag")}


def test_rows_that_stand_many_times_in_a_sample_count_as_one_draw():
    once, other = related(0, 60, 0.8), related(1, 3000, 0.0)
    weights = np.full(60, 50)
    columns, sample, _ = read_weighted(once, weights)
    many = Coded(columns, sample)
    partial = Coded(columns, type(sample)(sample.table, sample.hashes, sample.weights, 10 * sample.rows))
    p = [changed_correlations(each, coded(other))[0][0].p_value for each in (many, partial)]
    assert p[0] < p[1] ** 2


def fisher(ranks, weights, is_complete):
    """Fisher's z of two columns, its variance, and the rows it is of."""
    ranks = ranks.dropna()
    weights = weights[ranks.index]
    total, squares = weights.sum(), (weights**2).sum()
    x, y = (
        (each - np.average(each, weights=weights)) / np.cov(each, aweights=weights, ddof=0) ** 0.5
        for each in ranks.to_numpy().T
    )
    r = np.clip(np.average(x * y, weights=weights), -0.9999, 0.9999)
    influence = (x * y - r * (x**2 + y**2) / 2) / (1 - r**2)
    rows = total if is_complete else total**2 / squares
    spread = weights if is_complete else weights**2
    return r, np.arctanh(r), max((spread * influence**2).sum() / total**2, 1 / (rows - 3)), rows


@pytest.mark.parametrize(
    ("is_weighted", "is_complete"),
    [(False, True), (True, True), (True, False)],
    ids=["rows", "copies", "sample"],
)
def test_a_change_is_as_probable_as_by_fishers_z_of_common_ranks(is_weighted, is_complete):
    random, tables, sides = np.random.default_rng(5), [], []
    for rows, sign in ((150, 1), (320, -1)):
        base = random.normal(size=rows)
        table = pd.DataFrame(
            {f"x{n}": random.normal(size=rows) + 0.12 * n * sign**n * base for n in range(8)}
        )
        table["x1"] = table.x1.round()
        # What is missing depends on other columns, so that the mean rank of the rows that have both is not 0.
        table["x2"] = table.x2.where(base < 0.8)
        table["x3"] = table.x3.where(table.x4 > -0.5).round(1)
        # Of one column, common ranks are those of its permutation.
        other = table.x4 if sign > 0 else random.permutation(table.x4)
        table["copy"], table["mirror"], table["flag"] = other, -other, base > 0.3
        weights = random.integers(1, 5, rows) if is_weighted else np.ones(rows, int)
        columns, sample, _ = read_weighted(table, weights)
        if not is_complete:
            sample = type(sample)(sample.table, sample.hashes, sample.weights, 10 * sample.rows)
        tables.append(table)
        sides.append((Coded(columns, sample), pd.Series(weights)))
    ranks = pd.concat([each.astype(float) for each in tables], keys=[0, 1]).rank()
    found, tested, _ = changed_correlations(*(each for each, _ in sides))
    assert tested == 55
    expected = {}
    for pair in combinations(tables[0], 2):
        (r, z, variance, n), (s, y, other, m) = (
            fisher(ranks.loc[k][[*pair]], sides[k][1], is_complete) for k in (0, 1)
        )
        if abs(z - y) > 2 * (1 / n + 1 / m) ** 0.5:
            expected[pair] = r, s, 2 * stats.norm.sf(abs(z - y) / (variance + other) ** 0.5)
    assert (expected["x4", "copy"][0], expected["x4", "mirror"][0]) == (0.9999, -0.9999)
    assert {(each.column, each.other): (*each.correlation, each.p_value) for each in found} == {
        pair: pytest.approx(values, rel=1e-9) for pair, values in expected.items()
    }


def test_of_many_rows_those_at_equal_distances_are_compared():
    first, second = related(0, 13_000, 0.5), related(1, 9000, 0.4)
    chosen = [each.iloc[np.linspace(0, len(each) - 1, 5000).astype(int)] for each in (first, second)]
    assert changed_correlations(coded(first), coded(second)) == changed_correlations(*map(coded, chosen))
    assert changed_correlations(coded(first), coded(second))[0] != []


@pytest.mark.parametrize("value", np.linspace(-2, 2, 9).tolist())
def test_a_column_with_one_value_where_the_other_is_there_has_no_correlation(value):
    first, second = related(0, 5000, 0.9), related(1, 5000, 0.9)
    is_even = first.index % 2 == 0
    first = first.assign(x=first.x.where(~is_even, value), y=first.y.where(is_even))
    for tables in ((first, second), (second, first)):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert changed_correlations(*map(coded, tables)) == ([], 0, 0)


def test_columns_that_no_row_has_both_of_have_no_correlation():
    table = related(0, 400, 0.9)
    table = table.assign(x=table.x.where(table.index % 2 > 0), y=table.y.where(table.index % 2 == 0))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert changed_correlations(coded(table), coded(related(1, 400, 0.9))) == ([], 0, 0)


def test_columns_are_compared_that_both_tables_have_as_numbers():
    first = related(0, 200, 0.9).assign(word="w", code=Y.tolist() * 2, only=1.5)[
        ["word", "only", "code", "x", "y"]
    ]
    second = related(1, 200, 0.0).assign(word=Y.tolist() * 2, code="w")
    for tables in ((first, second), (second, first)):
        (found,), tested, _ = changed_correlations(*map(coded, tables))
        assert (found.column, found.other, tested) == ("x", "y", 1)


@pytest.mark.parametrize(
    ("rows", "weight", "is_complete", "tested"),
    [(49, 1, True, 0), (50, 1, True, 1), (40, 50, True, 1), (40, 50, False, 0)],
)
def test_fifty_rows_drawn_one_by_one_can_be_compared(rows, weight, is_complete, tested):
    columns, sample, _ = read_weighted(related(0, rows, 0.5), np.full(rows, weight))
    if not is_complete:
        sample = type(sample)(sample.table, sample.hashes, sample.weights, 10 * sample.rows)
    table = Coded(columns, sample)
    assert (
        changed_correlations(table, table).tested
        == changed_correlations(table, coded(related(1, 99, 0.5))).tested
        == tested
    )


@pytest.mark.parametrize(("equal", "tested"), [(90, 1), (91, 0)])
def test_a_column_of_which_nine_in_ten_are_equal_can_be_compared(equal, tested):
    table = coded({"x": [-5.5] * equal + [*np.linspace(0.1, 1, 100 - equal)], "y": Y})
    assert changed_correlations(table, table).tested == tested


def test_strengths_of_rows_that_stand_several_times_are_those_of_rows_written_out():
    random = np.random.default_rng(3)
    table = related(0, 80, 0.6).round(1).assign(z=random.normal(size=80), w=random.normal(size=80).round())
    table = table.assign(z=table.z.where(table.x < 1), w=table.w.where(table.y > -1))
    weights = random.integers(1, 9, 80)
    whole = table.loc[np.repeat(table.index, weights)]
    columns, sample, _ = read_weighted(table, weights)
    changes = [CorrelationChange(*pair, (0.0, 0.0), 0.0) for pair in combinations("xyzw", 2)]
    found = with_strengths(changes, Coded(columns, sample), coded(related(1, 90, 0.1).assign(z=1.0, w=2.0)))
    expected = whole.corr("spearman")
    for each in found:
        assert each.correlation[0] == pytest.approx(expected.loc[each.column, each.other], abs=1e-9)
        assert each.correlation[1] == 0.0 or {each.column, each.other} == {"x", "y"}, "of a constant"


def test_the_largest_change_comes_first():
    columns = [[-1.0, 0.2, 0.6, -0.4], [0.5, 0.9, 0.5, 0.1]]
    tables = []
    for seed, strengths in enumerate(columns):
        parts = [related(10 * seed + k, 3000, r).add_suffix(str(k)) for k, r in enumerate(strengths)]
        tables.append(coded(pd.concat(parts, axis=1)))
    changes = [CorrelationChange(f"x{k}", f"y{k}", (0.0, 0.0), 0.0) for k in range(4)]
    assert [each.column for each in with_strengths(changes, *tables)] == ["x0", "x1", "x3", "x2"]


@pytest.mark.parametrize(
    "table",
    [
        {"x": [1.5] * 99 + [2.5], "y": Y},
        {"x": Y[:40], "y": Y[40:80]},
        {"x": ["a", "b"] * 50, "y": Y},
        {"x": [None] * 100, "y": Y},
    ],
    ids=["hardly varies", "few rows", "categories", "nothing there"],
)
def test_what_has_no_correlation_is_not_compared(table):
    assert coded(table).columns["y"].kind == "numeric"
    found, tested, unpaired = changed_correlations(coded(table), coded(table))
    assert (*found, tested, unpaired) == (0, 0)


def test_of_equal_tables_pairs_are_significant_as_often_as_said():
    random = np.random.default_rng(0)
    p_values, tested = [], 0
    for _ in range(12):
        tables = []
        for rows in (100, 300):
            base = random.normal(size=(rows, 1))
            drawn = 0.6 * base + random.normal(size=(rows, 20))
            drawn[:, ::4] = np.exp(2 * drawn[:, ::4])
            drawn[:, 1::4] = drawn[:, 1::4] > 0.8
            tables.append(coded(pd.DataFrame(drawn, columns=[f"x{n}" for n in range(20)])))
        found, number, _ = changed_correlations(*tables)
        p_values += [pair.p_value for pair in found]
        tested += number
    assert tested == 12 * 190
    for level in (0.01, 0.001):
        assert sum(p <= level for p in p_values) <= stats.binom.ppf(0.9999, tested, level)
