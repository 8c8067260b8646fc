"""A connection that bounds what a client may send before a request is known, and how long it may leave an answer.

uvicorn's httptools protocol has no such bounds.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from dsml_magics.process.system import unsent_bytes
from dsml_magics.serve.settings import Limits

HEAD_BYTES = 64 << 10
"""Largest request line and headers together; uvicorn's own bound for h11."""
HEADERS = 100
_PIPELINED = 32
_CONNECTIONS_PER_REQUEST = 4
_TOO_LARGE = f"Expected a request line and headers of at most {HEAD_BYTES >> 10} KiB and {HEADERS} headers."
_TOO_SLOW = "Expected the headers of a request in time."


class _Refused(Exception):
    """A request that breaks a bound; httptools ends the parsing with it."""


def connection_class(limits: Limits) -> "type[Connection]":
    """Return the class of connections with these limits, for uvicorn's `http`."""
    return type("LimitedConnection", (Connection,), {"limits": limits})


class Connection(HttpToolsProtocol):
    """HTTP/1.1 with bounds on the size, number and time of headers, on trailers, on pipelining and on connections.

    Attributes
    ----------
    limits
        `seconds` is how long a head, or the rest of a body that nobody reads, may take.
    stall_seconds
        A client that takes nothing of its answers for so long is let go; as nginx's `send_timeout`. Much less would cut
        off slow clients that read steadily: their system tells of free space only when there is a good part of it.
    """

    limits: Limits
    stall_seconds = 60.0

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._in_head, self._is_message_open = True, False
        self._unparsed = self._unread = 0
        self._refusal: tuple[int, str] | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._stall_timer: asyncio.TimerHandle | None = None
        self._pending, self._has_moved = 0, False
        self._answered: Any = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > _CONNECTIONS_PER_REQUEST * self.limits.requests:
            transport.close()
            return
        self._set_deadline()
        self._stall_timer = self.loop.call_later(self.stall_seconds, self._on_stall_check)

    def connection_lost(self, exc: Exception | None) -> None:
        self._clear_deadline()
        if self._stall_timer is not None:
            self._stall_timer.cancel()
        # uvicorn marks only the newest of several requests as disconnected.
        if self._answered is not None:
            self._answered.disconnected = True
            self._answered.message_event.set()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        # Bytes that brought nothing: no complete head and no content of a body. Zero below where they did.
        self._unparsed += len(data)
        super().data_received(data)
        if self._unparsed > HEAD_BYTES:
            self._end(431, _TOO_LARGE)
        elif self._is_idle:
            self._wait(len(data))

    def _wait(self, size: int) -> None:
        """Bound how long, and with how many bytes, what no request is answered for may go on.

        A body whose request was refused is taken to its end, within bounds: closed at once, the client would see a
        broken connection instead of the answer.
        """
        if self._deadline is None:
            self._set_deadline()
        if not self._in_head:
            self._unread += size
            if self._unread > self.limits.body_bytes:
                self.transport.close()

    def on_message_begin(self) -> None:
        self._is_message_open = True
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._in_head:
            self._refuse(400, "Expected no trailers.")
        if len(self.headers) >= HEADERS:
            self._refuse(431, _TOO_LARGE)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        if self._unparsed > HEAD_BYTES and self._head_size() > HEAD_BYTES:
            self._refuse(431, _TOO_LARGE)
        if len(self.pipeline) >= _PIPELINED:
            self._refuse(429, f"Expected at most {_PIPELINED} requests ahead of their answers.")
        self._in_head, self._unparsed, self._unread = False, 0, 0
        self._clear_deadline()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._unparsed = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._in_head, self._is_message_open = True, False
        self._unparsed = 0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        self._has_moved = True
        super().on_response_complete()
        if self._is_message_open and self._deadline is None:
            # Nobody reads what is left of the body, or the next head is half there.
            self._set_deadline()

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        self._answered = cycle
        super()._start_asgi_task(cycle, app)

    def resume_writing(self) -> None:
        self._has_moved = True
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        self._end(*(self._refusal or (400, msg)))

    @property
    def _is_idle(self) -> bool:
        """Whether no request is being answered."""
        cycle: Any = self.cycle  # None before the first, whatever its annotation says
        return cycle is None or cycle.response_complete

    def _head_size(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)

    def _refuse(self, status: int, message: str) -> None:
        self._refusal = status, message
        raise _Refused(message)

    def _end(self, status: int, message: str) -> None:
        """Write a refusal, unless an answer is on its way, and close."""
        if self.transport.is_closing():
            return
        if self._is_idle:
            head = f"content-type: text/plain; charset=utf-8\r\ncontent-length: {len(message)}\r\nconnection: close\r\n\r\n"
            self.transport.write(STATUS_LINE[status] + head.encode() + message.encode())
        self.transport.close()

    def _set_deadline(self) -> None:
        self._deadline = self.loop.call_later(self.limits.seconds, self._on_deadline)

    def _clear_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _on_deadline(self) -> None:
        self._deadline = None
        if self._is_idle:
            if self._is_message_open and self._in_head:
                self._end(408, _TOO_SLOW)
            self.transport.close()

    def _on_stall_check(self) -> None:
        """Let go of a client that took nothing since the last check: to close in good order would wait for it, too."""
        pending = self.transport.get_write_buffer_size()
        if pending:
            pending += unsent_bytes(self.transport.get_extra_info("socket"))
        if self._pending and pending >= self._pending and not self._has_moved:
            self.transport.abort()
            return
        self._pending, self._has_moved = pending, False
        self._stall_timer = self.loop.call_later(self.stall_seconds, self._on_stall_check)
