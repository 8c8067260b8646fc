"""Suggested lines convert texts to the numbers and dates that they were written from, or there is none."""

import datetime as dt
import random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from suggested import LIBRARIES, line_for, run_line

import dsml_magics as dsml

BOTH = pytest.mark.parametrize("make", LIBRARIES.values(), ids=LIBRARIES)
SEPARATORS = st.sampled_from(
    [(".", ""), (".", ","), (".", " "), (".", "'"), (",", ""), (",", "."), (",", "\u202f")]
)
UNITS = st.sampled_from(["{}", " {} ", "{}%", "{} %", "${}", "{} €", "₩{}"])
DAY_FIRST = ("{d:02}/{m:02}/{Y}", "{d}/{m}/{Y}", "{d:02}.{m:02}.{Y}", "{d}-{m}-{Y}")
MONTH_FIRST = ("{m:02}/{d:02}/{Y}", "{m}/{d}/{Y}", "{m:02}.{d:02}.{Y}", "{m}-{d}-{Y}")
YEAR_FIRST = ("{Y}-{m:02}-{d:02}", "{Y}/{m}/{d}", "{Y}.{m:02}.{d:02}")
CLOCKS = (
    ("", "%Y%m%d"),
    (" {H:02}:{M:02}", "%Y%m%d%H%M"),
    ("T{H:02}:{M:02}:{S:02}", "%Y%m%d%H%M%S"),
    (" {H}:{M:02}:{S:02}.{f:06}", "%Y%m%d%H%M%S%f"),
    (" {I}:{M:02} {p}", "%Y%m%d%H%M"),
)  # fmt: skip


def write_number(digits, decimals, decimal, thousands):
    """Write ``digits / 10 ** decimals`` as a convention has it."""
    sign, digits = "-" if digits < 0 else "", str(abs(digits)).rjust(decimals + 1, "0")
    whole, fraction = digits[: len(digits) - decimals], digits[len(digits) - decimals :]
    whole = f"{int(whole):,}".replace(",", thousands)
    return f"{sign}{whole}{decimal}{fraction}" if decimals else f"{sign}{whole}"


def write_date(moment, pattern):
    clock = {"H": moment.hour, "I": moment.hour % 12 or 12, "p": "AM" if moment.hour < 12 else "PM"}
    parts = {"Y": moment.year, "m": moment.month, "d": moment.day, "M": moment.minute, "S": moment.second}
    return pattern.format(**parts, **clock, f=moment.microsecond)


def converted(make, texts, code):
    """Run the line that is suggested for the texts; None where none is."""
    df = make({"x": texts})
    line = line_for(df, code)
    return None if line is None else run_line(line, df)["x"].to_list()


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-(10**9), 10**9), st.integers(0, 4)), min_size=2, max_size=12),
    SEPARATORS,
    UNITS,
)
def test_numbers_are_converted_to_what_they_were(values, separators, unit):
    texts = [unit.format(write_number(*value, *separators)) for value in values]
    truth = [digits / 10**decimals for digits, decimals in values]
    for make in LIBRARIES.values():
        assert converted(make, texts, "number_as_text") in (None, truth)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.datetimes(dt.datetime(1000, 1, 1), dt.datetime(9999, 12, 31)), min_size=2, max_size=12),
    st.sampled_from([YEAR_FIRST, DAY_FIRST, MONTH_FIRST, YEAR_FIRST + DAY_FIRST, YEAR_FIRST + MONTH_FIRST]),
    st.randoms(use_true_random=False),
)
def test_dates_are_converted_to_what_they_were(moments, days, chosen):
    texts, truth = [], []
    for moment in moments:
        clock, kept = chosen.choice(CLOCKS)
        texts.append(write_date(moment, chosen.choice(days) + clock))
        truth.append(dt.datetime.strptime(moment.strftime(kept).rjust(len("20240131"), "0"), kept))
    for make in LIBRARIES.values():
        assert converted(make, texts, "date_as_text") in (None, truth)


@BOTH
@pytest.mark.parametrize(
    ("texts", "truth"),
    [
        (["12,5", "7,25"], [12.5, 7.25]),
        (["1.234,5", "-7"], [1234.5, -7.0]),
        (["1 234,5", "0,5"], [1234.5, 0.5]),
        (["1,234.5", "12"], [1234.5, 12.0]),
        (["$1,234.50", "-$3"], [1234.5, -3.0]),
        (["7 %", "8.5 %"], [7.0, 8.5]),
    ],
)
def test_a_line_is_suggested_where_there_is_one_way_to_read(texts, truth, make):
    assert converted(make, texts * 20, "number_as_text") == truth * 20


@BOTH
def test_days_of_two_formats_are_each_read_right(make):
    days = [dt.datetime(2020, 1, 1) + dt.timedelta(days=n) for n in range(2000)]
    shuffled = random.Random(0).sample(days, len(days))
    texts = [day.strftime("%Y-%m-%d" if n % 2 else "%d/%m/%Y") for n, day in enumerate(shuffled)]
    assert converted(make, texts, "date_as_text") == shuffled


@BOTH
def test_days_of_eight_digits_are_dates(make):
    truth = [dt.datetime(2024, 1, 31), dt.datetime(2025, 2, 1)] * 20
    assert converted(make, [f"{day:%Y%m%d}" for day in truth], "date_as_text") == truth


@BOTH
@pytest.mark.parametrize(
    ("texts", "code"),
    [
        (["1,234", "5,678"], "number_as_text"),
        (["3", "4", "5 %"], "number_as_text"),
        (["1/2/2024", "3/4/2024"], "date_as_text"),
        (["2024-01-31", "1/2/2024"], "date_as_text"),
    ],
)
def test_no_line_guesses(texts, code, make):
    df = make({"x": texts * 20})
    (insight,) = (i for i in dsml.profile(df).insights if i.code == code)
    assert (insight.pandas, insight.polars) == (None, None)
    assert insight.evidence["first"] in texts
    assert insight.evidence["first"] in insight.message


@BOTH
@pytest.mark.parametrize(
    ("usual", "odd", "code"),
    [
        ("{}.5", "1,234", "number_as_text"),
        ("{},5", "1.234", "number_as_text"),
        ("{:,}.5", "12,5", "number_as_text"),
        ("{}%", "3", "number_as_text"),
        ("2024-01-31 00:00:00.{:06}", "31/01/2024", "date_as_text"),
    ],
)
def test_texts_that_were_not_read_are_never_converted_wrongly(usual, odd, code, make):
    df = make({"x": [usual.format(n) for n in range(1, 25_000)] + [odd]})
    insight = next(i for i in dsml.profile(df).insights if i.code == code)
    assert "there are more" in insight.message
    line = line_for(df, code)
    if line is not None:
        with pytest.raises((ValueError, pl.exceptions.InvalidOperationError)):
            run_line(line, df)


@BOTH
def test_a_large_table_is_converted_where_no_text_can_be_read_wrongly(make):
    texts = [f"{n}.5" for n in range(25_000)]
    assert converted(make, texts, "number_as_text") == [n + 0.5 for n in range(25_000)]


@BOTH
def test_keys_and_cards_are_not_called_numbers(make):
    df = make(
        {"user_id": [str(n * 7) for n in range(400)], "card": ["4111111111111111", "5555555555554444"] * 200}
    )
    assert {i.code for i in dsml.profile(df).insights if "as_text" in i.code} == set()
