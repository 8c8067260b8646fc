"""A client that takes nothing of its answers is let go; one that takes them slowly is not."""

import asyncio
import socket
import threading
import time
from contextlib import contextmanager

import pytest
import uvicorn
from served import until

from dsml_magics.serve.connection import connection_class
from dsml_magics.serve.settings import DEFAULT

ANSWER = bytes(800_000)
"""More than the buffers of both sides hold."""
REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


async def answer(scope, receive, send):
    headers = [(b"content-length", str(len(ANSWER)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": ANSWER})


@contextmanager
def listening(loop, stall_seconds, kept=32 << 10):
    """Run a server whose system keeps so many bytes of an answer for it."""
    kind = connection_class(DEFAULT)
    kind.stall_seconds = stall_seconds
    server = uvicorn.Server(
        uvicorn.Config(answer, http=kind, loop=loop, lifespan="off", log_level="error", timeout_keep_alive=1)
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, kept)
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])))
        if loop == "uvloop":
            import uvloop

            thread = threading.Thread(target=lambda: uvloop.run(server.serve([listener])))
        thread.start()
        try:
            yield server, listener.getsockname()
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


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
@pytest.mark.parametrize("requests", [1, 20])
def test_a_client_that_never_reads_is_let_go(loop, requests, capfd):
    with listening(loop, stall_seconds=0.3) as (server, address), connect(address) as client:
        client.sendall(REQUEST * requests)
        until(lambda: server.server_state.connections)
        until(lambda: not server.server_state.connections)
        assert sum(map(len, iter(lambda: client.recv(1 << 20), b""))) < len(ANSWER)
    # Nothing goes wrong in the answers that nobody waits for.
    assert not capfd.readouterr().err


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_a_client_that_wants_its_connection_closed_is_not_waited_for(loop):
    with listening(loop, stall_seconds=0.3) as (server, address), connect(address) as client:
        client.sendall(REQUEST.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        until(lambda: server.server_state.connections)
        until(lambda: not server.server_state.connections)


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_a_client_that_reads_slowly_gets_all(loop):
    """Between two looks only its system's share goes down, not what the server still holds."""
    with listening(loop, 0.25, kept=200 << 10) as (server, address), connect(address) as client:
        client.sendall(REQUEST)
        got, begun = 0, time.monotonic()
        while got < len(ANSWER):
            part = client.recv(4 << 10)
            assert part, f"cut off after {got} bytes"
            got += len(part)
            time.sleep(0.016)  # As a slow line does.
        assert time.monotonic() - begun > 1
        until(lambda: not server.server_state.connections)


def test_a_client_that_asks_again_and_again_is_kept():
    with listening("asyncio", stall_seconds=0.2) as (server, address), connect(address) as client:
        for _ in range(3):
            client.sendall(REQUEST)
            got = 0
            while got < len(ANSWER):
                got += len(client.recv(1 << 20))
            time.sleep(0.3)
        assert server.server_state.connections
