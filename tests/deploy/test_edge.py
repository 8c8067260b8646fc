"""Odd rows that a contract is to refuse."""

import pyarrow as pa

from dsml_magics.deploy.edge import _not_refused
from dsml_magics.package.contract import Contract, Rule
from dsml_magics.package.proof import Edge, broken
from dsml_magics.package.scorer import Bare, Scorer


def test_an_odd_row_that_the_contract_lets_through_is_told():
    scorer = Scorer(Bare(None), Contract((Rule("age", "integer", min=0, max=9),)), "here")
    assert _not_refused(scorer, pa.table({"age": [10]})) == ""
    assert _not_refused(scorer, pa.table({"other": [5]})) == ""
    assert _not_refused(scorer, pa.table({"age": [5]})) == "the contract let it through"
    # One good row among odd ones is let through too.
    assert _not_refused(scorer, pa.table({"age": [10, 5]})) == "the contract let it through"
    edge = Edge("age: beyond", "refuses", "the contract let it through")
    assert broken([edge], differing=False) == [edge]
