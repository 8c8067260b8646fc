"""Each suggested line does what is right: run on the very column it is for, and compared with the truth."""

import datetime as dt
import math
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from suggested import LIBRARIES, line_for, run_line

import dsml_magics as dsml
from dsml_magics.profile.threshold import codes

DATA = Path(__file__).parents[4] / "shared" / "data"
TABLES = sorted(path.name for path in DATA.glob("*.csv"))
TARGETS = {"adult.csv": "income", "ames_housing_no_missing.csv": "SalePrice", "penguins.csv": "Species"}
rng = np.random.default_rng(0)
ROWS = 400
NOISE = rng.normal(size=ROWS).tolist()
ABC = [*"abcd"] * 100
YES_NO = ["yes", "no"] * 200
DAYS = [dt.datetime(2024, 1, 1) + dt.timedelta(days=n) for n in range(ROWS)]
SHUFFLED = [DAYS[n] for n in rng.permutation(ROWS)]
TAIL = np.exp(2 * np.array(NOISE)).tolist()
MANY = [f"often {n % 20}" if n < 240 else f"rare {n % 80}" for n in range(ROWS)]
GAIN = [0.0 if n < 300 else n / 3 for n in range(ROWS)]
FAR = [*NOISE[:394], *[-50.5] * 3, *[50.25] * 3]
LEFT = [None if n % 3 == 0 else value for n, value in enumerate(ABC)]


def without(values, every):
    return [None if n % every == 0 else value for n, value in enumerate(values)]


def median_of(values):
    return float(np.median([value for value in values if value is not None]))


def filled(values, value):
    return [value if each is None else each for each in values]


def are_gaps(values):
    return [value is None for value in values]


def interpolated(values):
    return pd.Series(values, dtype=float).interpolate(limit_direction="both").tolist()


def clipped(values):
    lower, upper = np.quantile(values, [0.25, 0.75])
    return np.clip(values, lower - 3 * (upper - lower), upper + 3 * (upper - lower)).tolist()


def personal(values):
    return {"x": values, "z": NOISE}, {}, {"z": NOISE}


def resident(digits):
    total = sum(w * int(d) for w, d in zip((2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5), digits, strict=True))
    return f"{digits[:6]}-{digits[6:]}{(11 - total % 11) % 10}"


GAPPY = {
    "numbers": (without(NOISE, 50), {"x": filled(without(NOISE, 50), median_of(without(NOISE, 50)))}),
    "numbers with an indicator": (
        without(NOISE, 5),
        {"x_missing": are_gaps(without(NOISE, 5)), "x": filled(without(NOISE, 5), median_of(without(NOISE, 5)))},
    ),
    "few of a category": (without([*"aaab"] * 100, 50), {"x": filled(without([*"aaab"] * 100, 50), "a")}),
    "many of a category": (without(ABC, 7), {"x": filled(without(ABC, 7), "(missing)")}),
    "texts": (
        without([f"some words on case {n}" for n in range(ROWS)], 9),
        {"x": filled(without([f"some words on case {n}" for n in range(ROWS)], 9), "")},
    ),
    "one value": (without(["on"] * ROWS, 3), {"x": [value is not None for value in without(["on"] * ROWS, 3)]}),
    "mostly gaps": ([*ABC[:20], *[None] * 380], {}),
}  # fmt: skip
CASES = {
    "constant": ({"x": [7] * ROWS, "z": ABC}, {}, {"z": ABC}),
    "nearly_constant": ({"x": ["a"] * 399 + ["b"], "z": ABC}, {}, {"z": ABC}),
    "identifier": ({"x": list(range(ROWS)), "z": ABC}, {}, {"z": ABC}),
    "high_cardinality": (
        {"x": [None, *MANY[1:]], "z": ABC},
        {},
        {"x": [None, *(value if "often" in value else "(other)" for value in MANY[1:])], "z": ABC},
    ),
    "all_missing": ({"x": [None] * ROWS, "z": ABC}, {}, {"z": ABC}),
    "missing": (
        {"x": without(SHUFFLED, 50), "z": ABC},
        {},
        {"x": [day for n, day in enumerate(SHUFFLED) if n % 50], "z": [c for n, c in enumerate(ABC) if n % 50]},
    ),
    "missing_related_to_target": (
        {"x": [None if y > 1 else v for y, v in zip(NOISE, ABC, strict=True)], "z": NOISE},
        {"target": "z", "silence": ["missing"]},
        {"x": ["(missing)" if y > 1 else v for y, v in zip(NOISE, ABC, strict=True)], "z": NOISE},
    ),
    "duplicate_rows": ({"x": [1, 1, 2, 3], "z": [5, 5, 5, 6]}, {}, {"x": [1, 2, 3], "z": [5, 5, 6]}),
    "skewed": ({"x": TAIL, "z": ABC}, {}, {"x": np.log1p(TAIL).tolist(), "z": ABC}),
    "zeros": (
        {"x": GAIN, "z": ABC},
        {},
        {"x": np.log1p(GAIN).tolist(), "z": ABC, "x_zero": [value == 0 for value in GAIN]},
    ),
    "infinite": (
        {"x": [math.inf, -math.inf, *NOISE[2:]], "z": ABC},
        {},
        {"x": [None, None, *NOISE[2:]], "z": ABC},
    ),
    "outliers": ({"x": FAR, "z": ABC}, {}, {"x": clipped(FAR), "z": ABC}),
    "mixed_types": ({"x": [1, "a", None, 2.5] * 9}, {}, {"x": ["1", "a", None, "2.5"] * 9}),
    "number_as_text": ({"x": ["1.234,5", "12,5"] * 200, "z": NOISE}, {}, {"x": [1234.5, 12.5] * 200, "z": NOISE}),
    "date_as_text": (
        {"x": [day.strftime("%Y-%m-%d" if n % 2 else "%d/%m/%Y") for n, day in enumerate(SHUFFLED)], "z": NOISE},
        {},
        {"x": SHUFFLED, "z": NOISE},
    ),
    "spelling_variants": (
        {"x": ["Seoul", "Seoul", "Busan", "seoul ", None] * 80, "z": NOISE},
        {},
        {"x": ["Seoul", "Seoul", "Busan", "Seoul", None] * 80, "z": NOISE},
    ),
    "associated": ({"z": NOISE, "x": [2 * v + 1 for v in NOISE]}, {}, {"z": NOISE}),
    "target_missing": (
        {"z": NOISE, "x": without(YES_NO, 10)},
        {"target": "x"},
        {"z": [v for n, v in enumerate(NOISE) if n % 10], "x": [v for n, v in enumerate(YES_NO) if n % 10]},
    ),
    "leakage": ({"x": ["J" if y == "yes" else "N" for y in YES_NO], "z": YES_NO}, {"target": "z"}, {"z": YES_NO}),
    "column_gone": ({"x": NOISE, "z": ABC}, {"compare": {"z": ABC}}, {"z": ABC}),
    "type_changed": (
        {"x": [n % 9 for n in range(ROWS)]},
        {"compare": {"x": [0.5, 1.0] * 200}},
        {"x": [float(n % 9) for n in range(ROWS)]},
    ),
    "personal_email": personal([f"p{n}@example.org" for n in range(ROWS)]),
    "personal_ssn": personal([f"{n % 600 + 1:03}-12-{n + 1:04}" for n in range(ROWS)]),
    "personal_ip": personal([f"10.0.{n // 250}.{n % 250}" for n in range(ROWS)]),
    "personal_card": personal(["4111 1111 1111 1111", "5555 5555 5555 4444", "cash", "note"] * 100),
    "personal_iban": personal(["GB82WEST12345698765432", "DE89370400440532013000"] * 200),
    "personal_resident_number": personal(
        [resident(f"{60 + n % 40}0{n % 9 + 1}1{n % 9}{n % 2 + 1}{n:05}") for n in range(ROWS)]
    ),
    "personal_phone": (
        {"tel": [f"010-{n:04}-{9999 - n}" for n in range(ROWS)], "z": NOISE}, {}, {"z": NOISE}
    ),
    "personal_name": ({"first_name": ["Anna", "John", "Maria", "Peter"] * 100, "z": NOISE}, {}, {"z": NOISE}),
}  # fmt: skip
WITHOUT_LINE = {
    "category_gone",
    "category_imbalance",
    "category_new",
    "column_new",
    "correlation_changed",
    "deviants",
    "drift",
    "imbalance",
    "missing_changed",
    "missing_together",
    "overlap",
    "sorted_by_time",
}
"""What no line can mend."""
IMPOSSIBLE = {("mixed_types", "polars")}
"""Columns that a library cannot have."""


def plain(df):
    """Give the values of a frame of either library in Python's types, a gap as None."""
    columns = df.to_dict("list") if isinstance(df, pd.DataFrame) else df.to_dict(as_series=False)
    return {
        name: [None if value is None or value != value else value for value in column]
        for name, column in columns.items()
    }


def assert_same(df, truth):
    found = plain(df)
    assert sorted(found) == sorted(truth)
    for name, values in truth.items():
        assert are_gaps(found[name]) == are_gaps(values)
        present = [(a, b) for a, b in zip(found[name], values, strict=True) if b is not None]
        if present and isinstance(present[0][1], float):
            # Fences are written with five digits.
            assert np.array([a for a, _ in present]) == pytest.approx(
                np.array([b for _, b in present]), rel=1e-3
            )
        else:
            assert [a for a, _ in present] == [b for _, b in present]


def test_every_insight_has_a_case_or_no_line():
    assert set(CASES) | WITHOUT_LINE == set(codes())
    assert not set(CASES) & WITHOUT_LINE


@pytest.mark.parametrize(
    ("code", "library"),
    [(code, library) for code in CASES for library in LIBRARIES if (code, library) not in IMPOSSIBLE],
)
def test_the_line_gives_what_is_true(code, library):
    columns, kwargs, truth = CASES[code]
    make = LIBRARIES[library]
    kwargs = {key: make(value) if key == "compare" else value for key, value in kwargs.items()}
    df = make(columns)
    line = line_for(df, code, next(name for name in columns if name != "z"), **kwargs)
    assert line is not None
    assert_same(run_line(line, df), truth)


@pytest.mark.parametrize("make", LIBRARIES.values(), ids=LIBRARIES)
@pytest.mark.parametrize("case", GAPPY)
def test_gaps_are_treated_as_said(case, make):
    values, truth = GAPPY[case]
    df = make({"x": values, "z": ABC})
    assert_same(run_line(line_for(df, "missing"), df), {**truth, "z": ABC})


@pytest.mark.parametrize("make", LIBRARIES.values(), ids=LIBRARIES)
def test_gaps_of_a_series_are_interpolated(make):
    df = make({"x": without(NOISE, 50), "z": DAYS})
    assert_same(run_line(line_for(df, "missing"), df), {"x": interpolated(without(NOISE, 50)), "z": DAYS})


@pytest.mark.parametrize("make", LIBRARIES.values(), ids=LIBRARIES)
@pytest.mark.parametrize(
    ("values", "truth"),
    [
        ([-value for value in GAIN], {"x": [-value for value in GAIN]}),
        (without(GAIN, 9), {"x": [None if v is None else math.log1p(v) for v in without(GAIN, 9)]}),
    ],
    ids=["below zero", "with gaps"],
)
def test_zeros_are_flagged_and_stay(values, truth, make):
    df = make({"x": values, "z": ABC})
    flags = [value == 0 for value in values]
    assert_same(run_line(line_for(df, "zeros"), df), {**truth, "z": ABC, "x_zero": flags})


@pytest.mark.parametrize(
    ("code", "values"),
    [("zeros", [0] * 300 + list(range(1, 101))), ("skewed", [n % 40 + 1 for n in range(395)] + [127] * 5)],
)
@pytest.mark.parametrize("kind", ["uint8", "Int8"])
def test_logarithms_of_bytes_keep_their_digits(code, values, kind):
    df = pd.DataFrame({"x": pd.array(values, dtype=kind), "z": ABC})
    line = line_for(df, code, thresholds=["skewed=1"])
    assert run_line(line, df)["x"].tolist() == pytest.approx(np.log1p(values).tolist(), rel=1e-9)


@pytest.mark.parametrize("values", [GAIN, without(NOISE, 5)], ids=["zeros", "gaps"])
def test_no_line_assigns_by_keyword_to_a_column_named_by_a_number(values):
    df = pd.DataFrame({3: values, 4: ABC})
    lines = [i.pandas for i in dsml.profile(df).insights if i.pandas]
    assert not any("assign" in line for line in lines)


@pytest.mark.parametrize("make", LIBRARIES.values(), ids=LIBRARIES)
def test_a_tail_that_no_logarithm_straightens_becomes_ranks(make):
    left = [-value for value in TAIL]
    df = make({"x": left, "z": ABC})
    ranks = [(sorted(left).index(value) + 1) / ROWS for value in left]
    assert_same(run_line(line_for(df, "skewed"), df), {"x": ranks, "z": ABC})


def test_the_target_keeps_its_values():
    for values in (FAR, TAIL, GAIN):
        profile = dsml.profile({"y": values, "z": ABC}, target="y")
        assert [i.pandas for i in profile.insights if i.column == "y" and i.pandas] == []


def test_no_line_is_suggested_twice():
    columns = {"x": [None if y > 1 else v for y, v in zip(NOISE, ABC, strict=True)], "y": NOISE}
    lines = [i.pandas for i in dsml.profile(columns, target="y").insights if i.column == "x"]
    assert max(lines, key=str).startswith("df['x']")
    assert lines.count(None) == len(lines) - 1


def test_the_tables_are_there():
    assert {"adult.csv", "ames_housing_no_missing.csv", "bike_rides.csv", "penguins.csv"} <= set(TABLES)


def read_table(name, library, na):
    if library == "pandas":
        return pd.read_csv(DATA / name, na_values=na)
    return pl.read_csv(DATA / name, infer_schema_length=None, null_values=["", "NA", *na])


def paste_all(df, profile, library):
    """Run every line in the order shown: none makes gaps or drops rows unless it is said."""
    gone = set()
    for insight in profile.insights:
        line = getattr(insight, library)
        if line is None or insight.column in gone:
            continue
        before, missing_before = len(df), count_gaps(df)
        df = run_line(line, df)
        if insight.column and insight.column not in df.columns:
            gone.add(insight.column)
        if len(df) < before:
            assert insight.code in ("duplicate_rows", "target_missing") or is_dropped(profile, insight.column)
        made = count_gaps(df) - missing_before
        assert made <= (insight.evidence["infinite"] if insight.code == "infinite" else 0), line
    return df


def is_dropped(profile, column):
    """Tell whether the answer to the question of treatment drops the rows of a column."""
    treatment = next(question for question in profile.questions if question.code == "treatment")
    return any(
        each.code == "question.treatment_rows" and each.values["column"] == column
        for each in treatment.evidence
    )


def count_gaps(df):
    if isinstance(df, pd.DataFrame):
        return int(df.isna().sum().sum())
    return sum(df.fill_nan(None).null_count().row(0))


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("with_target", [False, True], ids=["no target", "target"])
@pytest.mark.parametrize("name", TABLES)
def test_all_lines_of_a_real_table_pasted_corrupt_nothing(name, with_target, library):
    df = read_table(name, library, na=[])
    profile = dsml.profile(df, target=TARGETS.get(name, df.columns[-1]) if with_target else None)
    assert {i.code for i in profile.insights if i.pandas or i.polars} <= set(CASES)
    after = paste_all(df, profile, library)
    assert count_gaps(after) <= count_gaps(df)
