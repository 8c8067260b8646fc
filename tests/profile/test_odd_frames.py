"""Frames that pandas users have every day: any names, any objects; each is profiled, and what was changed is said."""

import decimal
import json
import subprocess
import sys
from importlib.resources import files

import jsonschema
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import dsml_magics as dsml
from dsml_magics.errors import DsmlError
from dsml_magics.frames.fingerprint import fingerprint
from dsml_magics.frames.opening import open_table
from dsml_magics.profile.value import Profile

SKEWED = np.exp(np.linspace(0, 9, 60))


class Broken:
    """Raises whatever is asked of it."""

    def __repr__(self):
        raise RuntimeError

    def __len__(self):
        raise ValueError

    def __float__(self):
        raise ZeroDivisionError


CYCLE: list = []
CYCLE.append({"again": CYCLE})
ODD = [
    {1, 2},
    frozenset("ab"),
    1j,
    object(),
    int,
    range(3),
    (1, "x"),
    [1, "x"],
    {1: 2},
    Broken(),
    CYCLE,
    pd.DataFrame({"a": [1]}),
    pd.Period("2020-01"),
    pd.Interval(0, 1),
    pd.offsets.Day(1),
    np.complex64(1),
    "\udc00",
    ["\ud800"],
    10**40,
]
SCALARS = st.one_of(
    st.none(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.booleans(),
    st.dates(),
    st.decimals(),
    st.binary(),
)
CELLS = st.one_of(
    SCALARS, st.sampled_from(ODD), st.lists(SCALARS, max_size=3), st.sets(st.integers(), max_size=3)
)
NAMES = st.one_of(SCALARS, st.tuples(SCALARS, SCALARS), st.sampled_from(["a", "a", 0, "0", "\ud800"]))


def views(profile):
    return profile.to_text() + profile.to_text(lang="ko") + profile.to_html() + profile.to_json()


@pytest.mark.parametrize(
    "columns",
    [range(2), [("a", "x"), ("a", "y")], ["a", "a"], [1.5, None]],
    ids=["numbers", "tuples", "duplicates", "others"],
)
def test_columns_of_any_names_are_profiled_and_it_is_said(columns):
    frame = pd.DataFrame(np.arange(6.0).reshape(3, 2), columns=columns)
    profile = dsml.profile(frame)
    assert [column.mean for column in profile.columns.values()] == [2.0, 3.0]
    (note,) = profile.figures.notes
    assert note.code == "note.names"
    assert "shown as distinct text" in profile.to_text()
    assert "shown as distinct text" in profile.to_html()
    assert "서로 다른 텍스트로" in profile.to_text(lang="ko")
    assert json.loads(profile.to_json())["notes"][0]["text"].endswith(".")


def test_names_of_levels_are_profiled():
    profile = dsml.profile(pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_product([["a"], ["x", "y"]])))
    assert list(profile.columns) == ["a_x", "a_y"]


def test_a_frame_of_plain_names_has_no_note():
    assert dsml.profile(pd.DataFrame({"a": [1], "나이": [2]})).figures.notes == ()


def test_notes_outlive_storing_and_adding_and_fit_the_schema():
    profile = Profile.of(pd.DataFrame([[1.0, 2.0], [3.0, 4.0]]))
    whole = Profile.from_bytes((profile + profile).to_bytes())
    assert (whole.figures.notes, whole.literals) == (profile.figures.notes, profile.literals)
    assert Profile.from_json(whole.to_json()).figures.notes == whole.figures.notes
    schema = json.loads(files("dsml_magics.profile").joinpath("profile.schema.json").read_text())
    jsonschema.validate(whole.to_dict(), schema)


@pytest.mark.parametrize("name", [7, ("a", "x"), "plain"])
def test_suggested_code_names_the_column_as_the_frame_does(name):
    frame = pd.DataFrame({name: [" 5", "6 ", "seven"] * 20, "other": range(60)}, dtype=object)
    frame.columns = pd.Index([name, "other"], tupleize_cols=False)
    frame.iloc[0, 0] = None
    frame.iloc[1, 0] = 3
    codes = [insight for insight in dsml.profile(frame).insights if insight.pandas]
    assert codes
    for insight in codes:
        names = {"df": frame.copy(), "pd": pd, "np": np}
        exec(insight.pandas, names)
        assert set(names["df"].columns) <= set(frame.columns)
        assert name == "plain" or insight.column == "other" or insight.polars is None


def test_a_column_that_shares_its_name_has_no_code():
    frame = pd.DataFrame({"a": [1.0] * 60, "b": SKEWED})
    frame.columns = ["a", "a"]
    profile = dsml.profile(frame)
    assert profile.insights
    assert not [insight for insight in profile.insights if insight.pandas and "'a" in insight.pandas]


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: type(odd).__name__)
def test_one_odd_value_does_not_refuse_the_table(odd):
    column = pd.Series([None, None, None], dtype=object)
    column[0] = odd
    frame = pd.DataFrame({"odd": column, "b": [1.0, 2.0, 4.0]})
    profile = dsml.profile(frame, target="b", compare=frame.copy())
    assert (profile.columns["odd"].missing, profile.columns["b"].max) == (2, 4.0)
    views(profile)


@pytest.mark.parametrize(
    ("values", "types", "distinct"),
    [
        ([{1, 2}, {2, 1}, None, {3}], "set", 2),
        (np.array([1j, 2, 2, 3]), "complex128", 3),
        ([1, {1}, "x", None], "int, set, str", 3),
    ],
)
def test_objects_are_of_the_kind_other(values, types, distinct):
    column = dsml.profile({"a": values, "b": [1, 2, 3, 4]}).columns["a"]
    assert (column.kind, column.type, column.distinct) == ("other", f"object ({types})", distinct)
    assert (column.top, column.histogram, column.mixed) == ((), None, None)


def test_objects_have_no_associations_and_no_code():
    values = [{number % 3} for number in range(60)]
    profile = dsml.profile(pd.DataFrame({"a": values, "b": [number % 3 for number in range(60)]}), target="b")
    assert not [pair for pair in profile.associations if "a" in (pair.column, pair.other)]
    assert not [insight for insight in profile.insights if insight.pandas == "df = df.drop_duplicates()"]


def test_objects_that_cannot_be_told_apart_are_no_constant():
    column = dsml.profile(pd.DataFrame({"a": [object(), object()]})).columns["a"]
    assert column.kind == "other"


def test_sets_have_the_same_fingerprint_in_every_process():
    script = (
        "from dsml_magics.frames.opening import open_table; from dsml_magics.frames.fingerprint import fingerprint;"
        "print(fingerprint(open_table({'a': [{'x', 'y', 'z'}, {'p', 'q'}, object()]})))"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={"PYTHONHASHSEED": seed, "PATH": ""},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(found) == 1


def test_halves_of_characters_are_replaced_and_it_is_said():
    frame = pd.DataFrame({"a": ["x\ud800", "y", None]}, dtype=object)
    profile = dsml.profile(frame)
    assert [value for value, _ in profile.columns["a"].top] == ["x\ufffd", "y"]
    assert "U+FFFD in 1 column: a" in profile.to_text()


def test_periods_are_the_moments_they_begin_at():
    column = dsml.profile(pd.DataFrame({"a": pd.period_range("2020-01", periods=3, freq="M")})).columns["a"]
    assert (column.kind, str(column.min)[:10]) == ("datetime", "2020-01-01")


def test_decimals_beside_numbers_are_read():
    column = dsml.profile(pd.DataFrame({"a": [decimal.Decimal("1.5"), 2.5, 3]})).columns["a"]
    assert column.mixed == "Decimal, float, int"


def test_a_frame_is_the_same_by_whatever_names():
    values = np.arange(6.0).reshape(3, 2)
    assert fingerprint(open_table(pd.DataFrame(values))) == fingerprint(
        open_table(pd.DataFrame(values, columns=["0", "1"]))
    )


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_no_frame_raises_anything_but_our_own_errors(data):
    rows = data.draw(st.integers(0, 6))
    names = data.draw(st.lists(NAMES, min_size=1, max_size=4))
    cells = [data.draw(st.lists(CELLS, min_size=rows, max_size=rows)) for _ in names]
    frame = pd.DataFrame({at: _series(column) for at, column in enumerate(cells)})
    frame.columns = pd.Index(names, tupleize_cols=data.draw(st.booleans()), dtype=object)
    try:
        profile = dsml.profile(frame)
    except DsmlError:
        assert not rows
        return
    assert profile.rows == rows
    views(profile)
    assert Profile.from_bytes(profile.to_bytes()) == profile
    fingerprint(open_table(frame))


def _series(values):
    series = pd.Series([None] * len(values), dtype=object)
    for at, value in enumerate(values):
        series.iat[at] = value
    return series
