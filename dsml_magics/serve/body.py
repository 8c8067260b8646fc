"""The body of a request, within the limits of size and time."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from dsml_magics.serve.protocol.exchange import Refusal
from dsml_magics.serve.settings import Limits

Receive = Callable[[], Awaitable[Mapping[str, Any]]]
SMALL_BYTES = 16 << 10
"""Bodies up to this size are not counted: so many cannot be under way that they matter."""
_BODIES = 4


class Gone(Exception):
    """The client has gone."""


class BodyReader:
    """Reads bodies; all that are under way together hold at most four times what one may."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._held = 0

    async def read(self, receive: Receive, headers: Mapping[bytes, bytes]) -> bytes:
        """Read a body; `release` its size when it is done with.

        Raises
        ------
        Refusal
            413 if it is too large, 408 if it does not come in time, 415 if it is compressed, 429 if too many large
            bodies are under way.
        Gone
            The client went away.
        """
        encoding = headers.get(b"content-encoding")
        if encoding is not None and encoding.strip().lower() != b"identity":
            raise Refusal(415, "Expected a body without content encoding. Send it uncompressed.")
        length = headers.get(b"content-length", b"")
        if length.isdigit() and (len(length) > 18 or int(length) > self._limits.body_bytes):
            raise _too_large(self._limits)
        try:
            async with asyncio.timeout(self._limits.seconds):
                return await self._read(receive)
        except TimeoutError:
            raise Refusal(408, f"Expected the whole body within {self._limits.seconds:g} s.") from None

    def release(self, size: int) -> None:
        """Forget a body of so many bytes that `read` returned."""
        if size > SMALL_BYTES:
            self._held -= size

    async def _read(self, receive: Receive) -> bytes:
        message = await _next(receive)
        body: bytes = message.get("body", b"")
        if not message.get("more_body", False):
            self._hold(len(body), 0)
            return body
        pieces, size = [body], 0
        try:
            size = self._hold(len(body), 0)
            while message.get("more_body", False):
                message = await _next(receive)
                pieces.append(message.get("body", b""))
                size = self._hold(size + len(pieces[-1]), size)
        except BaseException:
            self.release(size)
            raise
        return b"".join(pieces)

    def _hold(self, size: int, before: int) -> int:
        """Count a body that has grown; return its size."""
        if size > self._limits.body_bytes:
            raise _too_large(self._limits)
        if size > SMALL_BYTES:
            more = size - (before if before > SMALL_BYTES else 0)
            if self._held + more > _BODIES * self._limits.body_bytes:
                raise Refusal(429, "Too many large bodies are under way. Try again in a moment.")
            self._held += more
        return size


async def _next(receive: Receive) -> Mapping[str, Any]:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise Gone
    return message


def _too_large(limits: Limits) -> Refusal:
    return Refusal(413, f"Expected a body of at most {limits.body_mb:g} MB. Send fewer rows at a time.")
