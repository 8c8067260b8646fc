"""The body of a request, within the limits of size and time."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from dsml_magics.serve.protocol.exchange import Refusal
from dsml_magics.serve.settings import Limits

Receive = Callable[[], Awaitable[Mapping[str, Any]]]


class Gone(Exception):
    """The client has gone."""


async def body_of(receive: Receive, headers: Mapping[bytes, bytes], limits: Limits) -> bytes:
    """Read a body.

    Raises
    ------
    Refusal
        413 if it is too large, 408 if it does not come in time.
    Gone
        The client went away.
    """
    most = int(limits.body_mb * 1e6)
    length = headers.get(b"content-length", b"")
    if length.isdigit() and int(length) > most:
        raise _too_large(limits)
    try:
        async with asyncio.timeout(limits.seconds):
            return await _read(receive, most, limits)
    except TimeoutError:
        raise Refusal(408, f"Expected the whole body within {limits.seconds:g} s.") from None


async def _read(receive: Receive, most: int, limits: Limits) -> bytes:
    message = await _next(receive)
    body: bytes = message.get("body", b"")
    if not message.get("more_body", False):
        if len(body) > most:
            raise _too_large(limits)
        return body
    pieces, size = [body], len(body)
    while message.get("more_body", False):
        message = await _next(receive)
        pieces.append(message.get("body", b""))
        size += len(pieces[-1])
        if size > most:
            raise _too_large(limits)
    return b"".join(pieces)


async def _next(receive: Receive) -> Mapping[str, Any]:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise Gone
    return message


def _too_large(limits: Limits) -> Refusal:
    return Refusal(413, f"Expected a body of at most {limits.body_mb:g} MB. Send fewer rows at a time.")
