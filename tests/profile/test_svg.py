"""What pictures are drawn with: coordinates of anything that has a place, and texts that stay texts."""

import datetime as dt
import math
import re

import pytest
from figures import category, columns_of, moment, number, rich
from hypothesis import given
from hypothesis import strategies as st

from dsml_magics.profile import svg
from dsml_magics.profile.column import Histogram
from dsml_magics.profile.figures import Figures, Matrix, Scatter
from dsml_magics.profile.picture.heat import heat_map
from dsml_magics.profile.picture.histogram import distribution, spark
from dsml_magics.profile.picture.overlay import overlay
from dsml_magics.profile.picture.pattern import patterns
from dsml_magics.profile.picture.quantiles import curve
from dsml_magics.profile.picture.scatter import scatter
from dsml_magics.profile.wording import Wording

WORDING = Wording(Figures(), "en")
anything = (
    st.floats()
    | st.integers(-(2**70), 2**70)
    | st.datetimes()
    | st.timedeltas()
    | st.none()
    | st.text(max_size=3)
)
finite = st.floats(allow_nan=False, allow_infinity=False)


@given(anything, anything, anything)
def test_every_value_has_a_place_between_the_ends_or_none(low, high, value):
    scale = svg.Scale.over((low, high), start=10, length=100)
    if scale is not None and (place := scale.at(value)) is not None:
        assert 10 <= place <= 110


@given(finite, finite)
def test_the_ends_have_the_places_of_the_ends(low, high):
    low, high = sorted((low, high))
    scale = svg.Scale.over((low, high), start=0, length=100)
    if high / 2 - low / 2 > 0:
        assert (scale.at(low), scale.at(high)) == (0, pytest.approx(100))


@given(st.lists(finite, min_size=2, max_size=9))
def test_greater_values_stand_further(values):
    scale = svg.Scale.over(values, start=0, length=100)
    places = [scale.at(value) for value in sorted(values)]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("value", "place"),
    [
        (True, 1.0),
        (2**63, 2.0**63),
        (dt.datetime(1970, 1, 2), 86400.0),
        (dt.datetime(1970, 1, 2, tzinfo=dt.timezone(dt.timedelta(hours=9))), 86400.0),
        (dt.date(1970, 1, 2), 86400.0),
        (dt.time(1, 0, 1), 3601.0),
        (dt.timedelta(minutes=1), 60.0),
        (math.nan, None),
        (-math.inf, None),
        (10**400, None),
        ("12", None),
        (None, None),
    ],
)
def test_numbers_and_moments_have_places(value, place):
    assert svg.place_of(value) == place


@given(st.floats(-5000, 5000))
def test_coordinates_are_short_and_near(coordinate):
    written = svg.number(coordinate)
    assert re.fullmatch(r"-?\d+(\.\d)?", written)
    assert abs(float(written) - coordinate) <= 0.051


def test_texts_are_escaped():
    picture = svg.picture(
        1, 1, svg.words(0, 0, "<b>"), svg.path("M0 0", "bar", "<i>"), label='"><u>', description="<s>"
    )
    assert not re.search("<[bius]>", picture)
    assert "&lt;b&gt;" in picture


def edges_of(values):
    return tuple(sorted(values))


@given(st.lists(finite, min_size=2, max_size=21, unique=True), st.data())
def test_pictures_of_any_numbers_have_coordinates(values, data):
    counts = data.draw(st.lists(st.integers(0, 2**63), min_size=len(values) - 1, max_size=len(values) - 1))
    column = number(
        histogram=Histogram(edges_of(values), tuple(counts)), percentiles=tuple(sorted(values * 101)[:101])
    )
    drawn = "".join(
        (
            spark(column, WORDING),
            distribution(column, WORDING),
            curve(column, WORDING),
            overlay(column, column, WORDING),
        )
    )
    places = " ".join(re.findall(r' (?:d|x|y)="([^"]*)"', drawn))
    assert "nan" not in places
    assert "inf" not in places
    assert max((abs(float(place)) for place in re.findall(r"-?[\d.]+", places)), default=0) < 1000


@given(st.lists(st.tuples(st.floats(), st.floats()), max_size=20), st.floats())
def test_scatters_and_maps_leave_out_what_has_no_place(points, strength):
    drawn = scatter(Scatter("a", "b", "Pearson", strength, tuple(points)), WORDING)
    drawn += heat_map(Matrix(("a", "b"), ((1.0, strength), (strength, 1.0))), WORDING)
    places = " ".join(re.findall(r' (?:d|x|y|opacity)="([^"]*)"', drawn))
    assert "nan" not in places
    assert "inf" not in places


def test_bars_are_as_high_as_their_counts():
    column = number(histogram=Histogram((0.0, 1.0, 2.0, 3.0), (4, 0, 2)))
    bars = re.findall(r'class="bin" d="M\S+ \d+v-([\d.]+)"><title>([^<]*)', distribution(column, WORDING))
    assert [title for _, title in bars] == ["0 \N{EN DASH} 1: 4", "2 \N{EN DASH} 3: 2"]
    assert float(bars[0][0]) == 2 * float(bars[1][0])


def test_bins_of_whole_numbers_are_called_by_them():
    column = number(histogram=Histogram((0.5, 1.5, 2.5), (1, 1)))
    assert re.findall("<title>([^<]*)", distribution(column, WORDING)) == ["1: 1", "2: 1"]


def test_a_column_without_a_histogram_has_no_picture():
    assert not distribution(category(), WORDING)
    assert not overlay(category(top=()), category(), WORDING)


def test_two_tables_are_drawn_on_one_axis():
    here, there = number(low=0.0, high=10.0), number(low=10.0, high=20.0)
    first, second = re.findall(r'class="(?:first|second)" d="M([^"]*)"', overlay(here, there, WORDING))
    ends = [[float(point.split()[0]) for point in outline.split("L")] for outline in (first, second)]
    assert (ends[0][0], ends[0][-1], ends[1][0], ends[1][-1]) == (0, 185, 185, 370)


def test_values_of_two_tables_stand_side_by_side():
    here = category(values=("a", "b"), top=(("a", 900), ("b", 100)))
    there = category(values=("a",), top=(("a", 1000),), distinct=1)
    drawn = overlay(here, there, WORDING)
    assert "90.0% → 100%" in drawn
    assert "10.0% → 0%" in drawn


def test_a_picture_of_moments_reaches_over_them():
    column = moment()
    drawn = distribution(column, WORDING)
    assert "2024-01-01<" in drawn
    assert "2024-01-05 04:00:00<" in drawn


def test_patterns_show_which_columns_are_missing():
    drawn = patterns(rich(), Wording(rich(), "en"))
    assert drawn.count('class="gap"') == 2
    assert "age" in drawn


def test_the_names_of_columns_are_cut_in_maps():
    names = ("x" * 99, "가" * 99)
    drawn = heat_map(
        Matrix(names, ((1.0, 0.5), (0.5, 1.0))), Wording(Figures(columns=columns_of(number())), "en")
    )
    assert "x" * 19 + "…" in drawn
    assert "가" * 9 + "…" in drawn
    assert "x" * 20 not in drawn
