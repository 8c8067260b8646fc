"""What deserves a second look: found where it is, mended by the line that is suggested, and silent elsewhere."""

import numpy as np
import pandas as pd
import pytest
from columns import NOISE, found

import dsml_magics as dsml
from dsml_magics.profile.column import Column
from dsml_magics.profile.figures import Figures, Missing, MissingPattern
from dsml_magics.profile.insight import insights
from dsml_magics.profile.settings import Settings


def clean(seed, rows):
    random = np.random.default_rng(seed)
    return {
        "normal": random.normal(size=rows),
        "uniform": random.uniform(size=rows),
        "gamma": random.gamma(9, size=rows),
        "count": random.poisson(4, size=rows),
        "rare": random.poisson(0.2, size=rows),
        "flag": random.choice([True, False], size=rows),
        "group": random.choice(["a", "b", "c"], size=rows),
        "moment": pd.Timestamp("2024-01-01") + pd.to_timedelta(random.integers(0, 10**7, rows), unit="s"),
    }


@pytest.mark.parametrize("rows", [100, 1000, 20_000])
def test_clean_data_is_silent(rows):
    for seed in range(3):
        assert [(i.code, i.column) for i in dsml.profile(clean(seed, rows)).insights] == []


@pytest.mark.parametrize("rows", [60, 300, 3000])
def test_two_samples_of_the_same_are_no_drift(rows):
    for seed in range(1, 6):
        profile = dsml.profile(clean(seed, rows), compare=clean(seed + 100, rows // 2))
        assert [
            (i.code, i.column) for i in profile.insights if "drift" in i.code or "changed" in i.code
        ] == []


def test_gaps_at_random_do_not_go_with_the_target():
    for seed in range(20):
        random = np.random.default_rng(seed)
        x = np.where(random.random(300) < 0.1, np.nan, random.normal(size=300))
        profile = dsml.profile({"x": x, "y": random.choice(["a", "b", "c"], 300)}, target="y")
        assert found(profile, "missing_related_to_target", "x") is None


def test_a_silenced_insight_does_not_appear():
    figures = Figures(rows=3, columns={"x": Column("x", "empty", "null", 3, 3, 0)})
    assert [i.code for i in insights(figures, Settings())] == ["all_missing"]
    assert insights(figures, Settings(silenced=frozenset({"all_missing"}))) == ()


def test_a_figure_that_is_not_exact_says_its_bound():
    column = Column("x", "categorical", "string", 10**7, 0, 80_000, bounds={"distinct": 0.02})
    (insight,) = insights(Figures(rows=10**7, columns={"x": column}), Settings())
    assert insight.evidence["bound"] == 1600
    assert insight.message.endswith("(±1600)")


def test_no_value_of_a_personal_column_is_shown():
    mails = ["kim@example.org"] * 300 + ["KIM@example.org"] * 100
    profile = dsml.profile({"x": mails, "z": NOISE})
    assert {i.code for i in profile.insights if i.column == "x"} >= {"personal_email", "spelling_variants"}
    assert not any("kim" in str(i.evidence).lower() for i in profile.insights)
    assert not any("kim" in str(q).lower() for q in profile.questions)


def test_columns_missing_together_are_one_insight():
    columns = {name: Column(name, "numeric", "double", 100, 9, 50) for name in "abc"}
    figures = Figures(
        rows=100,
        columns=columns,
        missing=Missing(27, 91, (MissingPattern(("a", "b", "c"), 9),), (("a", "b", 1.0), ("b", "c", 0.9))),
    )
    (insight,) = (i for i in insights(figures, Settings()) if i.code == "missing_together")
    assert insight.evidence == {"columns": ("a", "b", "c"), "count": 3, "phi": 0.9, "rows": 9}


def test_codes_keep_their_leading_zeros():
    profile = dsml.profile({"zip": ["02139", "10001"] * 200, "z": NOISE})
    assert found(profile, "number_as_text", "zip") is None


def test_insights_of_insights_are_sorted_by_severity():
    ranks = [
        ["high", "medium", "low"].index(i.severity)
        for i in dsml.profile({"a": [None] * 3, "b": [1, 1, 1]}).insights
    ]
    assert ranks == sorted(ranks)
