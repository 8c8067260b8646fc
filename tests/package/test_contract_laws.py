"""What holds of any contract and any rows."""

import datetime as dt
import json

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from dsml_magics.errors import ContractUnusable
from dsml_magics.package.checking import check
from dsml_magics.package.contract import Contract, Rule
from tests.package.test_contract import learnt

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(rule=st.dictionaries(st.sampled_from([*Rule.__dataclass_fields__, "x"]), JSON), more=JSON)
def test_no_text_breaks_the_reader(rule, more):
    for columns in ([{"name": "a", **rule}], [rule], more):
        text = json.dumps({"schema": "dsml.contract/1", "columns": columns, "shape": None})
        try:
            Contract.from_json(text)
        except ContractUnusable:
            continue


VALUES = st.one_of(
    st.lists(st.none() | st.integers(-(2**62), 2**62), min_size=1, max_size=30),
    st.lists(st.none() | st.floats(), min_size=1, max_size=30),
    st.lists(st.none() | st.text(max_size=4), min_size=1, max_size=30),
    st.lists(st.none() | st.booleans(), min_size=1, max_size=30),
    st.lists(st.datetimes(dt.datetime(1700, 1, 1), dt.datetime(2200, 1, 1)), min_size=1, max_size=30),
)


@settings(max_examples=150, deadline=None)
@given(values=VALUES, other=VALUES)
def test_rows_keep_the_contract_learnt_from_them_and_others_never_break_the_check(values, other):
    table = pa.table({"a": pa.array(values)})
    contract = Contract.from_json(learnt(table).to_json())
    assert not check(table, contract).refused.any()
    checked = check(pa.table({"a": pa.array(other)}), contract)
    assert checked.rows.num_rows == len(other)
    assert len(checked.reasons()) == checked.refused.sum()
