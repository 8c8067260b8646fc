"""A profile as JSON: its schema is true, it comes back as it was, and foreign JSON is refused."""

import copy
import datetime as dt
import json
import math
from dataclasses import fields, replace
from importlib.resources import files
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from figures import HOSTILE, bare, columns_of, moment, number, rich, wide
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import dsml_magics as dsml
from dsml_magics.errors import DataError
from dsml_magics.profile import column, figures, iso, language
from dsml_magics.profile.decoder import UNKEPT
from dsml_magics.profile.figures import Figures
from dsml_magics.profile.html import fragment
from dsml_magics.profile.schema import dict_of, figures_of, figures_of_json, json_of
from dsml_magics.profile.text import text

SCHEMA = json.loads(files("dsml_magics.profile").joinpath("profile.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)
RICH = [rich(), rich(HOSTILE, task="values"), wide(60), Figures()]


def test_the_schema_is_one():
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("found", RICH, ids=range(4))
def test_the_json_follows_the_schema(found):
    VALIDATOR.validate(json.loads(json_of(found)))


@pytest.mark.parametrize("name", [name for name in SCHEMA["$defs"] if name[0].isupper()])
def test_the_schema_has_every_field(name):
    kind = next(getattr(module, name) for module in (figures, column, language) if hasattr(module, name))
    own = {field.name for field in fields(kind)} - (set(UNKEPT) if name == "Column" else set())
    said = {"Statement": {"text"}, "Insight": {"message"}}.get(name, set())
    assert set(SCHEMA["$defs"][name]["properties"]) == own | said


def test_the_schema_has_every_figure():
    own = {field.name for field in fields(Figures)}
    assert set(SCHEMA["properties"]) == own | {"schema", "exact"} == set(SCHEMA["required"])


@pytest.mark.parametrize("found", RICH, ids=range(4))
def test_figures_come_back_as_they_were(found):
    assert figures_of_json(json_of(found)) == found
    assert figures_of(dict_of(found)) == found


@pytest.mark.parametrize("found", RICH, ids=range(4))
def test_all_views_of_what_came_back_are_the_same(found):
    back = figures_of_json(json_of(found))
    assert (fragment(back), text(back), json_of(back)) == (fragment(found), text(found), json_of(found))


ZONE = ZoneInfo("Asia/Seoul")
MOMENTS = {
    "timestamp[us]": (dt.datetime(2024, 1, 1, 10, 30, 0, 1), dt.timedelta(hours=1)),
    "timestamp[us, tz=Asia/Seoul]": (dt.datetime(2024, 1, 1, tzinfo=ZONE), dt.timedelta(seconds=1)),
    "date32[day]": (dt.date(2024, 2, 28), dt.timedelta(days=1)),
    "duration[ns]": (dt.timedelta(days=-3, microseconds=1), dt.timedelta(days=4, milliseconds=1)),
}


@pytest.mark.parametrize("kind", MOMENTS)
def test_moments_come_back_as_moments(kind):
    first, step = MOMENTS[kind]
    found = Figures(rows=9, columns=columns_of(moment(type=kind, first=first, step=step)))
    (back,) = figures_of_json(json_of(found)).columns.values()
    assert back == found.columns["start"]
    assert [type(value) for value in (back.min, *back.percentiles)] == [type(first)] * 102
    assert type(back.time.step) is dt.timedelta


def test_a_time_zone_comes_back():
    first, step = MOMENTS["timestamp[us, tz=Asia/Seoul]"]
    found = Figures(columns=columns_of(moment(type="timestamp[us, tz=Asia/Seoul]", first=first, step=step)))
    assert figures_of_json(json_of(found)).columns["start"].min.tzinfo == ZONE


@given(st.timedeltas() | st.datetimes() | st.dates() | st.times())
def test_every_moment_can_be_written_and_read(value):
    kinds = {
        dt.timedelta: "duration[us]",
        dt.datetime: "timestamp[us]",
        dt.date: "date32[day]",
        dt.time: "time64[us]",
    }
    assert iso.read(iso.written(value), kinds[type(value)]) == value


@pytest.mark.parametrize("kind", ["timestamp[us]", "date32[day]", "time64[us]", "duration[us]"])
@pytest.mark.parametrize("word", ["", "294247-01-10 04:00:54", "P99999999999DT0S", "P9999999999DT0S", "x"])
def test_moments_beyond_python_stay_text(kind, word):
    assert iso.read(word, kind) == word


def test_infinite_numbers_come_back():
    columns = columns_of(number(min=-math.inf, max=math.inf, top=((math.inf, 3),), std=math.inf))
    found = Figures(columns=columns)
    said = json_of(found)
    assert json.loads(said, parse_constant=lambda name: pytest.fail(name))["columns"][0]["max"] == "inf"
    assert figures_of_json(said) == found


def test_a_category_called_inf_stays_text():
    columns = columns_of(
        bare("a", "categorical", "dictionary<values=string, indices=int32, ordered=0>", top=(("inf", 3),))
    )
    assert figures_of_json(json_of(Figures(columns=columns))).columns["a"].top == (("inf", 3),)


def test_numbers_in_a_dictionary_come_back():
    columns = columns_of(
        bare("a", "categorical", "dictionary<values=double, indices=int32, ordered=0>", top=((math.inf, 3),))
    )
    assert figures_of_json(json_of(Figures(columns=columns))).columns["a"].top == ((math.inf, 3),)


def test_long_texts_are_cut():
    columns = columns_of(bare("a", "text", "string", top=(("x" * 10_000_000, 1),)))
    assert len(json_of(Figures(columns=columns))) < 5000


def test_names_that_utf8_cannot_hold_come_back():
    found = Figures(columns=columns_of(number("\ud800 가")))
    said = json_of(found)
    assert figures_of_json(said) == found
    said.encode()


def test_there_is_one_line_a_column():
    assert len([line for line in json_of(wide(60)).splitlines() if line.startswith('{"name"')]) == 60


def test_numpys_numbers_are_written_as_numbers():
    import numpy as np

    found = Figures(columns=columns_of(number(mean=np.float64(1.5), min=np.float64("inf"))))
    assert '"mean": 1.5' in json_of(found)
    assert '"min": "inf"' in json_of(found)


@pytest.mark.parametrize(
    "said",
    [
        "",
        "{",
        "null",
        "[]",
        "3",
        '"dsml.profile/3"',
        "{}",
        '{"schema": "dsml.profile/1"}',
        '{"schema": "dsml.profile/4"}',
        '{"schema": "dsml.profile/3", "rows": -1}',
        '{"schema": "dsml.profile/3", "rows": true}',
        '{"schema": "dsml.profile/3", "rows": 1e999}',
        '{"schema": "dsml.profile/3", "columns": [{"name": "a"}]}',
        '{"schema": "dsml.profile/3", "columns": {"a": 1}}',
        '{"schema": "dsml.profile/3", "insights": [{"code": "no such", "column": null, "severity": "high"}]}',
        '{"schema": "dsml.profile/3", "insights": [{"code": "missing", "column": null, "severity": "dire"}]}',
        '{"schema": "dsml.profile/3", "questions": [{"code": "missing", "answer": {"code": "view.rows"}}]}',
        '{"schema": "dsml.profile/3", "target": {"column": "gone", "associations": []}}',
        '{"schema": "dsml.profile/3", "matrix": {"names": ["a"], "values": []}}',
        '{"cells": [], "metadata": {}, "nbformat": 4}',
        "[" * 100_000,
        "\x00",
    ],
)
def test_foreign_text_is_refused(said):
    with pytest.raises(DataError, match="Expected a profile"):
        figures_of_json(said)


@pytest.mark.parametrize("data", [None, b"{}", 3])
def test_what_is_no_text_is_refused(data):
    with pytest.raises(DataError, match="Expected a profile"):
        figures_of_json(data)


def test_the_place_of_an_error_is_named():
    data = dict_of(rich())
    data["columns"][2]["missing"] = "many"
    with pytest.raises(DataError, match=r"whole number.* at profile.columns\[2\].missing, got 'many'"):
        figures_of(data)


def test_columns_of_one_name_are_refused():
    data = dict_of(rich())
    data["columns"].append(data["columns"][0])
    with pytest.raises(DataError, match="different names"):
        figures_of(data)


def test_words_without_their_values_are_refused():
    data = dict_of(rich())
    data["insights"][0]["evidence"] = {"count": [1], "share": "much"}
    with pytest.raises(DataError, match="a known code and its values"):
        figures_of(data)


def test_more_than_is_known_is_passed_over():
    assert figures_of(dict_of(rich()) | {"weather": "fine"}) == rich()


scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["inf", "nan"])
)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


def places_in(data, path=()):
    """Every path to a part of the data."""
    yield path
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, item in items:
        yield from places_in(item, (*path, key))


SAMPLE = json.loads(json_of(rich()))
PLACES = list(
    # One place of each shape: most parts are percentiles.
    {
        tuple("" if isinstance(key, int) else key for key in place): place
        for place in places_in(SAMPLE)
        if place
    }.values()
)


def changed(place, change):
    """A profile as JSON, with one part of it changed or taken away."""
    data = copy.deepcopy(SAMPLE)
    *parents, last = place
    inner = data
    for key in parents:
        inner = inner[key]
    if change is KeyError:
        del inner[last]
    else:
        inner[last] = change
    return data


@pytest.mark.slow
@given(st.sampled_from(PLACES), anything | st.just(KeyError))
@settings(max_examples=600, deadline=None)
def test_whatever_is_changed_is_shown_or_refused(place, change):
    try:
        found = figures_of(changed(place, change))
    except DataError as error:
        assert str(error).startswith("Expected a profile")
        return
    for said in ("en", "ko"):
        fragment(found, said)
        text(found, said)
    json_of(found)


def test_a_real_profile_comes_back(shared_data):
    train = pd.read_csv(shared_data / "penguins.csv", parse_dates=["Date Egg"])
    profile = dsml.profile(train, target="Species", compare=train[:100])
    found = profile.figures
    VALIDATOR.validate(json.loads(json_of(found)))
    assert figures_of_json(json_of(found)) == found


ODD = {
    "times": {
        "t": [dt.time(1), dt.time(2)],
        "d": [dt.timedelta(1), None],
        "z": pd.date_range("2024", periods=2, tz="UTC"),
    },
    "numbers": {
        "a": [math.inf, -math.inf],
        "b": [2**63 - 1, -(2**63)],
        "c": pd.array([1, None], dtype="Int64"),
    },
    "others": {
        "l": [[1], None],
        "b": [b"x", None],
        "n": [None, None],
        "f": [True, None],
        "c": pd.Categorical(["a", "b"]),
    },
    "names": {"": [1, 2], HOSTILE: ["a", "b"], "한글": [1.5, None]},
}


@pytest.mark.parametrize("table", ODD.values(), ids=ODD)
def test_odd_profiles_come_back(table):
    found = dsml.profile(table, compare=table).figures
    VALIDATOR.validate(json.loads(json_of(found)))
    assert figures_of_json(json_of(found)) == found


def test_a_profile_read_from_json_shows_itself():
    profile = dsml.profile({"a": [1, 2, None], "b": ["x", "y", "y"]})
    back = dsml.Profile.from_json(profile.to_json())
    assert back == profile
    assert str(back) == str(profile)
    assert replace(back.figures, origin="") == replace(profile.figures, origin="")
