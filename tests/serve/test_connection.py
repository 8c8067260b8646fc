"""What comes before a request is known: headers without end, half of them, trailers, too many at once."""

import json
import socket

import pytest
from served import ROW, ask, ledger_of, records, serving

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def hasty(made):
    """A server that waits a second, and works on one request at a time."""
    with ledger_of(made.folder), serving("income@1", max_seconds=1.0, max_requests=8) as server:
        yield server


def connect(server):
    client = socket.create_connection(("127.0.0.1", int(server.url.rsplit(":", 1)[1])), timeout=60)
    client.settimeout(60)
    return client


def read(client):
    found = b""
    try:
        while part := client.recv(65536):
            found += part
    except ConnectionResetError:
        pass
    return found


def flood(server, start, part, most=64 << 20):
    """Send a start and then a part again and again; return what was sent until the server closed."""
    sent = 0
    with connect(server) as client:
        try:
            client.sendall(start)
            while sent < most:
                client.sendall(part)
                sent += len(part)
        except OSError:
            return sent
    return most


CHUNKED = (
    b"POST /invocations HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n"
)


@pytest.mark.parametrize(
    ("start", "part"),
    [
        (b"GET / HTTP/1.1\r\n", b"a: b\r\n" * 9000),
        (b"GET / HTTP/1.1\r\na: ", b"b" * 50_000),
        (b"GET / HTTP/1.1\r\n", b"b" * 50_000),
        (b"GET /", b"b" * 50_000),
        (CHUNKED + b"1\r\n \r\n0\r\n", b"a: b\r\n" * 9000),
        (CHUNKED + b"1\r\n \r\n0\r\na: ", b"b" * 50_000),
        (CHUNKED + b"1;", b"b" * 50_000),
    ],
    ids=["headers", "value", "name", "address", "trailers", "trailer", "extension"],
)
def test_what_has_no_end_is_cut_off(server, start, part):
    assert flood(server, start, part) < 32 << 20
    assert ask(server, "/ping")[0] == 200


def test_headers_that_are_too_large_are_refused_with_431(server):
    for head in (b"a: b\r\n" * 101, b"a: " + b"b" * (65 << 10) + b"\r\n"):
        with connect(server) as client:
            client.sendall(b"GET /ping HTTP/1.1\r\nHost: localhost\r\n" + head + b"\r\n")
            assert read(client).startswith(b"HTTP/1.1 431")
    headers = {f"a{number}": "b" * 500 for number in range(90)}
    assert ask(server, "/ping", headers=headers)[0] == 200


def test_a_large_body_behind_its_headers_is_no_large_head(server):
    body = json.dumps(records(*[ROW] * 4000)).encode()
    head = f"POST /invocations HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    ping = b"GET /ping HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    assert len(body) > 200_000
    with connect(server) as client:
        client.sendall(head.encode() + b"\r\n" + body + ping)
        found = read(client)
    assert found.startswith(b"HTTP/1.1 200")
    assert found.count(b"HTTP/1.1 200") == 2


@pytest.mark.parametrize("start", [b"", b"G", b"GET /ping HTTP/1.1\r\nHost: loc", b"\r\n\r\n"])
def test_half_a_head_is_not_waited_for(hasty, start):
    with connect(hasty) as client:
        client.sendall(start)
        found = read(client)
    assert found == b"" or found.startswith(b"HTTP/1.1 408")
    assert (found != b"") == start.startswith(b"G")


def test_half_a_head_behind_an_answer_is_not_waited_for(hasty):
    with connect(hasty) as client:
        client.sendall(b"GET /ping HTTP/1.1\r\nHost: localhost\r\n\r\nGET /pi")
        found = read(client)
    assert found.startswith(b"HTTP/1.1 200")
    assert b"HTTP/1.1 408" in found


def test_a_body_that_nobody_reads_is_not_waited_for(hasty):
    with connect(hasty) as client:
        client.sendall(b"GET /ping HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{")
        assert read(client).startswith(b"HTTP/1.1 200")


def test_trailers_are_refused(server):
    with connect(server) as client:
        client.sendall(CHUNKED + b"1\r\n{\r\n0\r\na: b\r\n\r\n")
        assert not read(client).startswith(b"HTTP/1.1 200")


def test_too_many_requests_ahead_of_their_answers_are_cut_off(server):
    with connect(server) as client:
        client.sendall(b"GET /ping HTTP/1.1\r\nHost: localhost\r\n\r\n" * 10_000)
        assert read(client).count(b"HTTP/1.1 200") < 10_000
    with connect(server) as client:
        ping = b"GET /ping HTTP/1.1\r\nHost: localhost\r\n"
        client.sendall((ping + b"\r\n") * 15 + ping + b"Connection: close\r\n\r\n")
        assert read(client).count(b"HTTP/1.1 200") == 16


def test_there_is_an_end_of_connections(hasty):
    clients = [connect(hasty) for _ in range(33)]
    # Only the last of them is sent away at once: the others are waited for.
    clients[-1].sendall(b"")
    assert read(clients[-1]) == b""
    clients[0].sendall(b"GET /ping HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    found = read(clients[0])
    assert found == b"" or found.startswith(b"HTTP/1.1 200")
    for client in clients:
        client.close()
