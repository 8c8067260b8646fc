"""How columns are distributed, what lies far from the rest, and what goes together."""

import datetime as dt

import numpy as np
import pytest
from asked import NOISE, ROWS, answer, choice, rng, values

import dsml_magics as dsml


def test_the_distribution_tells_the_target_first(report):
    assert values(report, "distribution", "distribution_groups")[0]["column"] == "status"


def test_the_distribution_of_numbers_has_quartiles():
    (found,) = values(dsml.profile({"x": [*range(101), 50]}), "distribution", "distribution_even")
    assert (found["lower"], found["median"], found["upper"]) == (25.25, 50, 74.75)


def test_classes_that_are_numbers_are_described_as_classes():
    profile = dsml.profile({"x": NOISE, "y": choice([0, 1])}, target="y")
    assert values(profile, "distribution", "distribution_groups")[0]["column"] == "y"


def test_moments_without_a_step_have_their_ends():
    moments = [dt.datetime(2024, 1, 1) + dt.timedelta(minutes=n * n) for n in range(ROWS)]
    profile = dsml.profile({"t": np.random.default_rng(0).permutation(moments)})
    assert values(profile, "distribution", "distribution_times")[0]["min"] == "2024-01-01 00:00:00"


def test_outliers_are_told_from_tails_and_wide_distributions():
    profile = dsml.profile(
        {
            "errors": [*NOISE[:-3], 70.0, 80.0, -90.0],
            "tail": np.exp(NOISE),
            "log": np.exp(2 * NOISE),
            "peak": [*NOISE[:800], *(NOISE[:200] * 50)],
            "infinite": [*NOISE[:-1], np.inf],
        }
    )
    assert [each["column"] for each in values(profile, "outliers", "outliers_single")] == ["errors"]
    assert {each["column"] for each in values(profile, "outliers", "outliers_infinite")} == {"infinite"}
    assert [each["column"] for each in values(profile, "outliers", "outliers_tail")] == ["tail"]
    assert {each["column"] for each in values(profile, "outliers", "outliers_wide")} == {"log", "peak"}


@pytest.mark.parametrize(
    ("columns", "code"), [({"x": NOISE}, "outliers_none"), ({"x": ["a", "b"] * 9}, "outliers_no_numbers")]
)
def test_no_outliers_are_said_to_be_none(columns, code):
    assert answer(dsml.profile(columns), "outliers").answer.code == f"question.{code}"


def test_relations_name_the_strongest_pair(report):
    assert values(report, "relations", "relations_answer_target")[0]["column"] == "copy"
    profile = dsml.profile({"a": NOISE, "b": NOISE * 2 + rng.normal(size=ROWS), "c": rng.normal(size=ROWS)})
    (found,) = values(profile, "relations", "relations_answer")
    assert (found["column"], found["other"]) == ("a", "b")


def test_without_relations_this_is_said():
    profile = dsml.profile({"a": NOISE, "c": rng.normal(size=ROWS)})
    assert answer(profile, "relations").answer.code == "question.relations_none"


def test_a_target_that_nothing_goes_with_is_said_to_be_one():
    table = {"a": NOISE, "b": NOISE * 2 + rng.normal(size=ROWS), "y": choice(["n", "m"], seed=77)}
    found = answer(dsml.profile(table, target="y"), "relations").answer
    assert found.code == "question.relations_answer_no_target"
