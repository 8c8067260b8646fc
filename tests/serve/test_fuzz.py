"""Whatever is sent: an answer of the documented form, and the server lives."""

import json
import struct

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from served import ROW, ask, records

from dsml_magics.package.contract import Contract, Rule
from dsml_magics.serve.protocol import inference
from dsml_magics.serve.protocol.exchange import Refusal
from dsml_magics.serve.protocol.tensor import NUMPY, bytes_of

pytestmark = pytest.mark.slow

QUIET = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), database=None)
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


def test_the_documentation_is_kept_whatever_is_sent(server):
    schema = schemathesis.openapi.from_url(f"{server.url}/openapi.json")
    tried = []

    for result in schema.get_all_operations():
        operation = result.ok()

        @QUIET
        @given(case=operation.as_strategy())
        def holds(case):
            response = case.call()
            case.validate_response(response, checks=CHECKS)
            tried.append(response.status_code)

        holds()
    assert ask(server, "/invocations", records(ROW))[0] == 200
    assert {200} <= set(tried)


def test_what_the_documentation_allows_is_answered(server):
    """A row drawn from the documented schema is one that the contract takes."""
    row = ask(server, "/openapi.json")[2]["components"]["schemas"]["Row"]["properties"]

    @QUIET
    @given(st.fixed_dictionaries({name: values_of(value) for name, value in row.items()}))
    def holds(drawn):
        status, _, body = ask(server, "/invocations", records(drawn))
        assert status == 200, body

    holds()


def values_of(value):
    """Draw what a schema of a column allows."""
    types = value["type"] if isinstance(value["type"], list) else [value["type"]]
    ends = value.get("minimum"), value.get("maximum")
    strategies = {
        "integer": lambda: st.integers(*ends),
        "number": lambda: (
            st.floats(*ends, allow_nan=False, allow_infinity=False)
            | st.integers(int(ends[0]) + 1, int(ends[1]))
        ),
        "string": lambda: st.sampled_from(value["enum"]),
        "boolean": st.booleans,
        "null": st.none,
    }
    return st.one_of(*(strategies[each]() for each in types))


CONTRACT = Contract(
    (Rule("a", "integer"), Rule("b", "string"), Rule("c", "number"), Rule("d", "boolean")),
    answer={"dtype": "int64"},
)
NAMES = st.sampled_from(["a", "b", "c", "d", "e", ""])
TENSOR = st.fixed_dictionaries(
    {
        "name": NAMES,
        "shape": st.lists(st.integers(-2, 5), max_size=3),
        "datatype": st.sampled_from([*NUMPY, "BYTES", "BF16", "x"]),
    },
    optional={
        "data": st.lists(
            st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=3), st.lists(st.integers()))
        ),
        "parameters": st.dictionaries(st.just("binary_data_size"), st.integers(-5, 60) | st.text(max_size=2)),
    },
)


@settings(max_examples=400, deadline=None)
@given(
    st.lists(TENSOR, max_size=5),
    st.binary(max_size=80),
    st.one_of(st.none(), st.integers(-3, 500), st.text(max_size=3)),
)
def test_odd_tensors_are_refused_with_a_status(tensors, rest, length):
    head = json.dumps({"inputs": tensors}).encode()
    said = str(length) if length is not None else str(len(head))
    try:
        asked = inference.decoded(head + rest, said, CONTRACT)
    except Refusal as refusal:
        assert refusal.status in (400, 422)
    else:
        assert all(len(column) == asked.rows.count for column in asked.rows.columns)


@settings(max_examples=200, deadline=None)
@given(st.data(), st.integers(0, 6))
def test_binary_tensors_come_back_as_they_went(data, rows):
    texts = data.draw(st.lists(st.text(max_size=20), min_size=rows, max_size=rows))
    whole = data.draw(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=rows, max_size=rows))
    real = data.draw(st.lists(st.floats(allow_nan=False), min_size=rows, max_size=rows))
    flags = data.draw(st.lists(st.booleans(), min_size=rows, max_size=rows))
    parts = [
        ("a", "INT64", struct.pack(f"<{rows}q", *whole)),
        ("b", "BYTES", bytes_of(texts, "BYTES")),
        ("c", "FP64", struct.pack(f"<{rows}d", *real)),
        ("d", "BOOL", struct.pack(f"<{rows}?", *flags)),
    ]
    inputs = [
        {"name": name, "shape": [rows], "datatype": kind, "parameters": {"binary_data_size": len(content)}}
        for name, kind, content in parts
    ]
    head = json.dumps({"inputs": inputs}).encode()
    body = head + b"".join(content for _, _, content in parts)
    found = inference.decoded(body, str(len(head)), CONTRACT).rows
    assert list(found.columns) == [whole, texts, real, flags]
