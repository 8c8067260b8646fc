"""Odd rows that a package must answer or refuse, as its contract promises."""

from typing import ClassVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from dsml_magics.deploy.edge import _not_refused, edges, odd_rows
from dsml_magics.package.contract import Contract, Rule
from dsml_magics.package.proof import Edge, broken
from dsml_magics.package.scorer import Bare, Scorer
from dsml_magics.package.violation import Checked

AGE = Rule("age", "integer", nullable=False, min=2, max=9)
ROWS = pa.table({"age": pa.array([3 + at % 5 for at in range(30)])})
SHAPES = ["one row", "no rows", "columns in another order", "from polars", "an extra column"]


class Model:
    """Answers a frame by a function; `odd` makes another answer of the right one."""

    def __init__(self, odd=lambda answer, frame: answer):
        self.odd = odd

    def predict(self, frame):
        return self.odd(np.arange(len(frame)) + 0.25, frame)


def scorer(*rules, model=None, dtype="float64"):
    contract = Contract(rules or (AGE,), answer={"dtype": dtype, "shape": []})
    return Scorer(Bare(model or Model()), contract, "here")


def told(found):
    return {edge.name: edge.said for edge in found if edge.said}


def promised(rule, rows=None):
    """List what is tried on the values of a column, and what is promised; all of it is kept."""
    rows = pa.table({"age": [5]}) if rows is None else rows
    found = edges(scorer(rule), rows)
    assert told(found) == {}
    return {edge.name.removeprefix("age: "): edge.promise for edge in found if edge.name.startswith("age: ")}


WRONG_AGES = [
    f"age: {what}"
    for what in ("missing", "a fraction", "text", "beyond the least value", "beyond the greatest value")
]


def test_every_promise_of_a_good_package_is_kept():
    found = edges(scorer(AGE, Rule("size", "number")), ROWS.append_column("size", [[0.5] * 30]))
    assert told(found) == {}
    assert [edge.name for edge in found] == [
        *SHAPES,
        "a column gone",
        *WRONG_AGES,
        "size: text",
        "age: the least value",
        "age: the greatest value",
        "size: missing",
    ]
    assert [edge.promise for edge in found] == ["answers"] * 5 + ["refuses"] * 7 + ["answers"] * 3


def test_a_package_of_one_column_is_not_asked_without_it():
    assert [edge.name for edge in edges(scorer(), ROWS)][:6] == [*SHAPES, "age: missing"]


REFUSED = {"a fraction": "refuses", "text": "refuses"}
ENDS = {"the least value": "answers", "the greatest value": "answers"}
BEYOND = ["beyond the least value", "beyond the greatest value"]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (AGE, {"missing": "refuses", **REFUSED, **ENDS, **dict.fromkeys(BEYOND, "refuses")}),
        (
            Rule("age", "integer", min=2, max=9, policy="warn"),
            {"missing": "answers", **REFUSED, **ENDS, **dict.fromkeys(BEYOND, "answers")},
        ),
        (
            Rule("age", "number", min=2.5, policy="clip"),
            {
                "missing": "answers",
                "text": "refuses",
                "the least value": "answers",
                "beyond the least value": "answers",
            },
        ),
        (
            Rule("age", "number", nullable=False, max=9),
            {
                "missing": "refuses",
                "text": "refuses",
                "the greatest value": "answers",
                "beyond the greatest value": "refuses",
            },
        ),
        (Rule("age"), {"missing": "answers"}),
    ],
)
def test_values_are_tried_by_the_rule_of_a_column(rule, expected):
    assert promised(rule) == expected


@pytest.mark.parametrize(
    ("values", "type_", "more"),
    [
        ([True], "boolean", {}),
        (pa.array([0], pa.timestamp("us")), "datetime", {"min": "1970-01-01"}),
        (pa.array([0], pa.date32()), "date", {"max": "1970-01-02"}),
    ],
)
def test_other_types_are_tried_with_text_and_nothing(values, type_, more):
    expected = {"missing": "answers", "text": "refuses"}
    assert promised(Rule("age", type_, **more), pa.table({"age": values})) == expected


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"policy": "refuse"}, "refuses"),
        ({"policy": "warn"}, "answers"),
        ({"policy": "refuse", "categorical": True}, "refuses"),
        # A categorical of just these categories cannot hold another: it would be missing.
        ({"policy": "warn", "categorical": True}, None),
    ],
)
def test_an_unknown_category_is_tried_on_text(rule, expected):
    for rows in (pa.table({"age": ["a", "b"]}), pa.table({"age": pa.array(["a", "b"]).dictionary_encode()})):
        tried = promised(Rule("age", "string", categories=("a", "b"), **rule), rows)
        assert tried.get("an unknown category") == expected
    assert promised(Rule("age", "integer", categories=(5,))).keys() == {"missing", "a fraction", "text"}


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        ((2, 9), [0, 18]),
        ((0, 0), [-1, 1]),
        ((-3, -2), [-6, 0]),
        ((0.25, 0.5), [-0.75, 1.5]),
    ],
)
def test_beyond_a_range_is_as_far_again_and_one_at_least(ends, expected):
    low, high = ends
    rule = Rule("age", "number", nullable=False, min=low, max=high, policy="warn")
    tried = {name: row.column("age")[0].as_py() for name, row in odd_rows(Contract((rule,)), ROWS)}
    assert tried == {
        "age is the least value": low,
        "age is beyond the least value": expected[0],
        "age is the greatest value": high,
        "age is beyond the greatest value": expected[1],
    }


def test_an_odd_row_is_else_the_first_of_the_data():
    rows = pa.table({"age": [4, 5], "job": pa.array(["a", "b"]).dictionary_encode()})
    found = dict(odd_rows(Contract((Rule("age"), Rule("job", "string"))), rows))
    assert {name: row.to_pylist() for name, row in found.items()} == {
        "age is missing": [{"age": None, "job": "a"}],
        "job is missing": [{"age": 4, "job": None}],
    }


def test_a_missing_value_has_the_type_of_its_column():
    rows = pa.table({"age": pa.array([1], pa.duration("s"))})
    ((_, row),) = odd_rows(Contract((Rule("age", "duration"),)), rows)
    assert (row.schema.types, row.to_pylist()) == ([pa.duration("s")], [{"age": None}])


def test_the_first_hundred_columns_are_tried():
    rules = [Rule(f"c{at}") for at in range(102)]
    rows = pa.table({rule.name: [1] for rule in rules})
    names = [f"c{at}" for at in range(100)]
    assert [name.removesuffix(" is missing") for name, _ in odd_rows(Contract(tuple(rules)), rows)] == names
    tried = [edge.name for edge in edges(scorer(*rules), rows) if edge.name.endswith(": missing")]
    assert tried == [f"{name}: missing" for name in names]


def test_numbers_that_no_table_can_hold_are_not_tried():
    rule = Rule("age", "integer", nullable=False, min=-(2**63), max=2**63 - 1)
    assert promised(rule) == {"missing": "refuses", **REFUSED, **ENDS}


def test_codes_are_tried_beside_the_values_of_other_columns():
    """A pandas categorical with gaps, beside a number: what is odd in one stands among codes of the other."""
    frame = pd.DataFrame({"job": pd.Categorical(["a", "b", None]), "age": [3, 4, 5]})
    job = Rule("job", "string", categories=("a", "b"), categorical=True)
    assert told(edges(scorer(job, AGE), pa.Table.from_pandas(frame))) == {}


class Lenient(Scorer):
    """A scorer that refuses nothing; it notes what it is asked to check."""

    seen: ClassVar[list[pa.Table]] = []

    def check(self, batch):
        self.seen.append(batch)
        return Checked(batch)


def test_a_package_that_refuses_nothing_is_told():
    Lenient.seen.clear()
    rules = (AGE, Rule("size", "any", nullable=False))
    rows = pa.table({"age": [4, 5], "size": [1, 2]})
    answers = {"dtype": "float64", "shape": []}
    found = edges(Lenient(Bare(Model()), Contract(rules, answer=answers), "here"), rows)
    assert told(found) == dict.fromkeys(
        [
            "a column gone",
            *WRONG_AGES,
            "size: missing",
        ],
        "the contract let it through",
    )
    shapes = [each.column_names for each in Lenient.seen]
    assert shapes[:2] == [["age", "size"], ["age", "size"]]
    assert shapes[3:5] == [["size", "age"], ["age", "size"]]
    assert shapes[5][:2] == ["age", "size"]
    assert len(shapes[5]) == 3
    assert shapes[6] == ["size"]
    assert {tuple(names) for names in shapes[7:]} == {("age", "size")}


def test_an_odd_row_that_the_contract_lets_through_is_told():
    scorer = Scorer(Bare(None), Contract((Rule("age", "integer", min=0, max=9),)), "here")
    assert _not_refused(scorer, pa.table({"age": [10]})) == ""
    assert _not_refused(scorer, pa.table({"other": [5]})) == ""
    assert _not_refused(scorer, pa.table({"age": [5]})) == "the contract let it through"
    # One good row among odd ones is let through too.
    assert _not_refused(scorer, pa.table({"age": [10, 5]})) == "the contract let it through"
    edge = Edge("age: beyond", "refuses", "the contract let it through")
    assert broken([edge], differing=False) == [edge]
