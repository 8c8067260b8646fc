"""What is a key, and what only looks like one."""

import datetime as dt

import pytest

import dsml_magics as dsml

DAYS = [dt.date(2020, 1, 1) + dt.timedelta(days=n) for n in range(400)]


def kind_and_codes(name, values):
    profile = dsml.profile({name: values})
    return profile.columns[name].kind, {insight.code for insight in profile.insights}


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("year", list(range(1956, 2011))),
        ("x", list(range(1956, 2011))),
        ("hour", list(range(24))),
        ("day_of_month", list(range(1, 32))),
        ("연도", list(range(1, 41))),
        ("TIME", list(range(1, 26))),
    ],
)
def test_years_and_parts_of_a_year_are_no_keys(name, values):
    kind, codes = kind_and_codes(name, values)
    assert kind == "numeric"
    assert "identifier" not in codes


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("x", list(range(400))),
        ("row_id", list(range(1956, 2011))),
        ("year_id", list(range(1956, 2011))),
        ("user_id", [str(7 * n) for n in range(400)]),
        ("x", [f"K{n}" for n in range(400)]),
    ],
)
def test_keys_are_keys_and_nothing_else(name, values):
    kind, codes = kind_and_codes(name, values)
    assert kind == "identifier"
    assert not {"number_as_text", "date_as_text"} & codes


def test_periods_are_not_to_be_dropped():
    kind, codes = kind_and_codes("period", [f"{1970 + n // 4}Q{n % 4 + 1}" for n in range(55)])
    assert kind == "categorical"
    assert "identifier" not in codes


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ([day.isoformat() for day in DAYS], "date_as_text"),
        ([f"{n},5" for n in range(400)], "number_as_text"),
    ],
)
def test_texts_to_be_converted_are_not_to_be_dropped(values, code):
    kind, codes = kind_and_codes("x", values)
    assert kind == "categorical"
    assert code in codes
    assert "identifier" not in codes
