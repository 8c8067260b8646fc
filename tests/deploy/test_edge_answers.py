"""Answers of odd rows: compared with those among other rows, or missing because the model raised."""

import numpy as np
import pytest

from dsml_magics.deploy.edge import edges
from dsml_magics.package.contract import Contract, Rule
from dsml_magics.package.proof import Edge
from dsml_magics.package.scorer import Bare, Scorer
from tests.deploy.test_edge import AGE, ROWS, Model, scorer, told


@pytest.mark.parametrize(
    ("odd", "expected"),
    [
        (lambda answer, frame: answer + 1e-9 * len(frame), {}),
        (lambda answer, frame: answer * (1 + 1e-7 * (len(frame) == 1)), {}),
        (lambda answer, frame: np.where(answer < 1, np.nan, answer), {}),
        (
            lambda answer, frame: answer + 0.01 * len(frame),
            {"one row": "other answers than among other rows"},
        ),
        (
            lambda answer, frame: answer[:, None] if len(frame) == 1 else answer,
            {"one row": "an answer of shape [1, 1] instead of [1]"},
        ),
    ],
)
def test_a_row_by_itself_is_answered_as_among_others(odd, expected):
    """But for rounding: sums over a batch may be taken in another order."""
    assert told(edges(scorer(model=Model(odd)), ROWS)) == expected


@pytest.mark.parametrize(
    ("answer", "other", "dtype"),
    [
        (np.array(["yes"]), np.array(["no"]), "<U3"),
        (np.array([1_000_000]), np.array([1_000_001]), "int64"),
        (np.array([1.0], "f4"), np.array([1.1], "f4"), "float32"),
        (np.array([1j]), np.array([1.1j]), "complex128"),
    ],
)
def test_answers_of_every_type_are_compared(answer, other, dtype):
    def odd(_, frame):
        return np.repeat(other if len(frame) == 1 else answer, len(frame))

    same = Model(lambda _, frame: np.repeat(answer, len(frame)))
    assert told(edges(scorer(model=same, dtype=dtype), ROWS)) == {}
    told_so = {"one row": "other answers than among other rows"}
    assert told(edges(scorer(model=Model(odd), dtype=dtype), ROWS)) == told_so


def test_rounding_of_short_floats_is_no_difference():
    def odd(answer, frame):
        return (answer * (1 + 1e-6 * (len(frame) == 1))).astype("f4")

    assert told(edges(scorer(model=Model(odd), dtype="float32"), ROWS)) == {}


def test_no_rows_are_answered_in_the_shape_that_the_contract_names():
    contract = Contract((AGE,), answer={"dtype": "float64", "shape": [2]})
    found = edges(Scorer(Bare(Model()), contract, "here"), ROWS)
    assert told(found) == {"no rows": "an answer of shape [0, 2] instead of [0]"}


def failing(is_bad):
    """A model that raises on frames that are bad."""

    def odd(answer, frame):
        if is_bad(frame):
            raise ValueError("too bad")
        return answer

    return Model(odd)


@pytest.mark.parametrize("rows", [3, 20, 21, 30])
def test_a_model_that_answers_no_rows_by_themselves_is_told(rows):
    found = edges(scorer(model=failing(lambda frame: True)), ROWS.slice(0, rows))
    count = min(rows, 20)
    said = f"The package could not score these {count} rows: too bad"
    assert found[0] == Edge(f"the first {count} rows by themselves", "answers", said)
    assert found[1].name == "age: missing"


def test_a_model_that_fails_on_a_single_row_is_told():
    said = "The package could not score these 1 rows: too bad"
    found = edges(scorer(model=failing(lambda frame: len(frame) == 1)), ROWS)
    assert told(found) == {"one row": said}


def test_the_odd_values_on_which_a_model_fails_are_told_one_by_one():
    rule = Rule("age", "number", min=2, max=9)
    found = edges(scorer(rule, model=failing(lambda frame: frame["age"].isna().any())), ROWS)
    assert told(found) == {"age: missing": "The package could not score these 1 rows: too bad"}
    found = edges(scorer(rule, model=failing(lambda frame: (frame["age"] == 9).any())), ROWS)
    assert told(found) == {"age: the greatest value": "The package could not score these 1 rows: too bad"}


def test_odd_rows_are_answered_together():
    asked = []
    model = Model(lambda answer, frame: asked.append(len(frame)) or answer)
    edges(scorer(Rule("age", "number", min=2, max=9), model=model), ROWS)
    assert asked == [20, 1, 20, 20, 20, 3]


def test_rows_that_the_contract_refuses_although_they_keep_it_are_told():
    size = Rule("size", "number", nullable=False, max=1)
    rows = ROWS.append_column("size", [[5.0] * 30])
    said = "the contract refused it"
    assert told(edges(scorer(AGE, size), rows)) == {
        "age: the least value": said,
        "age: the greatest value": said,
    }
    odd = Rule("size", "number", nullable=False, max=1, policy="warn")
    assert told(edges(scorer(Rule("age", "integer"), odd), rows)) == {}
