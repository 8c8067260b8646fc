"""The contract of a package: learnt, edited, read, and held against rows."""

import datetime as dt
import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from dsml_magics.errors import ColumnNotFound, ContractUnusable
from dsml_magics.package.checking import check
from dsml_magics.package.contract import Contract, read_contract
from dsml_magics.package.learning import contract_of_array, contract_of_table
from dsml_magics.profile.measure import columns_of
from dsml_magics.profile.value import Profile

DAYS = [dt.datetime(2026, 1, day + 1) for day in range(20)]
ROWS = pa.table(
    {
        "age": [20 + at for at in range(20)],
        "height": [1.5 + at / 100 for at in range(19)] + [None],
        "job": ["a", "b", None, "a"] * 5,
        "note": [f"a text of its own {at}" for at in range(20)],
        "rich": [True, False] * 10,
        "when": DAYS,
        "loss": [-5.0 + at for at in range(20)],
    }
)


def learnt(table, **more):
    return contract_of_table(table, columns_of(Profile.of(table).require_state()), **more)


def test_a_contract_is_learnt_from_rows():
    contract = learnt(ROWS)
    rules = {
        rule.name: (rule.type, rule.nullable, rule.min, rule.max, rule.categories)
        for rule in contract.columns
    }
    assert rules == {
        # A range is as wide again on both sides, but never below zero where nothing was.
        "age": ("integer", False, 1, 58, None),
        "height": ("number", True, pytest.approx(1.32), pytest.approx(1.86), None),
        "job": ("string", True, None, None, ("a", "b")),
        "note": ("string", False, None, None, None),
        "rich": ("boolean", False, None, None, None),
        "when": ("datetime", False, "2025-12-13T00:00:00", None, None),
        "loss": ("number", False, -24.0, 33.0, None),
    }


def test_what_encoders_know_is_added():
    assert learnt(ROWS, known={"job": ["b", "c", None]})["job"].categories == ("a", "b", "c")


def test_rows_of_the_data_keep_their_own_contract():
    assert not check(ROWS, learnt(ROWS)).violations


@pytest.mark.parametrize(
    ("column", "value", "what", "got"),
    [
        ("age", None, "missing", "nothing"),
        ("age", 20.5, "type", "number with a fraction"),
        ("age", "many", "type", "string"),
        ("age", 59, "range", "more"),
        ("age", 0, "range", "less"),
        ("age", True, "type", "boolean"),
        ("height", float("inf"), "range", "more"),
        ("height", "tall", "type", "string"),
        ("job", "cook", "category", "an unknown category"),
        ("job", 3, "type", "integer"),
        ("note", None, "missing", "nothing"),
        ("rich", "perhaps", "type", "string"),
        ("rich", 1, "type", "integer"),
        ("when", dt.datetime(2020, 1, 1), "range", "less"),
        ("when", "soon", "type", "string"),
        ("when", 3, "type", "integer"),
    ],
)
def test_what_breaks_a_rule_is_found(column, value, what, got):
    at = ROWS.column_names.index(column)
    row = ROWS.slice(0, 1).set_column(at, column, pa.array([value]))
    checked = check(row, learnt(ROWS))
    assert [(each.column, each.what, each.got) for each in checked.violations] == [(column, what, got)]
    assert checked.refused.tolist() == [True]
    assert column in checked.reasons()[0]
    if isinstance(value, str):
        assert value not in checked.reasons()[0]


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("age", "30", 30),
        ("age", " 30.0 ", 30),
        ("age", 30.0, 30),
        ("age", pa.scalar(30, pa.int8()), 30),
        ("height", "1.6", 1.6),
        ("height", 1, None),
        ("rich", "TRUE", True),
        ("when", "2026-01-03", dt.datetime(2026, 1, 3)),
        ("when", "2026-01-03 04:05:06", dt.datetime(2026, 1, 3, 4, 5, 6)),
        ("when", dt.date(2026, 1, 3), None),
        ("when", dt.datetime(2126, 1, 1), None),
        ("job", None, None),
    ],
)
def test_what_means_the_same_is_taken(column, value, expected):
    at = ROWS.column_names.index(column)
    values = pa.array([value.as_py()], value.type) if isinstance(value, pa.Scalar) else pa.array([value])
    row = ROWS.slice(0, 1).set_column(at, column, values)
    # One metre is less than anybody is high.
    contract = learnt(ROWS).changed("height", min=0.5)
    checked = check(row, contract)
    assert not checked.violations
    if expected is not None:
        assert checked.rows.column(column).to_pylist() == [expected]


def test_categories_as_codes_are_read():
    coded = ROWS.set_column(2, "job", ROWS.column("job").dictionary_encode())
    assert not check(coded, learnt(ROWS)).violations
    odd = pa.array(["a", "z"]).dictionary_encode()
    found = check(ROWS.slice(0, 2).set_column(2, "job", odd), learnt(ROWS))
    assert found.refused.tolist() == [False, True]


def test_a_policy_warns_or_clips():
    contract = learnt(ROWS).changed("age", policy="clip").changed("job", policy="warn")
    rows = ROWS.slice(0, 3).set_column(0, "age", pa.array([-5, 500, 30]))
    rows = rows.set_column(2, "job", pa.array(["z", "a", "a"]))
    checked = check(rows, contract)
    assert not checked.refused.any()
    assert checked.rows.column("age").to_pylist() == [1, 58, 30]
    assert {each.column for each in checked.violations} == {"age", "job"}


def test_a_column_more_is_ignored_and_one_less_is_told():
    more = ROWS.append_column("more", pa.array(range(20)))
    assert check(more, learnt(ROWS)).rows.column_names == ROWS.column_names
    with pytest.raises(ColumnNotFound, match="'age'.*Did you mean 'Age'"):
        check(ROWS.rename_columns(["Age", *ROWS.column_names[1:]]), learnt(ROWS))


def test_no_rows_break_no_contract():
    checked = check(ROWS.slice(0, 0), learnt(ROWS))
    assert (checked.rows.num_rows, list(checked.violations)) == (0, [])


def test_an_array_has_columns_by_number():
    values = np.array([[1.0, np.nan], [3.0, 4.0]])
    contract = contract_of_array(values)
    assert (contract.form, contract.names, contract.shape) == ("array", ["0", "1"], (2,))
    assert [rule.nullable for rule in contract.columns] == [False, True]
    assert contract_of_array(np.zeros((5, 2, 2), "uint8")).columns == ()


def test_a_contract_is_written_read_and_edited(tmp_path):
    contract = learnt(ROWS)
    path = tmp_path / "contract.json"
    path.write_text(contract.to_json())
    assert read_contract(path) == contract
    content = json.loads(path.read_text())
    content["columns"][0]["max"] = 120
    path.write_text(json.dumps(content))
    assert read_contract(path)["age"].max == 120
    assert read_contract(path).changed("age", max=58) == contract


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"type": "int"}, "one of boolean, integer.* for column 'age', got 'int'"),
        ({"policy": "drop"}, "one of refuse, warn, clip"),
        ({"min": 60}, "min <= max for column 'age', got 60 and 58"),
        ({"min": "2026-01-01"}, "numbers for the range"),
        ({"min": "soon"}, "a number or an ISO date"),
        ({"min": [1]}, "a number or an ISO date"),
        ({"maximum": 3}, "No property 'maximum' of column 'age'. Did you mean 'max'"),
        ({"nullable": "no"}, "true or false for nullable"),
        ({"categories": "a,b"}, "a list of categories"),
        ({"categorical": True}, "categories for column 'age', which is categorical"),
        ({"type": "string"}, "no range for column 'age', which is of type string"),
        ({"name": 3}, "a column with a name"),
        ({"min": None, "max": None, "policy": "clip"}, "a range to clip column 'age' to"),
    ],
)
def test_a_contract_that_says_the_impossible_is_refused(change, match):
    content = learnt(ROWS).to_dict()
    content["columns"][0] |= change
    with pytest.raises(ContractUnusable, match=match):
        Contract.from_json(json.dumps(content))


def test_frames_of_pandas_keep_their_contract():
    frame = pd.DataFrame({"n": [1.0, None, 3.0], "c": pd.Categorical(["x", None, "y"])})
    table = pa.Table.from_pandas(frame)
    contract = learnt(table, fixed={"c": ["x", "y"]})
    assert contract["c"].categorical
    assert not check(table, contract).violations
