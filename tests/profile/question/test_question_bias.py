"""Whether the target differs between groups of people."""

import numpy as np
import pytest
from asked import NOISE, answer, values

import dsml_magics as dsml
from dsml_magics.profile.column import Column
from dsml_magics.profile.figures import Figures, Group, Target
from dsml_magics.profile.question import questions
from dsml_magics.profile.settings import Settings


def test_bias_compares_groups_by_the_four_fifths_rule():
    sex = ["f", "m"] * 500
    y = ["yes" if n % 10 < (2 if s == "f" else 6) else "no" for n, s in enumerate(sex)]
    profile = dsml.profile({"sex": sex, "y": y}, target="y")
    (found,) = values(profile, "bias", "bias_found")
    low, high = (sum(v == "yes" for v, s in zip(y, sex, strict=True) if s == g) / 500 for g in "fm")
    assert (found["low"], found["high"]) == ("f", "m")
    assert found["ratio"] == pytest.approx(low / high)


def test_equal_groups_are_not_said_to_be_biased():
    profile = dsml.profile({"sex": ["f", "m"] * 500, "y": [0, 0, 1, 1] * 250}, target="y")
    assert answer(profile, "bias").answer.code == "question.bias_not_found"


def test_what_may_be_chance_is_not_called_bias():
    sex = ["f", "m"] * 40
    y = ["yes" if n in (0, 2, 1, 3, 5) else "no" for n in range(80)]
    profile = dsml.profile({"sex": sex, "y": y}, target="y")
    assert answer(profile, "bias").answer.code == "question.bias_chance"


def test_means_of_few_rows_differ_by_chance():
    y = np.exp(2 * NOISE[:80])
    y[1::2] *= 3
    profile = dsml.profile({"sex": ["f", "m"] * 40, "y": y}, target="y")
    assert answer(profile, "bias").answer.code == "question.bias_chance_mean"


@pytest.mark.parametrize(("shift", "code"), [(0.0, "bias_not_found_mean"), (30.0, "bias_found_mean")])
def test_means_are_compared_too(shift, code):
    sex = ["f", "m"] * 500
    y = [50 + noise + shift * (s == "m") for noise, s in zip(NOISE, sex, strict=True)]
    profile = dsml.profile({"sex": sex, "y": y}, target="y")
    assert answer(profile, "bias").answer.code == f"question.{code}"


def test_without_groups_bias_cannot_be_said():
    assert answer(dsml.profile({"x": NOISE}), "bias").answer.code == "question.bias_none"


def test_without_a_target_the_sizes_of_groups_are_told():
    profile = dsml.profile({"team": ["a"] * 90 + ["b"] * 10}, groups=["team"])
    (found,) = values(profile, "bias", "bias_sizes")
    assert (found["label"], found["rows"], found["share"]) == ("b", 10, 0.1)
    assert values(profile, "bias", "bias_small")[0]["labels"] == ("b",)


def test_a_target_below_zero_has_no_ratio():
    columns = {"y": Column("y", "numeric", "double", 200, 0, 200)}
    groups = (Group("sex", "f", 100, 0.5, -1.0), Group("sex", "m", 100, 0.5, 1.0))
    figures = Figures(rows=200, columns=columns, target=Target("y", ()), groups=groups)
    assert questions(figures, Settings())[-1].answer.code == "question.bias_not_comparable"


def test_gaps_that_differ_between_groups_are_told():
    sex = ["f", "m"] * 500
    x = [None if s == "f" and n % 4 else v for n, (v, s) in enumerate(zip(NOISE, sex, strict=True))]
    assert values(dsml.profile({"sex": sex, "x": x}), "bias", "bias_gaps")[0]["high"] == "f"
