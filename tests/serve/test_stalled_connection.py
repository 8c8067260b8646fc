"""A client that takes nothing of its answers is let go; one that takes them slowly is not."""

import asyncio
import socket
import threading
from contextlib import contextmanager

import pytest
import uvicorn
import uvloop
from served import until

from dsml_magics.process.system import unsent_bytes
from dsml_magics.serve.connection import connection_class
from dsml_magics.serve.settings import DEFAULT

ANSWER = bytes(800_000)
"""More than the buffers of both sides hold."""
REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


async def answer(scope, receive, send):
    headers = [(b"content-length", str(len(ANSWER)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    if scope["path"] == "/parts":
        await send({"type": "http.response.body", "body": ANSWER[1:], "more_body": True})
        await send({"type": "http.response.body", "body": ANSWER[:1]})
        return
    await send({"type": "http.response.body", "body": ANSWER})


@contextmanager
def listening(loop, stall_seconds=3600.0, kept=32 << 10):
    """Run a server, of whose answers the system keeps so many bytes."""
    kind = connection_class(DEFAULT)
    kind.stall_seconds = stall_seconds
    server = uvicorn.Server(
        uvicorn.Config(answer, http=kind, lifespan="off", log_level="error", timeout_keep_alive=3600)
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, kept)
        thread = threading.Thread(target=lambda: loop.run(server.serve([listener])))
        thread.start()
        try:
            yield server.server_state, listener.getsockname()
        finally:
            server.should_exit = True
            thread.join(60)
            assert not thread.is_alive()


def connect(address):
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 << 10)
    client.settimeout(60)
    client.connect(address)
    return client


def check(state, times=1):
    """Do now what the server does from time to time."""
    for _ in range(times):
        for connection in list(state.connections):
            # One that is let go has left when the second is done.
            for act in (connection._on_stall_check, lambda: None):
                done = threading.Event()
                connection.loop.call_soon_threadsafe(lambda act=act, done=done: (act(), done.set()))
                assert done.wait(60)


def pending(state):
    """Return how many bytes of answers are not taken yet."""
    (connection,) = state.connections
    waiting = connection.transport.get_write_buffer_size()
    return waiting and waiting + unsent_bytes(connection.transport.get_extra_info("socket"))


BOTH = pytest.mark.parametrize("loop", [asyncio, uvloop])


@BOTH
@pytest.mark.parametrize("requests", [1, 20])
def test_a_client_that_never_reads_is_let_go(loop, requests, capfd):
    with listening(loop, stall_seconds=0.3) as (state, address), connect(address) as client:
        client.sendall(REQUEST * requests)
        until(lambda: state.total_requests)
        until(lambda: not state.connections)
        assert sum(map(len, iter(lambda: client.recv(1 << 20), b""))) < len(ANSWER)
    # Nothing goes wrong in the answers that nobody waits for.
    assert not capfd.readouterr().err


@BOTH
def test_a_client_that_wants_its_connection_closed_is_not_waited_for(loop):
    with listening(loop) as (state, address), connect(address) as client:
        client.sendall(REQUEST.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        until(lambda: state.connections and pending(state))
        check(state, 3)
        until(lambda: not state.connections)


@BOTH
def test_a_client_that_reads_slowly_gets_all(loop):
    """Between two checks only its system's share goes down, not what the server still holds."""
    with listening(loop, kept=400 << 10) as (state, address), connect(address) as client:
        client.sendall(REQUEST)
        until(lambda: state.connections and pending(state))
        check(state)
        got = 0
        while before := pending(state):
            while got < len(ANSWER) and pending(state) == before:
                part = client.recv(4 << 10)
                assert part, f"cut off after {got} bytes"
                got += len(part)
            check(state)
        check(state, 3)
        while got < len(ANSWER):
            got += len(client.recv(1 << 20))
        assert state.connections


def test_a_client_that_asks_again_and_again_is_kept():
    with listening(asyncio) as (state, address), connect(address) as client:
        for _ in range(3):
            client.sendall(REQUEST)
            until(lambda: state.connections and pending(state))
            check(state)
            got = 0
            while got < len(ANSWER):
                part = client.recv(1 << 20)
                assert part, f"cut off after {got} bytes"
                got += len(part)
        check(state, 3)
        assert state.connections


def test_an_answer_in_parts_has_as_long_as_one_at_once():
    with listening(asyncio) as (state, address), connect(address) as client:
        until(lambda: state.connections)
        check(state)
        client.sendall(REQUEST.replace(b"/", b"/parts", 1))
        until(lambda: pending(state))
        check(state)
        assert state.connections
        check(state)
        assert not state.connections
