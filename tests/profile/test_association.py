"""Associations of each two columns of a table."""

import datetime as dt
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as trial
from hypothesis import strategies as st
from scipy import stats
from summaries import read, read_sampled, read_weighted

from dsml_magics.profile.association import MOST, PAIRED, WIDE, pairs
from dsml_magics.profile.column import Column
from dsml_magics.profile.measured import LEAST
from dsml_magics.profile.settings import Settings

SETTINGS = Settings()
RNG = np.random.default_rng(0)
COMMON = RNG.normal(size=400)


def pairs_of(table, **chosen):
    return pairs(*read(table), settings=Settings(**chosen))


def related(count, rows=400):
    return {f"x{n}": COMMON[:rows] + RNG.normal(size=rows) for n in range(count)}


MIXED = pd.DataFrame(
    {
        "x": COMMON,
        "y": COMMON + RNG.normal(size=400),
        "flag": COMMON > 0,
        "group": np.where(COMMON > 0.5, "high", np.where(COMMON < -0.5, "low", "middle")),
        "word": np.where(COMMON > 0, "up", "down"),
        "when": pd.Timestamp("2024-01-01") + pd.to_timedelta((COMMON * 1e6).astype("i8"), unit="s"),
        "note": [f"a longer remark on case {n}" for n in range(400)],
        "same": 1,
        "nothing": None,
        "list": [[n] for n in range(400)],
    }
)


def test_each_two_columns_are_measured_as_their_kinds_allow():
    measures = {frozenset((a.column, a.other)): a.measure for a in pairs_of(MIXED).associations}
    expected = {
        ("x", "y"): "Pearson",
        ("x", "flag"): "Pearson",
        ("x", "when"): "Pearson",
        ("flag", "when"): "Pearson",
        ("x", "group"): "correlation ratio",
        ("group", "when"): "correlation ratio",
        ("group", "word"): "Cramér's V",
        ("flag", "group"): "Cramér's V",
    }
    assert {frozenset(pair): measure for pair, measure in expected.items()}.items() <= measures.items()
    assert not {"note", "same", "nothing", "list"} & {name for pair in measures for name in pair}


def test_pearson_agrees_with_pandas():
    found = pairs_of(MIXED[["x", "y", "flag", "when"]])
    frame = MIXED[["x", "y", "flag"]].astype(float).assign(when=MIXED["when"].astype("i8"))
    np.testing.assert_allclose(np.array(found.matrix.values, float), frame.corr(), atol=1e-9)


def test_the_strongest_come_first_and_none_is_negative():
    found = pairs_of(pd.DataFrame(related(5)).assign(minus=-COMMON)).associations
    strengths = [each.strength for each in found]
    assert strengths == sorted(strengths, reverse=True)
    assert min(strengths) >= LEAST


def test_the_matrix_is_symmetric_and_signed():
    found = pairs_of({"a": COMMON, "b": -COMMON, "c": ["x", "y"] * 200}).matrix
    values = np.array(found.values, float)
    assert found.names == ("a", "b", "c")
    assert values[0, 1] == pytest.approx(-1)
    np.testing.assert_array_equal(values, values.T)


def test_what_has_no_measure_is_none():
    gaps = [1.0, None] * 200
    found = pairs_of({"a": gaps, "b": [None, *gaps[:-1]], "c": COMMON}).matrix
    assert found.values[0][1] is None


@pytest.mark.parametrize("count", [0, 1])
def test_a_single_column_has_no_matrix(count):
    found = pairs_of({"same": [1, 1, 1, 1], **related(count, rows=4)})
    assert (found.matrix, found.associations, found.scatters) == (None, (), ())


def test_the_matrix_names_how_many_columns_it_leaves_out():
    found = pairs_of(related(WIDE + 7), target=f"x{WIDE + 6}")
    assert len(found.matrix.names) == WIDE
    assert found.matrix.left_out == 7
    assert found.matrix.names[-1] == f"x{WIDE + 6}", "the target is always in it"


def test_of_many_columns_the_first_are_paired():
    found = pairs_of(pd.DataFrame(related(PAIRED + 20, rows=30)))
    assert found.left_out == 20
    assert len(found.associations) == MOST


def test_the_scatters_show_rows_of_the_table():
    found = pairs_of({"x": [*COMMON[:-2], None, math.inf], "y": COMMON * 3, "c": ["a", "b"] * 200}).scatters
    (scatter,) = found
    assert (scatter.x, scatter.y, scatter.measure) == ("x", "y", "Pearson")
    assert scatter.strength == pytest.approx(1.0)
    assert len(scatter.points) <= 300
    assert set(scatter.points) <= set(zip(COMMON.tolist(), (COMMON * 3).tolist(), strict=True))


def test_at_most_six_pairs_are_scattered():
    assert len(pairs_of(related(8)).scatters) == 6


def test_rows_that_stand_several_times_count_as_often():
    rng = np.random.default_rng(1)
    weights = rng.integers(1, 9, 60)
    table = pd.DataFrame(
        {
            "number": rng.normal(size=60),
            "group": rng.choice(["a", "b", None], 60),
            "word": rng.choice(list("xyz"), 60),
            "when": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 999, 60), unit="D"),
        }
    )
    once = pairs(*read_weighted(table, weights), settings=SETTINGS).matrix
    whole = pairs_of(table.loc[np.repeat(table.index, weights)]).matrix
    np.testing.assert_allclose(np.array(once.values, float), np.array(whole.values, float), atol=1e-9)


def test_a_sample_tells_its_bound():
    rng = np.random.default_rng(2)
    group = rng.choice(list("abc"), 60_000)
    table = pd.DataFrame({f"x{n}": rng.normal(size=60_000) for n in range(20)})
    table["x0"] += 2 * (group == "a")
    table["x1"] += table["x0"]
    table = table.assign(group=group, copy=np.where(rng.random(60_000) < 0.5, group, "a"))
    found = {(a.column, a.other): a for a in pairs(*read_sampled(table), settings=SETTINGS).associations}
    exact = {(a.column, a.other): a for a in pairs_of(table).associations}
    assert found["x0", "x1"].bound == 0.0, "the products are those of all rows"
    assert found["x0", "x1"].strength == pytest.approx(exact["x0", "x1"].strength)
    for pair in (("x0", "group"), ("group", "copy")):
        assert 0 < found[pair].bound < 0.03
        assert found[pair].strength == pytest.approx(exact[pair].strength, abs=found[pair].bound)


value = (
    st.none()
    | st.floats()
    | st.integers(-(2**63), 2**63 - 1)
    | st.booleans()
    | st.text(max_size=2)
    | st.datetimes(dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31))
)
columns = st.lists(value, max_size=12).flatmap(
    lambda first: st.lists(st.lists(value, min_size=len(first), max_size=len(first)), max_size=4)
)


@given(columns)
@trial(deadline=None, max_examples=100)
def test_any_table_has_strengths_from_0_to_1(columns):
    if not columns or not columns[0]:
        return
    found = pairs_of({f"c{n}": values for n, values in enumerate(columns)})
    assert all(0 <= each.strength <= 1 for each in found.associations)
    if found.matrix:
        assert all(each is None or -1 <= each <= 1 for line in found.matrix.values for each in line)


def test_a_kind_that_the_values_are_not_of_has_no_association():
    columns, sample, gram = read({"list": [[1], [2]] * 10, "x": range(20), "word": ["a", "b"] * 10})
    said = columns | {
        "list": Column("list", "categorical", "list<int64>", 20, 0, 2),
        "gone": Column("gone", "numeric", "int64", 20, 0, 2),
    }
    assert pairs(said, sample, gram, settings=SETTINGS).matrix.values[0][1] is None


def test_numbers_said_to_be_categories_are():
    columns, sample, gram = read(
        {"code": [1, 2, 3, 2] * 20, "x": list(range(80))[::-1], "y": [3, 1, 2, 1] * 20}
    )
    said = columns | {name: Column(name, "categorical", "int64", 80, 0, 3) for name in ("code", "y")}
    (found,) = pairs(said, sample, gram, settings=SETTINGS).associations
    assert (found.measure, found.strength) == ("Cramér's V", pytest.approx(1.0))
    assert stats.contingency.association(pd.crosstab([1, 2, 3, 2], [3, 1, 2, 1])) == pytest.approx(1.0)
