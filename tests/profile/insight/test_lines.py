"""Every insight is found where it is, and mended by the line that is suggested."""

import datetime as dt
import math

import numpy as np
import pandas as pd
import polars as pl
import pytest
from columns import ABC, NOISE, YES_NO, found, gaps

import dsml_magics as dsml
from dsml_magics.profile.threshold import codes

HOSTILE = 'it\'s "q"\n{x} <b>\x1b[31m'
NAMES = ("x", HOSTILE, "^.*$", "이름표", "count", "rows")
DAYS = [dt.datetime(2024, 1, 1) + dt.timedelta(days=n) for n in range(400)]
SHUFFLED = [DAYS[n] for n in np.random.default_rng(1).permutation(400)]


def words(values):
    return [f"{value}{n} and some more words here" for n, value in enumerate(values)]


MENDED = {
    "constant": ("constant", lambda x: {x: [7] * 400, "z": ABC}, {}),
    "nearly constant": ("nearly_constant", lambda x: {x: ["a"] * 399 + ["b"], "z": ABC}, {}),
    "few gaps in numbers": ("missing", lambda x: {x: gaps(NOISE, 50), "z": ABC}, {}),
    "many gaps in numbers": ("missing", lambda x: {x: gaps(NOISE, 5), "z": ABC}, {}),
    "gaps in integers": ("missing", lambda x: {x: gaps([n % 70 for n in range(400)], 50), "z": ABC}, {}),
    "few gaps in categories": ("missing", lambda x: {x: gaps(ABC, 50), "z": ABC}, {}),
    "many gaps in categories": ("missing", lambda x: {x: gaps(ABC, 7), "z": ABC}, {}),
    "gaps in truth values": ("missing", lambda x: {x: gaps([True, False, False, True] * 100, 7), "z": ABC}, {}),
    "gaps in texts": ("missing", lambda x: {x: gaps(words(NOISE), 9), "z": ABC}, {}),
    "few gaps in moments": ("missing", lambda x: {x: gaps(SHUFFLED, 50), "z": ABC}, {}),
    "gaps in a series": ("missing", lambda x: {x: gaps(NOISE, 9), "z": DAYS}, {}),
    "gaps beside one value": ("missing", lambda x: {x: gaps(["on"] * 400, 3), "z": ABC}, {}),
    "mostly gaps": ("missing", lambda x: {x: [*ABC[:20], *[None] * 380], "z": NOISE}, {}),
    "no value": ("all_missing", lambda x: {x: [None] * 400, "z": ABC}, {}),
    "gaps that go with the target": (
        "missing_related_to_target",
        lambda x: {x: [None if y == "no" and n % 3 else v for n, (y, v) in enumerate(zip(YES_NO, NOISE, strict=True))], "z": YES_NO},
        {"target": "z", "silence": ["missing"]},
    ),
    "gaps that go with values": (
        "missing_related_to_target",
        lambda x: {x: [None if y > 1 else v for y, v in zip(NOISE, ABC, strict=True)], "z": NOISE},
        {"target": "z", "silence": ["missing"]},
    ),
    "rows that repeat": ("duplicate_rows", lambda x: {x: [1, 1, 2, 3], "z": [1, 1, 2, 2]}, {}),
    "a key": ("identifier", lambda x: {x: list(range(400)), "z": ABC}, {}),
    "many categories": ("high_cardinality", lambda x: {x: [f"c{n % 20 if n < 300 else n % 90}" for n in range(400)], "z": NOISE}, {}),
    "a tail to the right": ("skewed", lambda x: {x: np.exp(2 * np.array(NOISE)).tolist(), "z": ABC}, {}),
    "a tail to the left": ("skewed", lambda x: {x: (-np.exp(2 * np.array(NOISE))).tolist(), "z": ABC}, {}),
    "a tail with gaps": ("skewed", lambda x: {x: gaps((-np.exp(2 * np.array(NOISE))).tolist(), 9), "z": ABC}, {}),
    "infinities": ("infinite", lambda x: {x: [math.inf, -math.inf, *NOISE[2:]], "z": ABC}, {}),
    "far-off values": ("outliers", lambda x: {x: [*NOISE[:390], *[-50.5] * 5, *[50.25] * 5], "z": ABC}, {}),
    "far-off integers": ("outliers", lambda x: {x: [*range(390), *[sign * (9000 + n) for n in range(5) for sign in (-1, 1)]], "z": ABC}, {}),
    "numbers as text": ("number_as_text", lambda x: {x: ["1", "+2.5", " 3 ", "1,000", "-.5e3"] * 80, "z": NOISE}, {}),
    "dates as text": ("date_as_text", lambda x: {x: ["2024-01-31", "2024-02-01"] * 200, "z": NOISE}, {}),
    "days first": ("date_as_text", lambda x: {x: ["31/01/2024", "1/2/2024"] * 200, "z": NOISE}, {}),
    "moments as text": ("date_as_text", lambda x: {x: ["2024.01.31 10:30:59", "2024.02.01 1:00:00"] * 200, "z": NOISE}, {}),
    "moments with fractions": ("date_as_text", lambda x: {x: ["2024-01-31T10:30:59.125", "2024-02-01T01:00:00.5"] * 200, "z": NOISE}, {}),
    "spellings": ("spelling_variants", lambda x: {x: gaps(["Seoul", "Busan", "seoul ", "New  York", "NewYork"] * 80, 50), "z": NOISE}, {}),
    "the same twice": ("associated", lambda x: {"z": NOISE, x: [2 * v + 1 for v in NOISE]}, {}),
    "a leak": ("leakage", lambda x: {x: ["J" if y == "yes" else "N" for y in YES_NO], "z": YES_NO}, {"target": "z"}),
    "e-mail": ("personal_email", lambda x: {x: [f"p{n}@example.org" for n in range(400)], "z": ABC}, {}),
    "a type that changed": ("type_changed", lambda x: {x: [n % 9 for n in range(400)]}, {"compare": lambda x: {x: [0.5, 1.0] * 200}}),
    "a column that is gone": ("column_gone", lambda x: {x: NOISE, "z": ABC}, {"compare": lambda x: {"z": ABC}}),
}  # fmt: skip


def profiled(make, columns, kwargs):
    known = {key: make(value("x")) if callable(value) else value for key, value in kwargs.items()}
    return dsml.profile(columns, **known)


def run(line, df):
    namespace = {"df": df, "np": np, "pd": pd, "pl": pl}
    exec(line, namespace)
    return namespace["df"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame], ids=["pandas", "polars"])
@pytest.mark.parametrize(("code", "columns", "kwargs"), MENDED.values(), ids=MENDED)
def test_the_suggested_line_mends_it(code, columns, kwargs, make, name):
    kwargs = {key: make(value(name)) if callable(value) else value for key, value in kwargs.items()}
    df = make(columns(name))
    insight = found(dsml.profile(df, **kwargs), code, name)
    assert insight is not None, "not found"
    line = insight.pandas if make is pd.DataFrame else insight.polars
    assert line is not None, "no line"
    after = dsml.profile(run(line, df), **kwargs)
    assert found(after, code, name) is None
    assert "df" not in code


@pytest.mark.parametrize(
    ("case", "dtype"),
    [
        ("gaps in integers", "Int64"),
        ("gaps in integers", "Int8"),
        ("gaps in integers", "int64[pyarrow]"),
        ("many gaps in numbers", "Float32"),
        ("gaps in truth values", "boolean"),
        ("gaps in truth values", "bool[pyarrow]"),
        ("few gaps in categories", "category"),
        ("many gaps in categories", "category"),
        ("many gaps in categories", "string"),
        ("many gaps in categories", object),
        ("spellings", "category"),
        ("numbers as text", "category"),
        ("many categories", "category"),
    ],
)
def test_the_line_fits_other_types_of_pandas(case, dtype):
    code, columns, _ = MENDED[case]
    values = columns("x")
    df = pd.DataFrame({"x": pd.array(values["x"], dtype=dtype), "z": values["z"]})
    line = found(dsml.profile(df), code, "x").pandas
    assert found(dsml.profile(run(line, df)), code, "x") is None


@pytest.mark.parametrize(
    "case", ["few gaps in categories", "many gaps in categories", "spellings", "numbers as text"]
)
def test_the_line_fits_categories_of_polars(case):
    code, columns, _ = MENDED[case]
    values = columns("x")
    df = pl.DataFrame({"x": pl.Series(values["x"], dtype=pl.Categorical), "z": values["z"]})
    line = found(dsml.profile(df), code, "x").polars
    assert found(dsml.profile(run(line, df)), code, "x") is None


def test_categories_of_pandas_get_a_new_one_for_gaps():
    df = pd.DataFrame({"x": pd.Categorical(gaps(ABC, 7)), "z": NOISE})
    line = found(dsml.profile(df), "missing", "x").pandas
    assert (run(line, df)["x"] == "(missing)").sum() == 58


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame], ids=["pandas", "polars"])
@pytest.mark.parametrize(
    ("values", "code"),
    [
        (gaps([n % 4 for n in range(400)], 7), "missing"),
        ([n % 20 if n < 300 else n % 90 for n in range(400)], "high_cardinality"),
    ],
)
def test_the_line_fits_a_kind_that_the_user_said(values, code, make):
    df = make({"zip": values, "z": NOISE})
    insight = found(dsml.profile(df, kinds=["zip=categorical"]), code, "zip")
    after = run(insight.pandas if make is pd.DataFrame else insight.polars, df)
    assert found(dsml.profile(after), code, "zip") is None


def test_values_that_are_there_stay_when_gaps_are_filled():
    df = pd.DataFrame({"x": gaps(NOISE, 50), "z": ABC})
    after = run(found(dsml.profile(df), "missing", "x").pandas, df)
    kept = [value for n, value in enumerate(NOISE) if n % 50]
    assert after["x"][df.index % 50 != 0].tolist() == kept
    assert after["x"][0] == pytest.approx(np.median(kept))


def test_an_indicator_never_overwrites_a_column():
    df = pd.DataFrame({"x": gaps(NOISE, 5), "x_missing": ABC})
    after = run(found(dsml.profile(df), "missing", "x").pandas, df)
    assert list(after) == ["x", "x_missing", "x_missing_"]
    assert after["x_missing"].tolist() == ABC


def test_mixed_types_become_text():
    df = pd.DataFrame({"x": [1, "a", None, 2.5]})
    line = found(dsml.profile(df), "mixed_types", "x").pandas
    after = run(line, df)
    assert found(dsml.profile(after), "mixed_types", "x") is None
    assert after["x"].tolist()[:2] == ["1", "a"]


def test_the_target_gets_no_line_that_drops_it():
    profile = dsml.profile({"y": list(range(400)), "z": ABC}, target="y")
    assert found(profile, "identifier", "y").pandas is None


UNMENDED = {
    "deviants": ({"x": [*NOISE[:280], *(30 + np.array(NOISE[:120])).tolist()], "z": ABC}, {}),
    "zeros": ({"x": [n / 3 if n > 300 else 0.0 for n in range(400)], "z": ABC}, {}),
    "category_imbalance": ({"x": ["a"] * 385 + [*"bcd"] * 5, "z": NOISE}, {}),
    "missing_together": ({"x": gaps(NOISE, 7), "y": gaps(ABC, 7)}, {}),
    "sorted_by_time": ({"x": DAYS, "z": NOISE}, {}),
    "imbalance": ({"x": NOISE, "y": ["no"] * 380 + ["yes"] * 20}, {"target": "y"}),
    "target_missing": ({"x": NOISE, "y": gaps(YES_NO, 10)}, {"target": "y"}),
    "drift": ({"x": NOISE}, {"compare": {"x": [value + 1 for value in NOISE]}}),
    "missing_changed": ({"x": NOISE}, {"compare": {"x": gaps(NOISE, 3)}}),
    "category_new": ({"x": ABC}, {"compare": {"x": ["new"] * 20 + ABC[20:]}}),
    "category_gone": ({"x": ["old"] * 20 + ABC[20:]}, {"compare": {"x": ABC}}),
    "correlation_changed": ({"x": NOISE, "y": NOISE}, {"compare": {"x": NOISE, "y": NOISE[::-1]}}),
    "column_new": ({"x": NOISE}, {"compare": {"x": NOISE, "new": ABC}}),
    "overlap": ({"x": NOISE, "z": ABC}, {"compare": {"x": [*NOISE[:40], *range(360)], "z": ABC}}),
    "mixed_types": ({"x": [1, "a"]}, {}),
    "personal_phone": ({"tel": [f"010-{n:04}-{9999 - n}" for n in range(400)]}, {}),
    "personal_ssn": ({"x": [f"{n % 600 + 1:03}-12-{n + 1:04}" for n in range(400)]}, {}),
    "personal_ip": ({"x": [f"10.0.{n // 250}.{n % 250}" for n in range(400)]}, {}),
    "personal_name": ({"first_name": ["Anna", "John", "Maria", "Peter"] * 100}, {}),
    "personal_card": ({"x": ["4111 1111 1111 1111", "5555 5555 5555 4444", "cash"] * 100}, {}),
    "personal_iban": ({"x": ["GB82WEST12345698765432", "DE89370400440532013000"] * 100}, {}),
    "personal_resident_number": ({"x": ["900101-1234568", "851231-2345671"] * 100}, {}),
}  # fmt: skip


def resident(digits):
    total = sum(w * int(d) for w, d in zip((2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5), digits, strict=True))
    return f"{digits[:6]}-{digits[6:]}{(11 - total % 11) % 10}"


UNMENDED["personal_resident_number"] = (
    {"x": [resident(f"{60 + n % 40}0{n % 9 + 1}1{n % 9}{n % 2 + 1}{n:05}") for n in range(400)]},
    {},
)


@pytest.mark.parametrize(("code", "case"), UNMENDED.items(), ids=UNMENDED)
def test_it_is_found(code, case):
    columns, kwargs = case
    assert code in [insight.code for insight in dsml.profile(columns, **kwargs).insights]


def test_every_insight_is_tested():
    tested = {code for code, _, _ in MENDED.values()} | set(UNMENDED)
    assert tested == set(codes())


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame], ids=["pandas", "polars"])
def test_rows_without_the_target_are_dropped(make):
    df = make({"x": NOISE, "y": gaps(YES_NO, 10)})
    insight = found(dsml.profile(df, target="y"), "target_missing", "y")
    after = run(insight.pandas if make is pd.DataFrame else insight.polars, df)
    assert len(after) == 360
