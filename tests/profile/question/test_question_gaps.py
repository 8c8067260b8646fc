"""What is missing, and how it is treated."""

import numpy as np
import pytest
from asked import DAYS, NOISE, ROWS, answer, choice, gaps, mixed, values

import dsml_magics as dsml


def test_missing_cells_are_counted():
    profile = dsml.profile({"a": [1, None, 3, 4], "b": ["x", None, None, "y"]})
    (found,) = values(profile, "missing", "missing_answer")
    assert (found["cells"], found["share"], found["complete"]) == (3, 0.375, 2)


def test_without_gaps_there_is_nothing_to_treat():
    profile = dsml.profile({"a": [1, 2, 3]})
    assert answer(profile, "missing").answer.code == "question.missing_none"
    assert answer(profile, "treatment").answer.code == "question.treatment_none"


@pytest.mark.parametrize(
    ("column", "treated"),
    [
        ("height", "treatment_median"),
        ("weight", "treatment_median_indicator"),
        ("grade", "treatment_category"),
        ("colour", "treatment_frequent"),
        ("flag", "treatment_frequent_indicator"),
        ("note", "treatment_empty"),
        ("left", "treatment_keep_indicator"),
        ("when", "treatment_rows"),
        ("empty", "treatment_drop"),
        ("only", "treatment_presence"),
        ("price", "treatment_convert"),
        ("nested", "treatment_keep"),
    ],
)
def test_gaps_are_treated_as_their_column_and_number_ask(column, treated):
    profile = dsml.profile({column: mixed()[column], "other": NOISE.tolist()})
    assert [each["column"] for each in values(profile, "treatment", treated)] == [column]


RELATED = {
    "treatment_median_related": NOISE.tolist(),
    "treatment_frequent_related": choice([True, False], seed=3),
    "treatment_category_related": choice(["a", "b"], seed=3),
    "treatment_keep_related": np.random.default_rng(3).permutation(DAYS).tolist(),
    "treatment_empty_related": [f"a few words about case {n}" for n in range(ROWS)],
    "treatment_presence_related": ["x"] * ROWS,
    "treatment_convert_related": [f"{n % 40},5" for n in range(ROWS)],
}


@pytest.mark.parametrize(("treated", "column"), RELATED.items(), ids=RELATED)
def test_gaps_that_go_with_the_target_are_told_from_values(treated, column):
    y = choice([0, 1], seed=2)
    x = [None if goal and n % 2 else value for n, (goal, value) in enumerate(zip(y, column, strict=True))]
    profile = dsml.profile({"x": x, "y": y}, target="y")
    (found,) = values(profile, "treatment", treated)
    assert found["strength"] > 0.4


@pytest.mark.parametrize(
    ("share", "treated"), [(0.02, "treatment_interpolate"), (0.2, "treatment_interpolate_indicator")]
)
def test_a_series_in_time_is_interpolated(share, treated):
    profile = dsml.profile({"t": DAYS, "x": gaps(NOISE, share)})
    assert values(profile, "treatment", treated)


def test_gaps_of_a_series_that_go_with_the_target_get_an_indicator():
    y = choice([0, 1], seed=2)
    x = [None if goal and n % 2 else value for n, (goal, value) in enumerate(zip(y, NOISE, strict=True))]
    profile = dsml.profile({"t": DAYS, "x": x, "y": y}, target="y")
    assert values(profile, "treatment", "treatment_interpolate_related")
