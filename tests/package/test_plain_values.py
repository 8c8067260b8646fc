"""Plain values are checked as a table of them is, whatever they are."""

import datetime as dt
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsml_magics.package.checking import check
from dsml_magics.package.contract import Contract, Rule
from dsml_magics.package.reading import checked, plainly_kept, values_of

CONTRACT = Contract(
    (
        Rule("age", "integer", nullable=False, min=0, max=120),
        Rule("hours", "number", min=0.0, max=80.5),
        Rule("job", "string", categories=("clerk", "cook")),
        Rule("city", "string"),
        Rule("member", "boolean"),
        Rule("code", "integer", categories=(1, 2, 3)),
    )
)

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-200, 200),
    st.sampled_from([2**53, 2**63, -(2**63), 2**70]),
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from(["clerk", "cook", "30", "30.5", "true", "", " 7 ", "no such job"]),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=1),
)


@settings(max_examples=150, deadline=None)
@given(st.data(), st.integers(1, 5))
def test_whatever_comes_is_checked_as_a_table_is(data, rows):
    contract = CONTRACT
    rule = data.draw(st.sampled_from(contract.columns))
    policy = data.draw(st.sampled_from(["refuse", "warn"]))
    contract = contract.changed(rule.name, policy=policy, nullable=data.draw(st.booleans()))
    columns = [
        data.draw(st.lists(VALUES, min_size=rows, max_size=rows)) if each.name == rule.name else [None] * rows
        for each in contract.columns
    ]
    found = checked(columns, contract)
    assert found.rows.num_rows == rows
    assert all(0 <= row < rows for violation in found.violations for row in violation.rows)
    if plainly_kept(contract)(columns):
        assert not found.violations
        kept = [values_of(column) for column in found.rows.columns]
        assert [list(map(repr_of, column)) for column in kept] == [
            list(map(repr_of, column)) for column in columns
        ]


def repr_of(value):
    return (
        repr(float(value)) if isinstance(value, int | float) and not isinstance(value, bool) else repr(value)
    )


@pytest.mark.parametrize(
    ("type_", "value", "said"),
    [
        ("datetime", dt.datetime(2026, 1, 2, 3, 4, 5), None),
        ("datetime", "2026-01-02T03:04:05", None),
        ("datetime", dt.date(2026, 1, 2), None),
        ("datetime", "yesterday", "string"),
        ("datetime", 5, "integer"),
        ("date", dt.date(2026, 1, 2), None),
        ("date", "2026-01-02", None),
        ("number", Decimal("1.5"), None),
        ("string", dt.date(2026, 1, 2), "date"),
        ("any", dt.date(2026, 1, 2), None),
        ("integer", [1], "list or object"),
    ],
)
def test_values_of_files_are_taken_as_in_tables(type_, value, said):
    contract = Contract((Rule("a", type_),))
    found = checked([[value, None]], contract)
    assert [(violation.got, violation.rows.tolist()) for violation in found.violations] == (
        [(said, [0])] if said else []
    )
    if not isinstance(value, list):
        table = check(pa.table({"a": [value, None]}), contract)
        assert [violation.got for violation in table.violations] == [
            violation.got for violation in found.violations
        ]
        assert table.rows.equals(found.rows)


def test_values_of_several_types_are_told_apart():
    contract = Contract((Rule("a", "integer", nullable=False),))
    found = checked([[1, "2", True, 2.5, None, {}, "x", 3.0]], contract)
    said = {row: violation.got for violation in found.violations for row in violation.rows.tolist()}
    assert said == {2: "boolean", 3: "number with a fraction", 4: "nothing", 5: "list or object", 6: "string"}
    assert [value for at, value in enumerate(found.rows.column("a").to_pylist()) if at in (0, 1, 7)] == [
        1,
        2,
        3,
    ]
