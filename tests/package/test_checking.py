"""Values at the edges of a contract."""

import math

import pyarrow as pa
import pytest

from dsml_magics.package.checking import check
from dsml_magics.package.contract import Contract, Rule

CONTRACT = Contract(
    (
        Rule("count", "integer", nullable=False, min=-3, max=7),
        Rule("size", "number", nullable=False, min=0.5, max=2.5),
        Rule("free", "number"),
    )
)
GOOD = {"count": 1.0, "size": 1.0, "free": 1.0}


def said(**odd):
    row = {**GOOD, **odd}
    table = pa.table({name: pa.array([value, GOOD[name]], pa.float64()) for name, value in row.items()})
    return [(each.column, each.what, each.rows.tolist()) for each in check(table, CONTRACT).violations]


@pytest.mark.parametrize("value", [math.nan, None])
def test_nothing_in_a_column_that_must_not_be_missing(value):
    assert said(size=value) == [("size", "missing", [0])]
    assert said(count=value) == [("count", "missing", [0])]
    assert said(free=value) == []


@pytest.mark.parametrize("value", [math.inf, -math.inf])
def test_infinity_is_no_whole_number(value):
    assert ("count", "type", [0]) in said(count=value)
    assert said(size=value) == [("size", "range", [0])]


def test_the_ends_of_a_range_are_in_it():
    for name, least, most in (("count", -3, 7), ("size", 0.5, 2.5)):
        assert said(**{name: least}) == said(**{name: most}) == []
    assert said(count=-4) == said(count=8) == [("count", "range", [0])]
    assert said(size=math.nextafter(2.5, 3)) == said(size=math.nextafter(0.5, 0)) == [("size", "range", [0])]
