"""The figures of a profile, held against pandas, and what a profile says of bad input."""

import datetime as dt
import decimal
import json
import math

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dsml_magics as dsml
from dsml_magics.errors import ColumnNotFound, ColumnUnusable, FileNotWritten, TableEmpty, UsageError

finite = st.floats(allow_nan=False, allow_infinity=False, width=32)
numbers = st.lists(st.none() | finite, min_size=2, max_size=60).filter(
    lambda xs: any(x is not None for x in xs)
)


def codes(profile, column=None):
    return [insight.code for insight in profile.insights if column in (None, insight.column)]


@given(numbers)
@settings(max_examples=150, deadline=None)
def test_numbers_agree_with_pandas(values):
    column = dsml.profile({"x": values}).columns["x"]
    expected = pd.Series(values, dtype="float64")
    assert column.missing == expected.isna().sum()
    assert column.distinct == expected.nunique()
    assert column.min == expected.min()
    assert column.max == expected.max()
    assert column.mean == pytest.approx(expected.mean(), rel=1e-9, abs=1e-30)
    if column.present > 1:
        assert column.std == pytest.approx(expected.std(), rel=1e-7, abs=1e-12 * max(1, expected.abs().max()))
    for q in (0.0, 0.05, 0.25, 0.5, 0.75, 0.99, 1.0):
        assert column.quantile(q) == pytest.approx(expected.quantile(q), rel=1e-9, abs=1e-30)


@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=30))
@settings(deadline=None)
def test_integers_keep_their_extremes(values):
    column = dsml.profile({"x": values}).columns["x"]
    assert (column.min, column.max, column.distinct) == (min(values), max(values), len(set(values)))


@given(st.lists(st.none() | st.text(max_size=8), min_size=1, max_size=50))
@settings(deadline=None)
def test_text_counts_agree_with_pandas(values):
    column = dsml.profile({"x": pd.Series(values, dtype=object)}).columns["x"]
    expected = pd.Series(values, dtype=object)
    assert column.missing == expected.isna().sum()
    assert column.distinct == expected.nunique()
    assert dict(column.top) == {k: v for k, v in expected.value_counts().items() if k in dict(column.top)}


@given(numbers)
@settings(deadline=None)
def test_every_present_value_is_in_one_bin(values):
    column = dsml.profile({"x": values}).columns["x"]
    assert sum(column.histogram.counts) == column.present - column.infinite
    assert len(column.histogram.edges) == len(column.histogram.counts) + 1
    assert list(column.histogram.edges) == sorted(column.histogram.edges)


def test_the_histogram_is_numpys():
    values = np.random.default_rng(0).normal(size=5000)
    histogram = dsml.profile({"x": values}).columns["x"].histogram
    counts, edges = np.histogram(values, bins=20)
    assert list(histogram.counts) == list(counts)
    assert histogram.edges == pytest.approx(edges)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1.5, 2.5, 2.5], "numeric"),
        ([True, False, None], "boolean"),
        (["a", "b", "a"], "categorical"),
        ([f"a longer note about case {n} here" for n in range(30)], "text"),
        ([f"id{n}" for n in range(30)], "identifier"),
        (list(range(30)), "identifier"),
        ([7, 7, 7], "constant"),
        ([None, None], "empty"),
        ([[1], [1, 2]], "nested"),
        ([{"a": 1}, {"a": 2}], "nested"),
        ([b"x", b"y"], "binary"),
        (pd.to_datetime(["2024-01-01 10:00", "2024-01-02 11:30"]), "datetime"),
        (pd.to_datetime(["2024-01-01", "2024-01-02"]).date, "date"),
        (pd.to_timedelta([1, 2], unit="h"), "duration"),
    ],
)
def test_a_kind_is_inferred(values, kind):
    assert dsml.profile({"x": values}).columns["x"].kind == kind


def test_times_have_their_own_unit():
    column = dsml.profile({"t": pd.to_datetime(["2024-01-01", "2024-01-03", "2024-01-05"])}).columns["t"]
    assert column.min.isoformat() == "2024-01-01T00:00:00"
    assert column.mean.isoformat() == column.quantile(0.5).isoformat() == "2024-01-03T00:00:00"


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"a": [1, 1, 1]}, "constant"),
        ({"a": ["x"] * 99 + ["y"]}, "nearly_constant"),
        ({"a": [1, None, None]}, "missing"),
        ({"a": [None, None]}, "all_missing"),
        ({"a": [1, 1], "b": [2, 2]}, "duplicate_rows"),
        ({"a": list(range(100))}, "identifier"),
        ({"a": [f"c{n % 60}" for n in range(200)]}, "high_cardinality"),
        ({"a": [2.0**n for n in range(40)]}, "skewed"),
        ({"a": [0, 0, 0, 1, 2]}, "zeros"),
        ({"a": [1.0, math.inf]}, "infinite"),
        ({"a": [*np.linspace(0, 1, 200), 50.0, 60.0, 70.0]}, "outliers"),
        ({"a": ["1", "2.5", "-3"]}, "number_as_text"),
        ({"a": ["2024-01-01", "2024-02-01"]}, "date_as_text"),
        ({"a": [1, "x"]}, "mixed_types"),
    ],
)
def test_it_is_pointed_out(columns, code):
    assert code in codes(dsml.profile(columns))


def test_nothing_is_pointed_out_in_a_plain_table():
    rng = np.random.default_rng(1)
    assert codes(dsml.profile({"x": rng.normal(size=300), "g": rng.choice(["a", "b"], 300)})) == []


def test_the_most_severe_insights_come_first():
    severities = [
        i.severity for i in dsml.profile({"a": [None] * 3, "b": [1, 1, 1], "c": [0, 0, 1]}).insights
    ]
    assert severities == sorted(severities, key=["high", "medium", "low"].index)


def test_a_column_that_decides_the_target_is_a_leak():
    rng = np.random.default_rng(0)
    y = rng.choice(["yes", "no"], 400)
    table = {"y": y, "copy": np.where(y == "yes", "J", "N"), "noise": rng.normal(size=400)}
    profile = dsml.profile(table, target="y")
    assert [(i.code, i.column) for i in profile.insights if i.code == "leakage"] == [("leakage", "copy")]
    assert [found.column for found in profile.target.associations] == ["copy", "noise"]


def test_two_numeric_columns_are_associated_by_pearson():
    rng = np.random.default_rng(0)
    x = rng.normal(size=500)
    table = pd.DataFrame({"x": x, "y": x + rng.normal(size=500)})
    (found,) = dsml.profile(table, target="y").target.associations
    assert found.strength == pytest.approx(abs(table.corr().loc["x", "y"]))


def test_cramers_v_is_scipys_with_its_bias_corrected():
    from scipy.stats.contingency import association

    rng = np.random.default_rng(0)
    x = rng.choice(list("abc"), 2000)
    y = np.where(rng.random(2000) < 0.5, x, rng.choice(list("abc"), 2000))
    (found,) = dsml.profile({"x": x, "y": y}, target="y").target.associations
    assert found.strength == pytest.approx(association(pd.crosstab(x, y).to_numpy(), "cramer"), abs=0.01)


def test_the_drift_of_numbers_is_scipys_statistic():
    from scipy.stats import ks_2samp

    rng = np.random.default_rng(0)
    a, b = rng.normal(size=300), rng.normal(0.5, size=200)
    (drift,) = dsml.profile({"x": a}, compare={"x": b}).comparison.drifts
    assert drift.distance == pytest.approx(ks_2samp(a, b).statistic)


def test_the_drift_of_categories_is_the_share_that_moved():
    (drift,) = dsml.profile(
        {"x": ["a", "a", "b", "b"]}, compare={"x": ["a", "b", "b", "b"]}
    ).comparison.drifts
    assert drift.distance == pytest.approx(0.25)


def test_columns_in_one_table_only_are_named():
    profile = dsml.profile({"x": [1, 2], "old": [1, 2]}, compare={"x": [1, 2], "new": [1, 2]})
    assert (profile.comparison.only_here, profile.comparison.only_there) == (("old",), ("new",))
    assert codes(profile, "old") == ["column_gone"]


def test_json_has_no_infinity_or_nan():
    text = dsml.profile({"a": [math.inf, -math.inf, 1.0]}).to_json()
    assert json.loads(text, parse_constant=lambda name: pytest.fail(name))["columns"][0]["max"] == "inf"


HOSTILE = "<script>alert(1)</script>\x1b[31m<img src=x onerror=alert(1)>"


def test_names_and_values_are_escaped_in_html():
    html = dsml.profile({HOSTILE: [HOSTILE, "b", "b"]}, target=HOSTILE, compare={HOSTILE: ["b"]}).to_html()
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;" in html


def test_the_page_is_self_contained():
    html = dsml.profile({"a": [1, 2, 3], "b": ["x", "y", "y"]}, target="b").to_html()
    assert not any(word in html for word in ("<script", "http:", "https:", "src=", "@import", "url("))


def test_terminal_escapes_are_shown_not_sent():
    assert "\x1b" not in str(dsml.profile({HOSTILE: [HOSTILE]}))


def test_the_report_does_not_grow_with_the_rows():
    few = dsml.profile({f"x{n}": np.arange(100.0) % 37 for n in range(50)}).to_html()
    many = dsml.profile({f"x{n}": np.arange(50_000.0) % 37 for n in range(50)}).to_html()
    assert len(many) < 1.1 * len(few) < 500_000


def test_an_empty_profile_has_no_rows():
    assert (dsml.Profile().rows, dict(dsml.Profile().columns)) == (0, {})


def test_all_views_of_every_kind_render():
    table = pd.DataFrame(
        {
            "n": [1.0, math.inf, np.nan],
            "t": pd.to_datetime(["2024-01-01", None, "2025-01-01"], utc=True),
            "d": pd.to_timedelta([1, 2, 3], unit="s"),
            "c": pd.Categorical(["a", "b", None], categories=["a", "b", "unseen"]),
            "l": [[1], None, [2, 3]],
            "e": [None, None, None],
            "b": [True, None, False],
            "i": pd.array([1, None, 3], dtype="Int64"),
        }
    )
    profile = dsml.profile(table, target="b", compare=table)
    assert profile.to_html().startswith("<!DOCTYPE html>")
    assert json.loads(profile.to_json())["rows"] == 3
    assert set(profile._repr_mimebundle_()) == {"text/plain", "text/html"}


ODD = {
    "names that are blank or that counting uses": {
        "": [1, 2],
        "n": [1, 2],
        "count": ["a", "b"],
        "value": [1, 2],
        "a\nb": [1, 2],
    },
    "unsigned extremes": {"a": np.array([0, 2**64 - 1], dtype="u8")},
    "only infinities": {"a": [math.inf, -math.inf, math.inf]},
    "numbers near the end of the range": {"a": [1e308, -1e308, 1e308]},
    "decimals": {"a": [decimal.Decimal("1.10"), None]},
    "years 1 and 9999": {"a": pa.array([dt.datetime(9999, 1, 1), dt.datetime(1, 1, 1)], pa.timestamp("us"))},
    "runs": pa.table({"a": pa.RunEndEncodedArray.from_arrays([2, 3], [1, 2])}),
    "maps": pa.table({"a": pa.array([[("k", 1)], None], pa.map_(pa.string(), pa.int64()))}),
    "periods": pd.DataFrame({"a": pd.period_range("2024-01", periods=3, freq="M")}),
    "two thousand columns": pd.DataFrame(np.zeros((3, 2000)), columns=[f"c{n}" for n in range(2000)]),
    "ten megabytes in a cell": {"a": ["x" * 10_000_000, "y"]},
}


@pytest.mark.parametrize("table", ODD.values(), ids=ODD)
def test_an_odd_table_has_all_its_views(table):
    profile = dsml.profile(table, compare=table)
    assert profile.comparison.only_here == ()
    assert len(str(profile)) < 1_000_000
    assert len(profile.to_html()) < 10_000 * max(50, len(profile.columns))
    assert json.loads(profile.to_json())["rows"] == profile.rows


def test_a_table_without_rows_is_refused():
    with pytest.raises(TableEmpty, match="Expected rows, got none"):
        dsml.profile({"a": []})


def test_a_target_that_is_not_there_names_the_nearest():
    with pytest.raises(ColumnNotFound, match="Did you mean 'income'"):
        dsml.profile({"income": [1, 2]}, target="incom")


def test_a_target_without_values_is_refused():
    with pytest.raises(ColumnUnusable, match="Expected values in the target 'y'"):
        dsml.profile({"x": [1, 2], "y": [None, None]}, target="y")


def test_a_report_in_no_folder_leaves_nothing_behind(tmp_path):
    with pytest.raises(FileNotWritten, match="has no folder"):
        dsml.profile({"a": [1]}, html=tmp_path / "nowhere" / "p.html")
    assert list(tmp_path.iterdir()) == []


@given(st.lists(finite, min_size=1, max_size=60), st.floats(0, 1))
@settings(deadline=None)
def test_any_quantile_is_numpys(values, share):
    column = dsml.profile({"a": values}).columns["a"]
    assert column.quantile(share) == pytest.approx(
        np.quantile(values, share), rel=1e-9, abs=1e-12 * max(map(abs, values))
    )


def test_a_quantile_of_moments_is_a_moment():
    days = [dt.datetime(2024, 1, 1) + dt.timedelta(days=n) for n in range(1001)]
    column = dsml.profile({"a": days}).columns["a"]
    assert column.quantile(0.123) == days[123]


@pytest.mark.parametrize("share", [-0.1, 1.1, math.nan])
def test_a_quantile_beyond_all_values_is_refused(share):
    with pytest.raises(UsageError, match="from 0 to 1"):
        dsml.profile({"a": [1, 2]}).columns["a"].quantile(share)
