"""The budget of false alarms is kept, and differences that matter are found."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from summaries import columns_of, read_sampled
from two_tables import DIFFERENCES, alarms, categories, clean, moved

import dsml_magics as dsml
from dsml_magics.profile.drift import comparison
from dsml_magics.profile.permutation import total_variation_p
from dsml_magics.profile.settings import Settings
from dsml_magics.profile.two_samples import TwoSamples

pytestmark = pytest.mark.slow

ALARMS = {"drift", "missing_changed", "category_new", "category_gone", "correlation_changed"}


def at_most(number, share):
    """As many as there are hardly ever more of, if each comes with this probability."""
    return stats.binom.ppf(0.9999, number, share)


@pytest.mark.parametrize(
    ("rows", "width", "pairs"),
    [((100, 100), 5, 40), ((100, 60), 200, 1), ((1000, 1000), 30, 10), ((20_000, 20_000), 11, 3)],
)
def test_whole_tables_of_one_distribution_keep_to_the_budget(rows, width, pairs):
    random = np.random.default_rng(width)
    raised = sum(bool(alarms(*clean(random, rows, width))) for _ in range(pairs))
    # The tables are always the same ones: a bound as low as this cannot fail by chance from run to run.
    assert raised <= stats.binom.ppf(0.96, pairs, 0.01)


def p_of_numbers(random, rows, draw):
    both = [np.sort(draw(random, n)).astype(float) for n in rows]
    return TwoSamples(tuple(both), tuple(np.ones(n) for n in rows), rows).p_value()


def p_of_categories(random, rows, number, *, even):
    names = categories(random, sum(rows), number, even=even)
    places, values = pd.factorize(names)
    sides = [np.bincount(each, minlength=len(values)).astype(float) for each in np.split(places, rows[:1])]
    return total_variation_p(*sides)


@pytest.mark.parametrize("rows", [(100, 100), (1000, 200), (20_000, 2000)], ids=str)
def test_single_columns_keep_their_level(rows):
    random = np.random.default_rng(0)
    judges = [
        lambda: p_of_numbers(random, rows, lambda r, n: r.normal(size=n)),
        lambda: p_of_numbers(random, rows, lambda r, n: r.poisson(1, n)),
        lambda: p_of_numbers(random, rows, lambda r, n: r.poisson(0.1, n)),
        *(
            lambda number=number: p_of_categories(random, rows, number, even=False)
            for number in (2, 5, 40, 1000)
        ),
        lambda: p_of_categories(random, rows, max(rows[1] // 2, 2), even=True),
    ]
    found = np.array(
        [[judge() for judge in judges] for _ in range(4_000_000 // (sum(rows) * len(judges) + 10_000))]
    )
    for level in (0.01, 0.001):
        # Tails of few categories are lattices: a level is kept up to a factor of two.
        assert ((found <= level).sum(axis=0) <= at_most(len(found), 2 * level)).all()


@pytest.mark.parametrize("difference", DIFFERENCES)
def test_what_a_user_would_want_to_know_is_found_in_20_000_rows(difference):
    found = alarms(*moved(np.random.default_rng(1), 20_000, difference))
    codes = {
        "missing": {"missing_changed"},
        "new category": {"drift", "category_new"},
        "mean": {"drift"},
        "shares": {"drift"},
        "correlation": {"correlation_changed"},
    }[difference]
    assert found == {(code, "moved") for code in codes}


def test_the_budget_is_the_users():
    values = stats.norm.ppf(np.arange(1, 301) / 301)
    first, second = pd.DataFrame({"x": values}), pd.DataFrame({"x": values + 0.2})
    p_value = dsml.profile(first, compare=second).comparison.drifts[0].p_value
    assert 0.01 < p_value < 0.1
    assert not alarms(first, second)
    assert alarms(first, second, Settings(thresholds={"false_alarms": 0.1})) == {("drift", "x")}
    assert (
        alarms(first, second, Settings(thresholds={"false_alarms": 0.1, "drift_least": 0.5, "drift": 0.6}))
        == set()
    )


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_budget_is_stated_in_every_view(language):
    first, second = clean(np.random.default_rng(0), (200, 200), 8)
    profile = dsml.profile(first, compare=second, lang=language, thresholds=["false_alarms=0.02"])
    assert "2.0%" in profile.to_text().partition("Compared with" if language == "en" else "비교")[2]
    assert "2.0%" in profile.to_html()
    assert profile.to_dict()["comparison"]["false_alarms"] == 0.02
    assert profile.comparison.tests > 8


def test_a_table_does_not_differ_from_itself():
    table, _ = clean(np.random.default_rng(0), (3000, 1), 22)
    profile = dsml.profile(table, compare=table)
    assert {drift.distance for drift in profile.comparison.drifts} == {0.0}
    assert {drift.p_value for drift in profile.comparison.drifts} == {1.0}
    assert not [insight for insight in profile.insights if insight.code in ALARMS]


def test_a_column_with_ties_does_not_differ_from_itself_when_summarised():
    random = np.random.default_rng(0)
    table = {"few": random.integers(0, 2, 200_000) / 3, "many": random.poisson(30, 200_000) / 3}
    columns = read_sampled(table)[0]
    drifts = comparison(columns, columns, rows=200_000, overlap=None, origin="").drifts
    assert {(drift.distance, drift.p_value) for drift in drifts} == {(0.0, 1.0)}
    halves = [
        read_sampled({name: values[side] for name, values in table.items()})[0]
        for side in (slice(0, None, 2), slice(1, None, 2))
    ]
    drifts = comparison(*halves, rows=100_000, overlap=None, origin="").drifts
    assert max(drift.distance for drift in drifts) < 0.01
    assert min(drift.p_value for drift in drifts) > 0.01


@pytest.mark.parametrize(
    ("here", "there", "distance"),
    [
        ([1.0, 2, 3, None], [1.0, 2, None, None], 0.25),
        (["a", "b", "b", None], ["a", "b", None, None], 0.25),
        (["a", "a", "b", None], ["a", "a", "b", "b"], 0.25),
        ([1.0, 2, 3, 4], [None, None, None, 4], 0.75),
        ([None, None, 1.0], [None, None, None], 1 / 3),
    ],
)
def test_missing_is_a_value_of_its_own(here, there, distance):
    (drift,) = comparison(
        columns_of({"x": here}), columns_of({"x": there}), rows=len(there), overlap=None, origin=""
    ).drifts
    assert drift.distance == pytest.approx(distance)


def test_gaps_of_columns_that_cannot_be_compared_are():
    notes = [f"a note on case {n}" for n in range(400)]
    found = alarms({"x": notes}, {"x": [None] * 100 + notes[100:]})
    assert found == {("missing_changed", "x")}


def test_categories_of_one_table_alone_are_named():
    random = np.random.default_rng(0)
    first, second = random.choice(["a", "b", "old"], 500), random.choice(["a", "b", "new"], 400)
    first[0] = "rare"
    (drift,) = dsml.profile({"x": first}, compare={"x": second}).comparison.drifts
    assert [(each.value, each.rows) for each in drift.lost_categories] == [("old", (first == "old").sum())]
    assert [(each.value, each.rows) for each in drift.new_categories] == [("new", (second == "new").sum())]


def test_personal_values_are_not_named():
    mails = [f"p{n % 9}@example.org" for n in range(400)]
    profile = dsml.profile(
        {"x": mails}, compare={"x": ["q@example.org"] * 100 + mails[100:]}, kinds=["x=categorical"]
    )
    assert ("category_new", "x") in {(insight.code, insight.column) for insight in profile.insights}
    assert "q@example.org" not in profile.to_text() + profile.to_html()


def test_tables_are_named_by_their_variables():
    train, test = clean(np.random.default_rng(0), (200, 200), 4)
    profile = dsml.profile(train, compare=test)
    assert profile.comparison.names == ("train", "test")
    assert "200 rows in train, 200 in test." in profile.to_text()
    assert "train 200개 행, test 200개 행" in profile.to_text(lang="ko")
    assert dsml.profile(train[:100], compare=test[:100]).comparison.names == ("", "")
    assert (
        "rows in this table, 100 in the compared table"
        in dsml.profile(train[:100], compare=test[:100]).to_text()
    )
    assert dsml.Profile.from_bytes(profile.to_bytes()).comparison.names == ("train", "test")


def test_tables_are_named_by_their_files(tmp_path):
    table = pd.DataFrame({"x": range(9)})
    for folder, name in (("a", "train"), ("b", "train"), ("a", "test")):
        (tmp_path / folder).mkdir(exist_ok=True)
        table.to_csv(tmp_path / folder / f"{name}.csv", index=False)
    one, other, test = (tmp_path / part for part in ("a/train.csv", "b/train.csv", "a/test.csv"))
    assert dsml.profile(one, compare=test).comparison.names == ("train.csv", "test.csv")
    assert dsml.profile(one, compare=other).comparison.names == (str(one), str(other))


def test_a_comparison_of_an_earlier_release_is_read():
    first, second = clean(np.random.default_rng(0), (200, 200), 4)
    profile = dsml.profile(first, compare=second.assign(x0=second.x0 + 3))
    old = profile.to_dict() | {"schema": "dsml.profile/2"}
    for name in ("false_alarms", "tests", "correlations", "names"):
        del old["comparison"][name]
    for drift in old["comparison"]["drifts"]:
        for name in ("present_distance", "p_value", "missing_p_value", "new_categories", "lost_categories"):
            del drift[name]
    old["insights"] = [
        insight
        | {
            "evidence": {
                k: v for k, v in insight["evidence"].items() if k not in ("table", "compared", "p_value")
            }
        }
        for insight in old["insights"]
    ]
    read = dsml.Profile.from_json(json.dumps(old))
    assert read.comparison.false_alarms is None
    assert "differs between this table and the compared table" in read.to_text()
    assert "x0" in read.to_html()
