"""A real server: routes, limits, refusals, hostile clients; it answers what it should, and lives."""

import http.client
import json
import socket

import psutil
import pytest
from served import ROW, ask, raw, records, serving, until

import dsml_magics as dsml
from dsml_magics.errors import ModelNotFound, PackageAltered, ServerUnusable

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        ("/ping", 200, b"\n"),
        ("/health", 200, b"\n"),
        ("/health/live", 200, {"status": "live", "live": True}),
        ("/health/ready", 200, {"status": "ready", "ready": True, "name": "income", "version": "1"}),
        ("/v2/health/live", 200, {"live": True}),
        (
            "/v2/models/income/ready",
            200,
            {"status": "ready", "ready": True, "name": "income", "version": "1"},
        ),
        ("/v2/models/income/versions/1/ready", 200, None),
        ("/v2/models/income/versions/9/ready", 404, None),
        ("/v2/models/outcome", 404, None),
        ("/v2/models/income/explain", 404, None),
        ("/nothing", 404, None),
        ("/invocations", 405, None),
        ("/v2/models/income/infer", 405, None),
    ],
)
def test_routes(server, path, status, body):
    found = ask(server, path)
    assert found[0] == status
    assert body is None or found[2] == body
    if path.startswith("/v2") and status >= 400:
        assert set(found[2]) == {"error"}


@pytest.mark.parametrize(
    ("path", "method", "allowed"),
    [
        ("/invocations", "GET", "POST"),
        ("/v2/models/income/infer", "GET", "POST"),
        ("/ping", "POST", "GET, HEAD"),
        ("/v2/models/income", "DELETE", "GET, HEAD"),
    ],
)
def test_another_method_is_refused_with_those_there_are(server, path, method, allowed):
    status, headers, _ = ask(server, path, b"{}" if method == "POST" else None, method=method)
    assert (status, headers["allow"]) == (405, allowed)


def test_mlflow_says_its_version(server):
    import mlflow

    assert ask(server, "/version")[2].decode() == mlflow.__version__


BAD = [
    (b"", 400),
    (b"{", 400),
    (b"[1]", 400),
    (b"null", 400),
    (b"\xff\xfe", 400),
    (b'{"dataframe_records": 5}', 400),
    (b'{"dataframe_records": [5]}', 400),
    (b'{"dataframe_records": [{"age": NaN}]}', 422),
    (b'{"dataframe_records": 7, "inputs": NaN}', 400),
    (b'{"dataframe_records": [{"age": NaN, "hours": Infinity}]}', 400),
    (b"NaN", 400),
    (b"[" * 100_000 + b"NaN", 400),
    (b'{"dataframe_records": [{"age": Infinity}]}', 400),
    (b'{"dataframe_records": [{"age": 1e999}]}', 400),
    (b'{"dataframe_records": [], "inputs": {}}', 400),
    (b'{"dataframe_split": {"columns": ["age"], "data": [[1, 2]]}}', 400),
    (b'{"dataframe_split": {"columns": ["age", "age"], "data": [[1, 2]]}}', 400),
    (b'{"dataframe_split": {"data": [[1, 2]]}}', 400),
    (b'{"dataframe_split": {"columns": ["age"], "data": [[1]]}}', 422),
    (b'{"inputs": [1, 2]}', 400),
    (b'{"inputs": {"age": 3}}', 400),
    (b'{"instances": [[1, 2]]}', 400),
    (b'{"instances": []}', 200),
    (b'{"params": {"a": 1}, "instances": []}', 400),
    (b"[" * 100_000, 400),
    (b'{"a":' * 50_000, 400),
    (b'{"inputs": {"age": [' + b"9" * 5000 + b"]}}", 400),
]


@pytest.mark.parametrize(("body", "status"), BAD, ids=lambda value: repr(value)[:40])
def test_what_cannot_be_read_is_refused_and_not_repeated(server, body, status):
    found, _, answer = ask(server, "/invocations", body)
    assert found == status
    if status != 200:
        assert set(answer) <= {"error_code", "message", "violations"}
        assert "999" not in answer["message"]


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("application/json", 200),
        ("application/json; charset=utf-8", 200),
        ("Application/JSON; charset=UTF-8", 200),
        ("application/json; charset=latin-1", 415),
        ("application/json; x=1", 415),
        ("text/plain", 415),
        ("", 415),
    ],
)
def test_content_types(server, kind, status):
    assert (
        ask(server, "/invocations", json.dumps(records(ROW)).encode(), headers={"Content-Type": kind})[0]
        == status
    )


@pytest.mark.parametrize("kind", ["text/csv", "application/vnd.apache.parquet"])
@pytest.mark.parametrize("body", [b"", b"\xff\x00\x01", b"age,age\n1,2\n", b"PAR1PAR1", b'age\n"1'])
def test_damaged_files_are_refused(server, kind, body):
    status, _, answer = ask(server, "/invocations", body, headers={"Content-Type": kind})
    assert status in (400, 422)
    assert "message" in answer


@pytest.mark.parametrize(
    "text",
    [
        '{"dataframe_records": [{"age": 999, "age": 31, "job": "clerk", "hours": 38.5, "member": true}]}',
        '{"dataframe_records": [{"age": 999, "\\u0061ge" : 31, "job": "a:b", "hours": 38.5, "member": true}]}',
        '{"dataframe_records": [], "dataframe_records": []}',
        '{"instances": [], "x": {"a": 1, "a": 2}}',
        '{"inputs": {"age": [1], "age": [31], "job": ["clerk"], "hours": [NaN], "member": [true]}}',
        '{"dataframe_split": {"columns": ["age"], "data": [[1]], "data": [[2]]}}',
    ],
)
def test_a_key_that_comes_twice_is_refused(server, text):
    status, _, body = ask(server, "/invocations", text.encode())
    assert (status, body["message"]) == (400, "Expected each key of an object once, got one twice.")


def test_colons_in_texts_are_no_keys(server):
    for job in ("a:b", '"a": 1', 'x" :', "\\"):
        status, _, body = ask(server, "/invocations", records({**ROW, "job": job}))
        assert (status, body["violations"][0]["got"]) == (422, "an unknown category")
    assert ask(server, "/invocations", json.dumps({"id": "a:b", **records(ROW)}).encode())[0] == 200


def test_a_request_keeps_its_id_if_it_fits_a_log(server):
    assert ask(server, "/ping", headers={"X-Request-Id": "abc-1"})[1]["x-request-id"] == "abc-1"
    for odd in ("x" * 200, "sch\u00f6n"):
        assert ask(server, "/ping", headers={"X-Request-Id": odd})[1]["x-request-id"] != odd


def test_head_has_no_body(server):
    status, headers, body = ask(server, "/health/ready", method="HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["content-length"]) > 0


def test_the_counts_are_kept(server):
    before = ask(server, "/metrics")[2].decode()
    ask(server, "/invocations", records(ROW, ROW))
    ask(server, "/invocations", records({**ROW, "job": "spy"}))
    after = ask(server, "/metrics")[2].decode()
    for line, more in (
        ('dsml_rows_total{version="1"}', 2),
        ('dsml_requests_total{route="/invocations",status="422",version="1"}', 1),
        ('dsml_violations_total{column="job",refused="true",version="1",what="category"}', 1),
    ):
        assert count(after, line) == count(before, line) + more
    assert "spy" not in after


def count(text, line):
    return next((float(each.rpartition(" ")[2]) for each in text.splitlines() if each.startswith(line)), 0.0)


def test_the_documentation_names_the_columns(server):
    content = ask(server, "/openapi.json")[2]
    row = content["components"]["schemas"]["Row"]["properties"]
    assert (row["age"]["type"], row["age"]["minimum"]) == ("integer", 0)
    assert row["job"]["enum"] == ["Köchin", "clerk", "smith"]
    assert row["hours"]["type"] == ["number", "null"]
    page = ask(server, "/docs")[2].decode()
    assert all(name in page for name in ROW)
    assert "http://" not in page.replace(server.url, "")


def test_half_closed_connections_are_answered(server):
    body = json.dumps(records(ROW)).encode()
    head = b"POST /invocations HTTP/1.1\r\nConnection: close\r\nContent-Type: application/json\r\n"
    found = raw(server, head + b"Content-Length: %d\r\n\r\n" % len(body) + body, half=True)
    assert found.startswith(b"HTTP/1.1 200") or found == b""
    assert ask(server, "/ping")[0] == 200


def test_a_client_that_goes_away_is_no_error(server):
    port = int(server.url.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
    assert raw(server, b"\x00\x01 nonsense\r\n\r\n").startswith((b"HTTP/1.1 400", b""))
    assert ask(server, "/ping")[0] == 200


def test_a_length_of_thousands_of_digits_is_refused(server):
    head = b"POST /invocations HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
    assert raw(server, head + b"9" * 5000 + b"\r\n\r\n{").startswith((b"HTTP/1.1 400", b"HTTP/1.1 413"))
    odd = {"Inference-Header-Content-Length": "9" * 5000}
    assert ask(server, "/v2/models/income/infer", {"inputs": []}, headers=odd)[0] == 400


def test_a_compressed_body_is_refused(server):
    headers = {"Content-Encoding": "gzip"}
    assert ask(server, "/invocations", b"\x1f\x8b", headers=headers)[0] == 415
    assert ask(server, "/invocations", records(ROW), headers={"Content-Encoding": "identity"})[0] == 200


def test_all_ends_with_stop(ledger):
    running = dsml.serve("income@1", workers=2)
    pids = running.pids
    assert len(pids) == 2
    assert "income@1" in str(running)
    running.stop()
    running.stop()
    # Whoever started them lets go of them a moment later.
    until(lambda: not any(psutil.pid_exists(pid) for pid in pids))
    with pytest.raises(OSError, match="refused"):
        ask(running, "/ping")


@pytest.mark.parametrize(
    ("reference", "how", "error", "said"),
    [
        ("income@9", {}, ModelNotFound, "No version '9'"),
        ("outcome", {}, ModelNotFound, "No package 'outcome'"),
        ("./nowhere", {}, ModelNotFound, "Expected a package in the folder"),
        ("income", {"workers": 0}, ServerUnusable, "Expected workers from 1"),
        ("income", {"port": 70000}, ServerUnusable, "Expected port from 0"),
        ("income", {"host": "no.such.host.invalid"}, ServerUnusable, "Expected to serve on no.such.host"),
    ],
)
def test_what_cannot_be_served_is_told(ledger, reference, how, error, said):
    with pytest.raises(error, match=said):
        dsml.serve(reference, **how)


def test_a_taken_port_is_told_at_once(ledger, server):
    with pytest.raises(ServerUnusable, match=r"Expected to serve on 127.0.0.1, port .*--port"):
        dsml.serve("income@1", port=int(server.url.rsplit(":", 1)[1]))


def test_a_folder_is_served_and_an_altered_one_is_not(ledger, tmp_path):
    dsml.publish("income@1", to=str(tmp_path / "package"))
    with serving(str(tmp_path / "package")) as server:
        assert server.version is None
        assert ask(server, "/invocations", records(ROW))[0] == 200
    path = tmp_path / "package" / "model.pkl"
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.write_bytes(content)
    with pytest.raises(PackageAltered, match=r"'model.pkl' was changed"):
        dsml.serve(str(tmp_path / "package"))


def test_keep_alive_answers_one_after_the_other(server):
    client = http.client.HTTPConnection("127.0.0.1", int(server.url.rsplit(":", 1)[1]))
    for _ in range(3):
        client.request("POST", "/invocations", json.dumps(records(ROW)), {"Content-Type": "application/json"})
        reply = client.getresponse()
        assert reply.status == 200
        reply.read()
    client.close()
