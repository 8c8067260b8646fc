"""Whether there are enough rows, and for what."""

import pytest
from asked import DAYS, NOISE, ROWS, answer, choice, rng, table, values

import dsml_magics as dsml


@pytest.mark.parametrize(
    ("rows", "features", "verdict"), [(2000, 5, "yes"), (300, 10, "scarce"), (100, 20, "no")]
)
def test_enough_holds_the_rarest_class_against_the_features(rows, features, verdict):
    profile = dsml.profile(table(rows, features), target="y")
    found = answer(profile, "enough").answer
    assert found.code == f"question.enough_{verdict}"
    assert found.values["counted"] == profile.columns["y"].top[-1][1]
    assert found.values["features"] == features


def test_categories_are_features_each():
    profile = dsml.profile({"a": choice([*"abcde"]), "b": NOISE, "y": choice([0, 1], seed=4)}, target="y")
    assert answer(profile, "enough").answer.values["features"] == 5


def test_of_a_quantity_all_rows_count():
    profile = dsml.profile({"a": NOISE, "y": rng.normal(size=ROWS)}, target="y")
    assert values(profile, "enough", "enough_rows")[0]["rows"] == ROWS
    assert values(profile, "enough", "enough_test_values")[0]["margin"] == pytest.approx(1.96 / 200**0.5)


@pytest.mark.parametrize(
    ("rows", "p", "model"),
    [
        (3200, (0.5, 0.5), "boosting"),
        (3200, (0.95, 0.05), "linear_class"),
        (2900, (0.5, 0.5), "linear"),
    ],
)
def test_the_kind_of_model_depends_on_the_rows(rows, p, model):
    profile = dsml.profile(table(rows, 30, p), target="y")
    (found,) = values(profile, "enough", f"enough_{model}")
    assert (found["limit"], found["least"]) == (3000, 400)


def test_a_test_set_tells_so_much():
    profile = dsml.profile(table(2000, 5), target="y")
    assert values(profile, "enough", "enough_test_classes")[0]["margin"] == pytest.approx(0.049)


def test_without_features_it_cannot_be_said():
    assert answer(dsml.profile({"a": [1, 1, 1]}), "enough").answer.code == "question.enough_no_features"


def test_rows_of_a_series_are_not_independent():
    assert values(dsml.profile({"t": DAYS, "x": NOISE}), "enough", "enough_series")
