"""What each form of both protocols does with each kind of value, at a real server."""

import io
import json
import struct

import numpy as np
import pytest
from served import ROW, X, ask, records

from dsml_magics.serve.protocol.tensor import bytes_of, values_of_bytes

NAMES = list(ROW)


def split(*rows):
    return {"dataframe_split": {"columns": NAMES, "data": [[row[name] for name in NAMES] for row in rows]}}


FORMS = {
    "dataframe_split": split,
    "dataframe_records": records,
    "instances": lambda *rows: {"instances": list(rows)},
    "inputs": lambda *rows: {"inputs": {name: [row[name] for row in rows] for name in NAMES}},
    "inputs by row": lambda *rows: {"inputs": list(rows)},
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_predictions(server, made, form):
    rows = X.astype(object).where(X.notna(), None).to_dict("records")[:100]
    status, headers, body = ask(server, "/invocations", FORMS[form](*rows))
    assert (status, headers["content-type"]) == (200, "application/json")
    assert body == {"predictions": made.models[1].predict(X[:100]).tolist()}
    assert ask(server, "/invocations", FORMS[form](rows[7]))[2] == {"predictions": [body["predictions"][7]]}


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_files_give_the_same_predictions(server, made, kind):
    if kind == "csv":
        body, content_type = X.to_csv(index=False).encode(), "text/csv; charset=utf-8"
    else:
        file = io.BytesIO()
        X.to_parquet(file)
        body, content_type = file.getvalue(), "application/vnd.apache.parquet"
    status, _, found = ask(server, "/invocations", body, headers={"Content-Type": content_type})
    assert status == 200
    assert found == {"predictions": made.models[1].predict(X).tolist()}


def tensor(name, datatype, values, **more):
    return {"name": name, "datatype": datatype, "shape": [len(values)], "data": values, **more}


def tensors(*rows):
    types = {"age": "INT64", "job": "BYTES", "hours": "FP64", "member": "BOOL"}
    return {"inputs": [tensor(name, types[name], [row[name] for row in rows]) for name in NAMES]}


def test_the_inference_protocol_gives_the_same_predictions(server, made):
    rows = X.dropna()[:50]
    status, _, body = ask(server, "/v2/models/income/infer", {"id": "a", **tensors(*rows.to_dict("records"))})
    assert status == 200
    assert body == {
        "model_name": "income",
        "model_version": "1",
        "id": "a",
        "outputs": [
            {
                "name": "predict",
                "shape": [50],
                "datatype": "BYTES",
                "data": made.models[1].predict(rows).tolist(),
            }
        ],
    }


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("application/json", 200),
        ("application/json; charset=utf-8", 200),
        ("application/octet-stream", 200),
        ("text/plain", 415),
        ("text/plain;charset=UTF-8", 415),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data; boundary=x", 415),
    ],
)
def test_the_inference_protocol_takes_no_text(server, kind, status):
    """A browser sends texts and forms to other sites without asking these first."""
    body = json.dumps(tensors(ROW)).encode()
    assert ask(server, "/v2/models/income/infer", body, headers={"Content-Type": kind})[0] == status


@pytest.mark.parametrize(
    ("shape", "data"),
    [
        ([2**62] * 1000, [1]),
        ([9] * 100_000, [1]),
        ([2**40], [1]),
        ([100_001], [1]),
        ([10**4000], [1]),
        ([1] * 33, [1]),
        ([-1], [1]),
        ([2], [1]),
    ],
    ids=["product", "dimensions", "length", "rows", "digits", "33", "negative", "more"],
)
def test_odd_shapes_are_refused(server, shape, data):
    body = {"inputs": [{"name": "age", "datatype": "INT64", "shape": shape, "data": data}]}
    status, _, answer = ask(server, "/v2/models/income/infer", body)
    assert status == (413 if shape == [100_001] else 400)
    assert len(answer["error"]) < 500


def test_a_key_of_a_tensor_that_comes_twice_is_refused(server):
    text = json.dumps(tensors(ROW))
    for old, new in (
        ('"name": "age"', '"name": "job", "name": "age"'),
        ('{"inputs"', '{"id": "1", "id": "2", "inputs"'),
    ):
        assert old in text
        body = text.replace(old, new).encode()
        status, _, answer = ask(server, "/v2/models/income/infer", body)
        assert (status, answer["error"]) == (400, "Expected each key of an object once, got one twice.")
    given = {**tensors(ROW), "id": "a:b", "parameters": {"x": {"y": 1}}}
    assert ask(server, "/v2/models/income/infer", given)[0] == 200


def test_tensors_of_other_columns_are_left_out(server):
    content, headers = binary(ROW)
    length = int(headers["Inference-Header-Content-Length"])
    head = json.loads(content[:length])
    head["inputs"].append(
        {"name": "more", "shape": [1], "datatype": "INT8", "parameters": {"binary_data_size": 1}}
    )
    head = json.dumps(head).encode()
    headers["Inference-Header-Content-Length"] = str(len(head))
    status, answered, _ = ask(
        server, "/v2/models/income/infer", head + content[length:] + b"\1", headers=headers
    )
    assert (status, answered["x-dsml-warning"]) == (200, "extra column more ignored")


def binary(row, **headers):
    parts = [
        ("age", "INT32", struct.pack("<i", row["age"])),
        ("job", "BYTES", bytes_of([row["job"]], "BYTES")),
        ("hours", "FP32", struct.pack("<f", row["hours"])),
        ("member", "BOOL", struct.pack("<?", row["member"])),
    ]
    inputs = [
        {
            "name": name,
            "datatype": datatype,
            "shape": [1, 1],
            "parameters": {"binary_data_size": len(content)},
        }
        for name, datatype, content in parts
    ]
    head = json.dumps(
        {"inputs": inputs, "outputs": [{"name": "predict", "parameters": {"binary_data": True}}]}
    ).encode()
    own = {
        "Inference-Header-Content-Length": str(len(head)),
        "Content-Type": "application/octet-stream",
        **headers,
    }
    return head + b"".join(content for _, _, content in parts), own


def test_binary_tensors_go_both_ways(server, made):
    body, headers = binary(ROW)
    status, answered, content = ask(server, "/v2/models/income/versions/1/infer", body, headers=headers)
    assert status == 200
    length = int(answered["inference-header-content-length"])
    head = json.loads(content[:length])
    (output,) = head["outputs"]
    assert output["parameters"] == {"binary_data_size": len(content) - length}
    expected = made.models[1].predict(
        X.iloc[:0].reindex(columns=NAMES).assign(**{k: [v] for k, v in ROW.items()})
    )
    assert values_of_bytes(memoryview(content)[length:], "BYTES", [1]) == expected.tolist()


TABLE = [
    # value given,         JSON protocol,  tensors' datatype, their status
    ("age", 31, 200, "INT64", 200),
    ("age", 31.0, 200, "FP64", 200),
    ("age", 30.5, 422, "FP64", 422),
    ("age", "31", 200, "BYTES", 200),
    ("age", "thirty", 422, "BYTES", 422),
    ("age", True, 422, "BOOL", 422),
    ("age", None, 422, "INT64", 422),
    ("age", 1_000_000, 422, "INT64", 422),
    ("age", 2**70, 422, None, None),
    ("age", [31], 422, None, None),
    ("job", "clerk", 200, "BYTES", 200),
    ("job", "astronaut", 422, "BYTES", 422),
    ("job", 5, 422, "INT64", 422),
    ("job", None, 422, "BYTES", 422),
    ("hours", 38, 200, "INT64", 200),
    ("hours", None, 200, "FP64", 200),
    ("hours", "38.5", 200, "BYTES", 200),
    ("hours", 1e300, 422, "FP64", 422),
    ("member", False, 200, "BOOL", 200),
    ("member", 1, 422, "INT64", 422),
    ("member", "true", 200, "BYTES", 200),
    ("member", None, 422, "BOOL", 422),
]


@pytest.mark.parametrize(("name", "value", "status", "datatype", "as_tensor"), TABLE, ids=str)
def test_what_each_form_does_with_each_value(server, name, value, status, datatype, as_tensor):
    row = {**ROW, name: value}
    for form in FORMS.values():
        found, _, body = ask(server, "/invocations", form(row))
        assert found == status, body
        if status == 422:
            (violation,) = body["violations"]
            assert (violation["row"], violation["column"]) == (0, name)
            assert body["error_code"] == "INVALID_PARAMETER_VALUE"
            if isinstance(value, str | float) and value != 30.5:
                assert str(value) not in json.dumps(body)
    if datatype is not None:
        inputs = [
            each if each["name"] != name else tensor(name, datatype, [value])
            for each in tensors(row)["inputs"]
        ]
        assert ask(server, "/v2/models/income/infer", {"inputs": inputs})[0] == as_tensor


def test_a_refusal_names_each_row_and_column(server):
    rows = [ROW, {**ROW, "age": 30.5}, ROW, {**ROW, "job": "spy", "member": None}]
    status, _, body = ask(server, "/invocations", records(*rows))
    assert status == 422
    assert [(each["row"], each["column"], each["got"]) for each in body["violations"]] == [
        (1, "age", "number with a fraction"),
        (3, "job", "an unknown category"),
        (3, "member", "nothing"),
    ]
    assert body["message"].endswith("in column 'age', got number with a fraction in row 1, and 2 more.")
    assert "spy" not in json.dumps(body)
    found, _, said = ask(
        server,
        "/v2/models/income/infer",
        {"inputs": [*tensors(ROW)["inputs"][:3], tensor("member", "BOOL", [None])]},
    )
    assert (found, said["violations"][0]["column"]) == (422, "member")


def test_a_column_that_is_gone_is_refused_and_one_too_many_warned_of(server):
    without = {name: value for name, value in ROW.items() if name != "hours"}
    status, _, body = ask(server, "/invocations", records(without))
    assert (status, body["message"]) == (422, "Expected the column 'hours', got none.")
    status, headers, _ = ask(server, "/invocations", records({**ROW, "höhe": 3}))
    assert (status, headers["x-dsml-warning"]) == (200, "extra column h%C3%B6he ignored")


def test_no_rows_are_answered_with_none(server):
    assert ask(server, "/invocations", {"dataframe_records": []})[2] == {"predictions": []}
    assert ask(server, "/invocations", {"dataframe_split": {"columns": NAMES, "data": []}})[2] == {
        "predictions": []
    }


def test_texts_as_bytes_come_back():
    texts = ["", "a", "Łódź 서울", "x" * 300]
    content = memoryview(bytes_of(texts, "BYTES"))
    assert values_of_bytes(content, "BYTES", [4]) == texts
    numbers = np.array([1.5, np.nan, -0.0])
    assert values_of_bytes(memoryview(numbers.tobytes()), "FP64", [3]) == [1.5, None, -0.0]
