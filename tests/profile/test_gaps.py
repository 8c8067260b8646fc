"""Whether the target goes with where a column is missing."""

import numpy as np
import pandas as pd
import pytest

import dsml_magics as dsml

rng = np.random.default_rng(0)
ROWS = 2000
CLASSES = rng.choice(["a", "b"], ROWS)
GONE = rng.random(ROWS) < np.where(CLASSES == "a", 0.4, 0.1)
X = np.where(GONE, np.nan, rng.normal(size=ROWS))


def test_classes_are_held_against_the_gaps_by_cramers_v():
    from scipy.stats.contingency import association

    (found,) = dsml.profile({"x": X, "y": CLASSES}, target="y").target.gaps
    assert (found.column, found.other, found.measure) == ("x", "y", "Cramér's V")
    expected = association(pd.crosstab(GONE, CLASSES).to_numpy(), "cramer")
    assert found.strength == pytest.approx(expected, abs=0.005)


def test_values_are_held_against_the_gaps_by_their_correlation():
    y = rng.normal(size=ROWS) + GONE
    (found,) = dsml.profile({"x": X, "y": y}, target="y").target.gaps
    assert found.measure == "correlation ratio"
    assert found.strength == pytest.approx(np.corrcoef(GONE, y)[0, 1], abs=0.005)


def test_only_columns_with_gaps_and_values_count_strongest_first():
    table = {
        "full": range(ROWS),
        "empty": [None] * ROWS,
        "random": np.where(rng.random(ROWS) < 0.2, np.nan, 1.5),
        "x": X,
    }
    found = dsml.profile({**table, "y": CLASSES}, target="y").target.gaps
    assert [each.column for each in found] == ["x", "random"]


def test_rows_without_the_target_are_left_out():
    y = np.where(GONE, None, CLASSES)
    (found,) = dsml.profile({"x": [*X[:-1], np.nan], "y": [*y[:-1], "a"]}, target="y").target.gaps
    assert found.strength < 0.1
