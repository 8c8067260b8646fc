"""The report as text: fits a terminal, is aligned in all scripts, and sends no escapes."""

import math
import unicodedata
from dataclasses import replace

import pytest
from figures import HOSTILE, category, columns_of, number, rich, wide
from hypothesis import given
from hypothesis import strategies as st

import dsml_magics as dsml
from dsml_magics.profile.cells import cells, cut, fold, pad
from dsml_magics.profile.figures import Figures
from dsml_magics.profile.text import text


def is_harmless(said):
    """Tell whether a terminal would show each character."""
    return not any(unicodedata.category(character)[0] == "C" for character in said.replace("\n", ""))


def table_of(said):
    """The lines of the table of columns, heads first."""
    return said.rpartition("\n\n")[2].splitlines()


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize(
    "figures", [rich(), rich(HOSTILE), rich("결측" * 30, task="values"), wide(80)], ids=range(4)
)
def test_no_line_is_wider_than_a_terminal(figures, language):
    assert max(map(cells, text(figures, language).splitlines())) <= 110


@given(st.text(max_size=80), st.text(max_size=200))
def test_any_name_fits(name, origin):
    figures = Figures(
        rows=9, columns=columns_of(number(name), category(name + "b", values=(origin,))), origin=origin
    )
    said = text(replace(rich(name, origin=origin), columns=figures.columns | rich(name).columns))
    assert max(map(cells, said.split("\n"))) <= 110
    assert is_harmless(said)


def test_terminal_escapes_are_shown_not_sent():
    said = text(rich(HOSTILE, origin=HOSTILE))
    assert is_harmless(said)
    assert "\\x1b[3" in said


def test_every_part_is_there():
    said = text(rich())
    for part in (
        "train.parquet: 1,000 rows \N{MULTIPLICATION SIGN} 8 columns",
        "9 Is the data biased?",
        "Worth a second look:\n!! age has 5 values",
        "Target: job",
        "Compared with test.parquet",
        "Columns in age only (1): age",
        "Rank correlation of age and mail: 0.70 in age, -0.10 in test.parquet",
        "Categories in test.parquet only, in job: clerk (4.0%)",
        "1.0% of comparisons of tables that do not differ raise a false alarm",
        "Kolmogorov-Smirnov",
    ):
        assert " ".join(part.split()) in " ".join(said.split())


def test_the_columns_stand_in_a_table():
    head, age, *_ = table_of(text(rich()))
    assert head.split()[:3] == ["Column", "Kind", "Missing"]
    assert age.split()[:3] == ["age", "numeric", "5.0%"]
    assert age.endswith("█")


def test_wide_characters_are_aligned():
    columns = columns_of(number("나이"), number("age"), category("직업", values=("간호사",)))
    lines = table_of(text(Figures(rows=1000, columns=columns), "ko"))
    starts = {cells(line[: line.index("%")]) for line in lines[1:3]}
    assert len(starts) == 1


def test_bounds_are_shown():
    said = text(rich())
    for bound in ("500 ±3%", "≈50", "(±2)", "0.40 ±0.02", "±0.1% of the rows"):
        assert bound in said


@pytest.mark.parametrize("language", ["en", "ko"])
def test_of_many_columns_the_first_are_listed(language):
    lines = table_of(text(wide(100), language))
    assert len(lines) == 1 + 60 + 1
    assert "40" in lines[-1]
    assert ".columns" in lines[-1]


def test_cut_lists_say_how_many_more_there_are():
    said = text(wide(100))
    assert "… and 90 more: `.insights` in Python, `--html` or `--json` in the shell" in said
    assert "the strongest 10 of 99 columns" in said
    assert "10 of 100, significant ones first" in " ".join(said.split())


def test_personal_values_are_hidden():
    assert "a@example.com" not in text(rich())


def test_nothing_is_said_of_nothing():
    assert text(Figures()) == "a table: 0 rows \N{MULTIPLICATION SIGN} 0 columns"


def test_infinite_strengths_do_no_harm():
    figures = rich()
    pair = replace(figures.target.associations[0], strength=math.inf, bound=math.inf)
    other = replace(pair, strength=math.nan)
    text(replace(figures, target=replace(figures.target, associations=(pair, other))))


def test_a_profile_is_printed_in_its_language():
    profile = dsml.profile({"나이": [1, 2, None], "a": ["x", "y", "y"]}, lang="ko")
    assert "행 3개 \N{MULTIPLICATION SIGN} 열 2개" in str(profile)
    assert "수치형" in str(profile)


@given(st.text(max_size=60), st.integers(1, 30))
def test_a_cut_text_fits(whole, width):
    assert cells(cut(whole, width)) <= max(width, 1)
    assert cells(pad(cut(whole, width), width)) == width


@given(st.text(alphabet="ab 가나", max_size=60), st.integers(2, 20))
def test_folded_lines_fit_and_lose_no_character(whole, width):
    lines = fold(whole, width)
    assert all(cells(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == whole.replace(" ", "")


def test_wide_characters_take_two_cells():
    assert [cells(word) for word in ("abc", "가나", "\N{FULLWIDTH LATIN SMALL LETTER F}", "e\u0301", "")] == [
        3,
        4,
        2,
        1,
        0,
    ]
