"""What the report shows: every part, every bound and cut-off, values however extreme."""

import math
import re
from dataclasses import replace

import pytest
from figures import bare, category, columns_of, comparison_of, moment, number, rich, wide
from parsed import Parsed

from dsml_magics.profile.column import Histogram
from dsml_magics.profile.figures import Figures
from dsml_magics.profile.html import page
from dsml_magics.profile.language import Statement


def places_of(found):
    """Every coordinate and size of the pictures."""
    return " ".join(
        str(attributes.get(name, ""))
        for tag, attributes, parents in found.elements
        if "svg" in parents or tag == "svg"
        for name in ("d", "x", "y", "width", "height", "opacity", "stroke-width", "viewbox", "transform")
    )


def test_every_part_is_shown():
    text = Parsed(page(rich())).text
    for part in (
        "Nine questions",
        "Worth a second look",
        "Missing values",
        "Associations",
        "Target: job",
        "Groups of people",
    ):
        assert part in text
    for part in (
        "Compared with test.parquet",
        "Columns",
        "Each column in detail",
        "Beyond 3 interquartile ranges",
    ):
        assert part in text


def test_every_figure_that_is_not_exact_has_its_bound():
    text = Parsed(page(rich())).text
    for bound in (
        "500 ±3%",
        "≈ 50",
        "5 ±190 ",
        "±0.05% of the rows",
        "±0.1% of the rows",
        "0.40 ±0.02",
        "±1% of the rows",
    ):
        assert bound in text, bound
    assert "500 of 1,000 rows" in text


def test_exact_figures_are_said_to_be():
    figures = Figures(rows=3, examined=3, columns=columns_of(number(rows=3, missing=0)))
    text = Parsed(page(figures)).text
    assert "Every figure is exact." in text
    assert "±" not in text


def test_every_cut_off_is_named():
    text = Parsed(page(wide(300))).text
    for said in (
        "30 of 300 columns",
        "The strongest 15 of 200 or more pairs",
        "of 300 columns, 100 were paired",
    ):
        assert said.lower() in text.lower(), said
    for said in (
        "details of 200 of 300 columns",
        "the strongest 15 of 299 columns",
        "the 12 columns of 300",
        "100 more are not shown",
    ):
        assert said.lower() in text.lower(), said


def test_a_report_of_fifty_columns_is_small():
    assert len(page(wide(50)).encode()) < 500_000


@pytest.mark.parametrize("count", [1000, 10_000])
def test_a_report_of_many_columns_is_bounded(count):
    html = page(wide(count))
    assert len(html.encode()) < 2_000_000
    assert f"1,000 of {count:,} columns" in html


def test_long_texts_are_cut():
    long = "x" * 10_000_000
    assert len(page(rich(long, origin=long))) < 200_000


@pytest.mark.parametrize(
    ("low", "high"),
    [
        (-(2.0**63), 2.0**63),
        (-1e308, 1e308),
        (1e308, 1.7e308),
        (0.0, 5e-324),
        (0.0, 0.0),
        (-1e-300, 1e300),
        (1.0, math.inf),
    ],
)
def test_pictures_of_extreme_values_have_coordinates(low, high):
    columns = columns_of(number(low=low, high=high), number("other", low=-high, high=high))
    html = page(replace(rich(), columns=rich().columns | columns, comparison=comparison_of(columns)))
    places = places_of(Parsed(html))
    assert not re.search(r"nan|inf|\de", places)
    assert max(abs(float(place)) for place in re.findall(r"-?[\d.]+", places)) < 5000


def test_moments_that_python_cannot_hold_are_shown_as_text():
    late = ["294247-01-10 04:00:54"] * 101
    column = moment(max=late[0], percentiles=tuple(late), histogram=Histogram((late[0], late[0]), (5,)))
    assert late[0] in Parsed(page(Figures(rows=5, columns=columns_of(column)))).text


def test_nothing_is_shown_of_nothing():
    assert Parsed(page(Figures())).headings == [1]


def test_personal_values_are_hidden():
    html = page(rich())
    assert "a@example.com" not in html
    assert "•••" in html


def test_unknown_counts_and_blank_values_are_shown():
    columns = columns_of(category(values=("", "  ", "a ")), bare("none", "empty", "null", missing=1000))
    text = Parsed(page(Figures(rows=1000, columns=columns))).text
    assert "''" in text
    assert "'a '" in text


def test_an_answer_leads_to_the_columns_it_names():
    figures = rich("height")
    html = page(figures)
    assert re.search(r'<p class="answer"><a href="#p[0-9a-f]+-c0">height</a>', html)


def test_a_code_line_is_shown_as_code():
    found = Parsed(page(rich()))
    assert found.inside("code", "details") == 2


def test_evidence_of_another_kind_is_said():
    figures = replace(rich(), questions=())
    assert "Nine questions" not in Parsed(page(figures)).text
    column = number(evidence=Statement("kind.because_said"))
    assert "the user said so" in Parsed(page(Figures(rows=9, columns=columns_of(column)))).text
