"""Pairs of columns that go together otherwise in a second table."""

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


@pytest.mark.parametrize(
    "table",
    [
        {"x": [1.0] * 99 + [2.0], "y": list(range(100))},
        {"x": list(range(40)), "y": list(range(40, 0, -1))},
        {"x": ["a", "b"] * 50, "y": list(range(100))},
        {"x": [None] * 100, "y": list(range(100))},
    ],
    ids=["hardly varies", "few rows", "categories", "nothing there"],
)
def test_what_has_no_correlation_is_not_compared(table):
    assert changed_correlations(coded(table), coded(table)) == ((), 0, 0)


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
