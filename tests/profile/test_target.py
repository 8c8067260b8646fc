"""The target, and how it goes with every column."""

import datetime as dt
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from summaries import read, read_sampled, read_weighted

from dsml_magics.errors import ColumnUnusable
from dsml_magics.profile.bands import MISSING, OTHER
from dsml_magics.profile.target import CLASSES, PLOTS, quantiles, require_usable, target_of

RNG = np.random.default_rng(0)


def goal_of(table, target, *, reader=read):
    return target_of(*reader(table), target=target)


def plot_of(table, target, column):
    (plot,) = [plot for plot in goal_of(table, target).plots if plot.column == column]
    return {group.label: group for group in plot.groups}


@pytest.mark.parametrize(
    ("values", "task", "classes"),
    [
        (["yes", "no", "no", None], "classes", ("no", "yes")),
        ([True, False, False], "classes", (False, True)),
        ([0, 1, 1, None], "classes", (1.0, 0.0)),
        ([0, 1, 1], "classes", (1, 0)),
        ([n * 1.5 for n in range(30)], "values", ()),
        ([dt.datetime(2024, 1, 1 + n) for n in range(30)], "values", ()),
    ],
)
def test_the_task_follows_from_the_values(values, task, classes):
    found = goal_of({"x": [n % 7 for n in range(len(values))], "y": values}, "y")
    assert (found.task, found.classes) == (task, classes)


def test_the_strongest_column_comes_first_and_the_target_is_left_out():
    y = RNG.choice(["yes", "no"], 400)
    table = {"noise": RNG.normal(size=400), "y": y, "copy": np.where(y == "yes", "J", "N")}
    found = goal_of(table, "y")
    assert [(each.column, each.other) for each in found.associations] == [("copy", "y"), ("noise", "y")]
    assert found.associations[0].strength == pytest.approx(1.0)
    assert [plot.column for plot in found.plots] == ["copy", "noise"]


def test_shares_of_the_classes_agree_with_pandas():
    table = pd.DataFrame(
        {"g": RNG.choice(["a", "b", None], 300), "y": RNG.choice(["p", "q", "r", None], 300)}
    )
    found = plot_of(table, "y", "g")
    expected = pd.crosstab(table["g"].fillna(MISSING), table["y"])
    classes = list(goal_of(table, "y").classes)
    assert set(found) == set(expected.index)
    for label, counts in expected[classes].iterrows():
        assert found[label].rows == counts.sum()
        assert found[label].shares == pytest.approx(counts / counts.sum())


def test_means_and_quartiles_agree_with_pandas():
    table = pd.DataFrame({"g": RNG.choice(["a", "b", None], 300), "y": RNG.normal(size=300)})
    table.loc[::7, "y"] = None
    expected = table.dropna(subset="y").fillna({"g": MISSING}).groupby("g")["y"]
    found = plot_of(table, "y", "g")
    for label, values in expected:
        group = found[label]
        assert (group.rows, group.mean) == (len(values), pytest.approx(values.mean()))
        assert (group.lower, group.upper) == pytest.approx((values.quantile(0.25), values.quantile(0.75)))


def test_other_classes_are_one():
    found = goal_of({"x": RNG.normal(size=400), "y": [f"class {n % 15}" for n in range(400)]}, "y")
    assert len(found.classes) == CLASSES + 1
    assert found.classes[-1] is None
    assert all(sum(group.shares) == pytest.approx(1) for plot in found.plots for group in plot.groups)


def test_other_categories_are_one():
    found = plot_of({"x": [f"c{n % 15}" for n in range(400)], "y": RNG.normal(size=400)}, "y", "x")
    assert list(found)[-1] == OTHER
    assert sum(group.rows for group in found.values()) == 400


def test_a_moment_is_associated_but_not_plotted():
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(50), unit="D")
    found = goal_of({"x": np.arange(50) ** 2, "y": days}, "y")
    assert found.associations[0].measure == "Pearson"
    assert found.plots == ()


def test_at_most_twelve_columns_are_plotted():
    table = {f"x{n}": RNG.normal(size=50) for n in range(20)}
    found = goal_of(table | {"y": RNG.normal(size=50)}, "y")
    assert (len(found.associations), len(found.plots)) == (20, PLOTS)


def test_rows_that_stand_several_times_count_as_often():
    weights = RNG.integers(1, 6, 50)
    table = pd.DataFrame(
        {"x": RNG.normal(size=50).round(1), "g": RNG.choice(list("ab"), 50), "y": RNG.normal(size=50)}
    )
    once = target_of(*read_weighted(table, weights), target="y")
    whole = goal_of(table.loc[np.repeat(table.index, weights)], "y")
    for one, other in zip(once.plots, whole.plots, strict=True):
        for group, expected in zip(one.groups, other.groups, strict=True):
            assert (group.label, group.rows) == (expected.label, expected.rows)
            assert (group.mean, group.lower, group.upper) == pytest.approx(
                (expected.mean, expected.lower, expected.upper)
            )


def test_a_sample_is_scaled_to_the_table():
    g = RNG.choice(["a", "b"], 50_000, p=[0.8, 0.2])
    table = pd.DataFrame({f"x{n}": RNG.normal(size=50_000) for n in range(28)}).assign(g=g, y=g == "a")
    found = goal_of(table, "y", reader=read_sampled)
    groups = {group.label: group for plot in found.plots if plot.column == "g" for group in plot.groups}
    assert groups["a"].rows == pytest.approx(40_000, rel=0.05)
    assert groups["a"].shares == (1.0, 0.0)


@given(st.lists(st.tuples(st.integers(-5, 5), st.integers(1, 4)), min_size=1, max_size=20), st.floats(0, 1))
def test_weighted_quantiles_are_numpys(rows, share):
    values, counts = (np.array(each, float) for each in zip(*sorted(rows), strict=True))
    expected = np.quantile(np.repeat(values, counts.astype(int)), share)
    assert quantiles(values, counts, (share,)) == pytest.approx([expected], abs=1e-9)


ODD = {
    "one row": {"x": [1.0], "y": [2.0]},
    "one class": {"x": [1.0, 2.0, 3.0], "y": ["a", "a", "a"]},
    "all missing beside": {"x": [None, None], "y": [1, 2]},
    "infinite": {"x": [math.inf, 1.0, -math.inf] * 10, "y": [math.inf, *np.arange(29.0)]},
    "only infinite": {"x": np.arange(30.0), "y": [math.inf, -math.inf] * 15},
    "near the end of the range": {
        "x": np.linspace(-1, 1, 40) * 1.7e308,
        "y": np.linspace(-1, 1, 40) * 1.7e308,
    },
    "lists": {"x": [[1], [2], [3]], "y": [1, 2, 3]},
    "ten thousand classes": {"x": np.arange(10_000.0), "y": [f"c{n}" for n in range(10_000)]},
    "ten thousand categories": {"x": [f"c{n} d e f g" for n in range(10_000)], "y": np.arange(10_000.0)},
    "texts": {"x": [1.5, 2.5] * 15, "y": [f"a longer note on case {n}" for n in range(30)]},
}


@pytest.mark.parametrize("table", ODD.values(), ids=ODD)
def test_odd_columns_have_strengths_and_groups(table):
    found = goal_of(table, "y")
    assert all(0 <= each.strength <= 1 for each in found.associations)
    numbers = [
        number
        for plot in found.plots
        for group in plot.groups
        for number in (group.mean, group.lower, *group.shares)
    ]
    assert all(number is None or math.isfinite(number) for number in numbers)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([None, None], "Expected values in the target 'y', got 2 missing ones"),
        ([[1], [2]], "numbers, classes or times"),
        ([b"a", b"b"], "binary"),
    ],
)
def test_a_target_that_nothing_can_be_predicted_of_is_refused(values, message):
    columns, *_ = read({"x": [1, 2], "y": values})
    with pytest.raises(ColumnUnusable, match=message):
        require_usable(columns["y"])
