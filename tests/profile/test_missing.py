"""Where values are missing, and which are missing together."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from summaries import read, read_sampled, read_weighted

from dsml_magics.profile.missing import PATTERNS, TOGETHER, missing_of

RNG = np.random.default_rng(0)
cell = st.sampled_from([1.0, None])


def missing_in(table, *, reader=read):
    columns, sample, _ = reader(table)
    return missing_of(columns, sample)


def gappy(rows, columns, share):
    values = pd.DataFrame(RNG.normal(size=(rows, columns))).add_prefix("x")
    return values.mask(RNG.random((rows, columns)) < share)


def test_a_table_without_gaps_is_complete():
    found = missing_in({"a": [1, 2], "b": ["x", "y"]})
    assert (found.cells, found.complete, found.patterns, found.together) == (0, 2, (), ())


def test_nan_null_and_a_list_that_is_not_there_are_missing():
    found = missing_in({"a": [1.0, float("nan"), None], "b": ["x", None, "y"], "c": [[1], [2], None]})
    assert (found.cells, found.complete) == (4, 1)
    assert {(pattern.columns, pattern.rows) for pattern in found.patterns} == {
        (("a", "b"), 1),
        (("a", "c"), 1),
    }


@given(st.lists(st.tuples(cell, cell, cell), min_size=1, max_size=40))
@settings(deadline=None)
def test_patterns_agree_with_pandas(rows):
    table = pd.DataFrame(rows, columns=["a", "b", "c"], dtype=float)
    found = missing_in(table)
    gaps = table.isna()
    assert found.cells == gaps.to_numpy().sum()
    assert found.complete == (~gaps.any(axis=1)).sum()
    expected = gaps[gaps.any(axis=1)].value_counts()
    assert {pattern.columns: pattern.rows for pattern in found.patterns} == {
        tuple(np.array(["a", "b", "c"])[list(flags)]): count for flags, count in expected.items()
    }


def test_gaps_correlate_as_pandas_says():
    table = gappy(300, 3, 0.3)
    table["x1"] = table["x1"].where(table["x0"].notna())
    table["empty"] = None
    (one, two, phi), *_ = missing_in(table).together
    assert (one, two) == ("x0", "x1")
    assert phi == pytest.approx(table.isna().corr().loc["x0", "x1"])


def test_gaps_that_exclude_each_other_are_told_too():
    found = missing_in({"a": [1, None] * 20, "b": [None, 1] * 20})
    assert found.together == (("a", "b", pytest.approx(-1.0)),)
    assert found.complete == 0


def test_lists_are_cut():
    found = missing_in(gappy(3000, 8, 0.4))
    assert len(found.patterns) == PATTERNS
    copies = pd.DataFrame({f"x{n}": [1.0, None, None] * 10 for n in range(20)})
    assert len(missing_in(copies).together) == TOGETHER


def test_complete_rows_are_counted_though_other_patterns_are_more_frequent():
    table = pd.DataFrame(np.ones((61, 12))).add_prefix("x")
    for place in range(12):
        table.iloc[5 * place : 5 * place + 5, place] = None
    assert missing_in(table).complete == 1


def test_rows_that_stand_several_times_count_as_often():
    weights = RNG.integers(1, 6, 40)
    table = gappy(40, 3, 0.3)
    once = missing_of(*read_weighted(table, weights)[:2])
    whole = missing_in(table.loc[np.repeat(table.index, weights)])
    assert (once.cells, once.complete) == (whole.cells, whole.complete)
    assert {p.columns: p.rows for p in once.patterns} == {p.columns: p.rows for p in whole.patterns}
    assert [phi for *_, phi in once.together] == pytest.approx([phi for *_, phi in whole.together])


def test_a_sample_is_scaled_within_its_bound():
    table = gappy(60_000, 25, 0.01)
    found, exact = missing_in(table, reader=read_sampled), missing_in(table)
    assert found.cells == exact.cells
    assert 0 < found.bound < 0.01
    assert found.complete == pytest.approx(exact.complete, abs=found.bound * 60_000)


def test_with_gaps_in_one_column_nothing_is_left_to_estimate():
    table = gappy(60_000, 25, 0.0)
    table.loc[:99, "x3"] = None
    found = missing_in(table, reader=read_sampled)
    assert (found.complete, found.bound) == (59_900, 0.0)


def test_two_thousand_columns_with_gaps():
    found = missing_in(pd.DataFrame({f"x{n}": [1.0, None, 2.0] for n in range(2000)}))
    assert [pattern.rows for pattern in found.patterns] == [1]
    assert len(found.patterns[0].columns) == 2000


@pytest.mark.parametrize("values", [[None], [None, None], [1.0], [None, 1.0]])
def test_few_rows(values):
    found = missing_in({"a": values, "b": values})
    assert found.complete == sum(value is not None for value in values)
