"""What a proof must notice: one bit of an answer, and an odd row that the contract lets through."""

import numpy as np
import pyarrow as pa
import pytest

from dsml_magics.deploy.edge import _not_refused
from dsml_magics.deploy.gate import Gate
from dsml_magics.deploy.path import _equal
from dsml_magics.deploy.prover import _difference
from dsml_magics.package.contract import Contract, Rule
from dsml_magics.package.proof import Edge, broken
from dsml_magics.package.scorer import Bare, Scorer

ANSWERS = np.array([0.1, np.nan, 3.0])


def test_one_unit_in_the_last_place_is_a_difference():
    other = ANSWERS.copy()
    other[2] = np.nextafter(3.0, 4.0)
    assert "differs in 1 of 3 values" in _difference("predict", ANSWERS, other)
    assert "in row 2" in _difference("predict", ANSWERS, other)
    assert not _equal(ANSWERS, other)
    assert _difference("predict", ANSWERS, ANSWERS.copy()) is None
    assert _equal(ANSWERS, ANSWERS.copy())


def test_another_type_or_shape_is_a_difference():
    for other in (ANSWERS.astype("float32"), ANSWERS.reshape(3, 1), ANSWERS[:2]):
        assert "instead of float64[3]" in _difference("predict", ANSWERS, other)
        assert not _equal(ANSWERS, other)


def test_an_odd_row_that_the_contract_lets_through_is_told():
    scorer = Scorer(Bare(None), Contract((Rule("age", "integer", min=0, max=9),)), "here")
    assert _not_refused(scorer, pa.table({"age": [10]})) == ""
    assert _not_refused(scorer, pa.table({"other": [5]})) == ""
    assert _not_refused(scorer, pa.table({"age": [5]})) == "the contract let it through"
    # One good row among odd ones is let through too.
    assert _not_refused(scorer, pa.table({"age": [10, 5]})) == "the contract let it through"
    edge = Edge("age: beyond", "refuses", "the contract let it through")
    assert broken([edge], differing=False) == [edge]


@pytest.mark.parametrize(
    ("sign", "less", "equal", "more"),
    [
        (">", False, False, True),
        (">=", False, True, True),
        ("<", True, False, False),
        ("<=", True, True, False),
        ("==", False, True, False),
    ],
)
def test_a_gate_compares_as_it_is_written(sign, less, equal, more):
    gate = Gate.parse(f"size_mb{sign}2")
    assert [gate.held(value).passed for value in (1.0, 2.0, 3.0)] == [less, equal, more]
    assert not gate.held(float("nan")).passed
