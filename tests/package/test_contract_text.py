"""A contract as text: what it says to a reader, and how it is read from a file."""

import datetime as dt
import json
import re
from dataclasses import replace

import pytest

from dsml_magics.errors import ColumnNotFound, ContractUnusable
from dsml_magics.package.contract import Contract, Rule, read_contract

AGE = Rule("age", "integer", nullable=False, min=17, max=90)
TABLE = Contract((AGE, Rule("größe", "number"), Rule("job", "string", categories=("a", "b"))))
ARRAY = Contract(form="array", dtype="uint8", shape=(2, 3), answer={"dtype": "int64", "shape": []})


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (AGE, "integer from 17 to 90"),
        (replace(AGE, nullable=True), "integer from 17 to 90 or nothing"),
        (replace(AGE, max=None), "integer from 17 on"),
        (replace(AGE, min=None), "integer up to 90"),
        (replace(AGE, min=0, max=None), "integer from 0 on"),
        (replace(AGE, min=None, max=0), "integer up to 0"),
        (Rule("x"), "any value or nothing"),
        (Rule("x", "boolean", nullable=False), "boolean"),
        (Rule("x", "string", categories=("a", "b")), "string one of 2 categories or nothing"),
        (
            Rule("x", "integer", nullable=False, max=9, categories=(1,)),
            "integer up to 9 one of 1 categories",
        ),
    ],
)
def test_a_rule_says_what_is_expected(rule, expected):
    assert rule.expected == expected


def test_a_rule_allows_all_where_nothing_is_said():
    assert Rule("x") == Rule("x", "any", True, None, None, None, "refuse", False)


def test_a_range_may_be_one_value():
    assert Rule("x", "integer", min=3, max=3).expected == "integer from 3 to 3 or nothing"


@pytest.mark.parametrize(
    ("rule", "match"),
    [
        ({"type": "int"}, "Expected one of boolean, integer, number, .*, any for column 'x', got 'int'"),
        ({"policy": "drop"}, "Expected one of refuse, warn, clip for column 'x', got 'drop'"),
        ({"type": "number", "min": True}, r"Expected numbers for the range of column 'x', got \[True\]"),
        ({"type": "integer", "max": "9"}, r"Expected numbers for the range of column 'x', got \['9'\]"),
        ({"type": "date", "min": 3}, r"Expected ISO text for the range of column 'x', got \[3\]"),
        (
            {"type": "datetime", "min": "2026-01-01", "max": 3},
            "Expected ISO text for the range",
        ),
        (
            {"type": "date", "min": "2026-01-02", "max": "2026-01-01"},
            "Expected min <= max for column 'x', got 2026-01-02 and 2026-01-01",
        ),
        ({"type": "boolean", "min": 0}, "Expected no range for column 'x', which is of type boolean"),
        ({"categorical": True}, "Expected categories for column 'x', which is categorical"),
        ({"type": "number", "policy": "clip"}, "Expected a range to clip column 'x' to, got none"),
    ],
)
def test_a_rule_that_says_the_impossible_cannot_be_made(rule, match):
    with pytest.raises(ContractUnusable, match=match):
        Rule("x", **rule)


@pytest.mark.parametrize("end", [{"min": 0}, {"max": 9.5}])
def test_one_end_of_a_range_is_enough_to_clip_to(end):
    assert Rule("x", "number", policy="clip", **end).policy == "clip"


@pytest.mark.parametrize("type_", ["datetime", "date"])
def test_moments_and_days_have_a_range_of_text(type_):
    assert Rule("x", type_, min="2026-01-01", max="2026-01-02")


def test_a_contract_prints_a_line_a_column_and_the_shape_of_an_array():
    assert str(TABLE).splitlines() == [
        "age    integer from 17 to 90",
        "größe  number or nothing",
        "job    string one of 2 categories or nothing",
    ]
    assert str(ARRAY) == "an array of uint8, shape (rows, 2, 3)"
    assert str(Contract(form="array", dtype="float64")) == "an array of float64, shape (rows, )"


def test_rules_are_found_and_changed_by_name():
    assert TABLE.names == ["age", "größe", "job"]
    assert TABLE["job"].categories == ("a", "b")
    other = TABLE.changed("age", max=120, policy="warn")
    assert other["age"] == replace(AGE, max=120, policy="warn")
    assert other.columns[1:] == TABLE.columns[1:]
    assert TABLE["age"] == AGE
    for name, told in (("agee", "Did you mean 'age'"), ("zzzz", "Known: age, größe, job")):
        with pytest.raises(ColumnNotFound, match=f"No column '{name}' in the contract. {told}"):
            TABLE.changed(name, max=1)


@pytest.mark.parametrize("contract", [TABLE, ARRAY, Contract(), replace(TABLE, form="array", dtype="f8")])
def test_a_contract_is_read_as_it_was_written(contract):
    assert Contract.from_json(contract.to_json()) == contract


def test_a_contract_is_written_to_be_edited():
    text = TABLE.to_json()
    assert '"name": "größe"' in text
    assert '\n  "columns": [\n    {\n      "name": "age",\n' in text
    assert text.endswith("}\n")
    written = json.loads(ARRAY.to_json())
    assert written == {
        "schema": "dsml.contract/1",
        "form": "array",
        "dtype": "uint8",
        "shape": [2, 3],
        "answer": {"dtype": "int64", "shape": []},
        "columns": [],
    }


def test_categories_that_json_does_not_know_are_written_as_text():
    assert '"2026-01-02"' in Contract((Rule("x", categories=(dt.date(2026, 1, 2),)),)).to_json()


def test_what_is_left_out_of_a_file_is_allowed():
    text = '{"schema": "dsml.contract/1", "columns": [{"name": "a"}, {"name": "b", "nullable": false}]}'
    assert Contract.from_json(text) == Contract((Rule("a"), Rule("b", nullable=False)), form="frame")


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"schema": "dsml.contract/9"}, "Expected a contract with the schema 'dsml.contract/1', got another"),
        ({"columns": {}}, "Expected a list for 'columns' in the contract, got dict"),
        ({"shape": 3}, "Expected a list for 'shape' in the contract, got int"),
        ({"columns": ["age"]}, "^Expected a column with a name in the contract, got none"),
        ({"columns": [{"type": "any"}]}, "^Expected a column with a name in the contract, got none"),
        (
            {"columns": [{"name": "age", "typ": "any"}]},
            "No property 'typ' of column 'age'. Did you mean 'type'",
        ),
        (
            {"columns": [{"name": "age", "categories": "ab"}]},
            "Expected a list of categories of column 'age'",
        ),
        (
            {"columns": [{"name": "age", "nullable": 1}]},
            "Expected true or false for nullable of column 'age'",
        ),
        (
            {"columns": [{"name": "age", "categorical": None}]},
            "Expected true or false for categorical of column 'age'",
        ),
        (
            {"columns": [{"name": "age", "type": "number", "max": float("inf")}]},
            "Expected a number or an ISO date for the range of column 'age', got inf",
        ),
        (
            {"columns": [{"name": "age", "type": "date", "min": "May"}]},
            "Expected a number or an ISO date for the range of column 'age', got 'May'",
        ),
    ],
)
def test_a_file_that_was_edited_wrongly_is_refused(change, match):
    with pytest.raises(ContractUnusable, match=match):
        Contract.from_json(json.dumps(TABLE.to_dict() | change))


@pytest.mark.parametrize("text", ["[]", "3", "{}", "null"])
def test_another_file_is_no_contract(text):
    with pytest.raises(ContractUnusable, match="Expected a contract with the schema"):
        Contract.from_json(text)


def test_a_file_that_cannot_be_read_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    path = tmp_path / "contract.json"
    with pytest.raises(
        ContractUnusable, match=f"Expected a contract in {re.escape(repr(str(path)))}, but: .*No such"
    ):
        read_contract(path)
    path.write_bytes(b"\xff")
    with pytest.raises(ContractUnusable, match=f"Expected a contract in '~/{path.name}', but: .*codec"):
        read_contract("~/contract.json")
    path.write_text("{")
    with pytest.raises(ContractUnusable, match="Expected a contract in JSON, but: .*line 1 column 2"):
        read_contract(path)
    path.write_text(TABLE.to_json(), encoding="utf-8")
    assert read_contract("~/contract.json") == TABLE
