"""Associations of each two columns of a table."""

import datetime as dt
import itertools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as trial
from hypothesis import strategies as st
from scipy import stats
from summaries import read, read_sampled, read_weighted

from dsml_magics.profile.association import MOST, PAIRED, WIDE, Associations, pairs, positive
from dsml_magics.profile.coded import Coded
from dsml_magics.profile.column import Column
from dsml_magics.profile.figures import Association
from dsml_magics.profile.measured import LEAST
from dsml_magics.profile.settings import Settings
from dsml_magics.profile.sketch.sample import Sample

SETTINGS = Settings()
RNG = np.random.default_rng(0)
COMMON = RNG.normal(size=400)


def pairs_of(table, **chosen):
    return pairs(*read(table), settings=Settings(**chosen))


def related(count, rows=400):
    return {f"x{n}": COMMON[:rows] + RNG.normal(size=rows) for n in range(count)}


def unrelated(rows):
    """Two columns of mean 0 and equal spread that do not correlate at all."""
    return np.linalg.qr(np.c_[np.ones(rows), RNG.normal(size=(rows, 2))])[0].T[1:]


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


def measured(table):
    columns, sample, gram = read(table)
    return Associations(Coded(columns, sample), gram)


def test_a_pair_is_told_in_the_order_in_which_it_is_asked_for():
    found = measured(MIXED)
    for one, two in itertools.permutations(("x", "y", "flag", "group", "when"), 2):
        association = found.of(one, two)
        assert (association.column, association.other) == (one, two)
        assert association.strength == pytest.approx(found.of(two, one).strength)
    for name in ("note", "same", "nothing", "list"):
        assert found.of("group", name) is found.of(name, "group") is None


def test_each_measure_is_that_of_the_rows_that_have_both():
    table = MIXED.assign(x=MIXED.x.mask(MIXED.y > 0.5), group=MIXED.group.mask(MIXED.y < 0))
    found = measured(table)
    rows = table.dropna(subset=["x", "flag", "when"])
    expected = np.corrcoef([rows.x, rows.flag, rows.when.astype("i8")])
    for (i, one), (j, two) in itertools.combinations(enumerate(("x", "flag", "when")), 2):
        if "x" in (one, two):
            assert found.of(one, two).strength == pytest.approx(expected[i, j])
    rows = table.dropna(subset=["x", "group"])
    pieces = [rows.x[rows.group == name] for name in rows.group.unique()]
    eta = (
        1 - sum(((each - each.mean()) ** 2).sum() for each in pieces) / ((rows.x - rows.x.mean()) ** 2).sum()
    )
    n, k = len(rows), len(pieces)
    assert found.of("x", "group").strength ** 2 == pytest.approx(1 - (1 - eta) * (n - 1) / (n - k))
    assert found.of("x", "group").bound == 0


@pytest.mark.parametrize(
    ("classes", "expected"),
    [
        (None, {"x": "Pearson", "when": "Pearson", "other": "Pearson", "group": "Cramér's V"}),
        ("x", {"when": "Pearson", "other": "Pearson", "group": "Cramér's V"}),
        ("flag", {"x": "Pearson", "other": "Pearson", "group": "Cramér's V"}),
    ],
)
def test_truth_values_are_numbers_beside_numbers_and_groups_beside_groups(classes, expected):
    columns, sample, gram = read(MIXED.assign(other=MIXED.y > 0))
    found = Associations(Coded(columns, sample), gram, classes=classes)
    for name, measure in expected.items():
        assert found.of("flag", name).measure == found.of(name, "flag").measure == measure


def test_a_number_said_to_be_a_class_is_a_group():
    columns, sample, gram = read({"code": [1, 2, 3, 2] * 50, "x": COMMON[:200] + [1.0, 2.0, 9.0, 2.0] * 50})
    found = Associations(Coded(columns, sample), gram, classes="code")
    assert found.of("code", "x").measure == found.of("x", "code").measure == "correlation ratio"
    assert Associations(Coded(columns, sample), gram).of("code", "x").measure == "Pearson"


def test_a_strength_has_no_direction():
    assert positive(Association("a", "b", "Pearson", -0.5, 0.1)) == Association("a", "b", "Pearson", 0.5, 0.1)
    kept = Association("a", "b", "Cramér's V", 0.0, 0.1)
    assert positive(kept) is kept


def test_equally_strong_pairs_are_told_by_name():
    table = {name: COMMON * sign for name, sign in {"c": 1, "a": -1, "d": 1, "b": -1}.items()}
    assert [(a.column, a.other) for a in pairs_of(table).associations] == [
        ("a", "b"), ("a", "d"), ("c", "a"), ("c", "b"), ("c", "d"), ("d", "b"),
    ]  # fmt: skip


def test_the_points_of_a_scatter_are_rows_at_equal_distances():
    x = RNG.normal(size=1000)
    table = {"x": [*x, None, 5.0, math.inf], "y": [*(2 * x), 1.0, None, 3.0]}
    (scatter,) = pairs_of(table).scatters
    rows = np.linspace(0, 999, 300).astype(int)
    assert scatter.points == tuple(zip(x[rows].tolist(), (2 * x[rows]).tolist(), strict=True))
    (scatter,) = pairs_of({"x": x[:40], "y": -x[:40]}).scatters
    assert scatter.points == tuple(zip(x[:40].tolist(), (-x[:40]).tolist(), strict=True))
    assert scatter.strength == pytest.approx(-1)


@pytest.mark.parametrize(("noise", "scattered"), [(3.0, 1), (3.6, 0)])
def test_weakly_related_numbers_are_not_scattered(noise, scattered):
    x, y = unrelated(500)
    found = pairs_of({"x": x, "y": x + noise * y})
    (each,) = found.associations
    assert each.strength == pytest.approx(1 / math.hypot(1, noise))
    assert len(found.scatters) == scattered


@pytest.mark.parametrize(
    ("strength", "y", "scattered"),
    [(0.1, (0, 5, 5, 0), 0), (0.3, (2, 1, 6, 3), 1)],
    ids=["listed", "scattered"],
)
def test_as_strong_as_the_limit_is_strong_enough(strength, y, scattered):
    """Both columns have a sum of squares of 100, of which roots and products are exact."""
    x, y = (
        np.array([sign * each for each in column for sign in (0.5, -0.5)]) for column in ((7, 1, 0, 0), y)
    )
    found = pairs_of({"x": x, "y": y})
    assert [each.strength for each in found.associations] == [strength]
    assert len(found.scatters) == scattered
    assert found.matrix.values == ((1.0, strength), (strength, 1.0))


def test_a_target_among_the_first_columns_moves_none():
    assert pairs_of(related(3), target="x1").matrix.names == ("x0", "x1", "x2")


def test_only_numbers_are_scattered():
    found = pairs_of(MIXED)
    assert {(each.x, each.y) for each in found.scatters} == {("x", "y")}


def test_what_the_sample_lacks_is_not_scattered():
    columns, sample, gram = read({"x": COMMON, "y": COMMON * 2, "z": COMMON * 3})
    for name in ("x", "y"):
        lacking = Sample(sample.table.drop_columns([name]), sample.hashes, sample.weights, sample.rows)
        found = pairs(columns, lacking, gram, settings=SETTINGS)
        assert len(found.associations) == 3
        assert not {name} & {one for each in found.scatters for one in (each.x, each.y)}
        assert len(found.scatters) == 1
    nothing = Sample(sample.table.slice(0, 0), sample.hashes[:0], sample.weights[:0], sample.rows)
    found = pairs(columns, nothing, gram, settings=SETTINGS)
    assert (len(found.associations), found.scatters) == (3, ())


@pytest.mark.parametrize(("names", "left_out"), [(PAIRED - 1, 0), (PAIRED, 0), (PAIRED + 1, 1)])
def test_each_two_of_a_hundred_columns_are_paired(names, left_out):
    found = pairs_of(pd.DataFrame(related(names, rows=30)))
    assert found.left_out == left_out
    known = sum(each is not None for line in found.matrix.values for each in line)
    assert (len(found.matrix.names), known, found.matrix.left_out) == (WIDE, WIDE**2, names - WIDE)


def test_beyond_a_hundred_columns_strong_pairs_and_those_of_the_target_are_found():
    random = np.random.default_rng(6)
    table = {f"x{n}": random.normal(size=300) for n in range(PAIRED + 10)}
    table["twin"] = table[f"x{PAIRED + 5}"] + 0.01 * random.normal(size=300)
    table["aim"] = table["x0"] + random.normal(size=300)
    found = pairs_of(pd.DataFrame(table), target="aim")
    assert None not in found.matrix.values[-1], "also what goes together weakly"
    strongest = {(each.column, each.other) for each in found.associations[:2]}
    assert strongest == {(f"x{PAIRED + 5}", "twin"), ("x0", "aim")}
    assert found.left_out == 12
    assert found.matrix.names[-1] == "aim"


def test_strengths_below_a_tenth_are_not_listed_but_stand_in_the_matrix():
    x, y = unrelated(200)
    for slope, listed in ((0.09, 0), (0.11, 1)):
        found = pairs_of({"x": x, "y": slope * x + (1 - slope**2) ** 0.5 * y, "z": -x})
        weak = [each for each in found.associations if "y" in (each.column, each.other)]
        assert len(weak) == 2 * listed
        assert found.matrix.values[0][1] == pytest.approx(slope)
        assert found.matrix.values[1][2] == pytest.approx(-slope)
        assert [found.matrix.values[k][k] for k in range(3)] == [1.0] * 3


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
