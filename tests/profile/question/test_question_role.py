"""What each column is as an input of a model."""

import numpy as np
import pytest
from asked import NOISE, said, values

import dsml_magics as dsml


@pytest.mark.parametrize(
    ("role", "columns"),
    [
        ("leak", ("copy",)),
        ("personal", ("mail",)),
        ("key", ("id",)),
        ("useless", ("one",)),
        ("gappy", ("empty",)),
        ("presence", ("only",)),
        ("convert", ("price", "born")),
        ("parts", ("left", "when")),
        ("words", ("note",)),
        ("unpack", ("parts", "nested")),
        ("encode", ("city",)),
        ("inflated", ("gain",)),
        ("straighten", ("income",)),
    ],
)
def test_inputs_are_sorted_by_what_they_need(report, role, columns):
    assert [each["columns"] for each in values(report, "inputs", f"inputs_{role}")] == [columns]


@pytest.mark.parametrize(
    ("column", "advice", "clipped"),
    [
        ([*NOISE[:980], *[-70.0, 80.0] * 10], "outliers_single", True),
        ([*NOISE[:800], *(NOISE[:200] * 50)], "outliers_wide", False),
        (np.exp(NOISE).tolist(), "outliers_tail", False),
        ([*[40] * 600, *range(-160, 240)], "outliers_flat", False),
    ],
)
def test_only_values_that_may_be_errors_are_clipped(column, advice, clipped):
    profile = dsml.profile({"x": column})
    assert [each["column"] for each in values(profile, "outliers", advice)] == ["x"]
    lines = [insight.pandas for insight in profile.insights if insight.code in ("outliers", "deviants")]
    assert any(lines) is clipped


def test_the_code_for_zeros_does_what_is_advised(report):
    (insight,) = (each for each in report.insights if each.code == "zeros")
    assert "log1p" in insight.pandas
    assert "gain_zero" in insight.pandas
    assert "Add a flag for 0, and take the logarithm" in " ".join(said(report, "inputs"))


def test_of_twins_one_is_left_out(report):
    twins = {name for each in values(report, "inputs", "inputs_twin") for name in each["columns"]}
    assert len(twins & {"twin", "original"}) == 1


def test_inputs_are_counted(report):
    (found,) = values(report, "inputs", "inputs_answer")
    assert found["columns"] == 26 == found["ready"] + found["engineer"] + found["out"]
