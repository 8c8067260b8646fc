"""The server as an ASGI application: both protocols, health, metrics and documentation."""

import asyncio
import hmac
import itertools
import os
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from dsml_magics.serve.answer import Answering
from dsml_magics.serve.body import SMALL_BYTES, BodyReader, Gone, Receive
from dsml_magics.serve.documentation import openapi, page
from dsml_magics.serve.fleet import Fleet
from dsml_magics.serve.hosts import Hosts
from dsml_magics.serve.log import Log
from dsml_magics.serve.metrics import TYPE, Metrics
from dsml_magics.serve.protocol import inference, invocations
from dsml_magics.serve.protocol.exchange import Refusal, Reply, Rows, too_slow
from dsml_magics.serve.protocol.json import encode
from dsml_magics.serve.protocol.parquet_reader import ParquetReader
from dsml_magics.serve.settings import Settings
from dsml_magics.serve.version import Version

Send = Callable[[Mapping[str, Any]], Awaitable[None]]
Headers = Mapping[bytes, bytes]
_ID = b"x-request-id"
_OPEN = frozenset(
    {"/ping", "/health", "/health/live", "/health/ready", "/v2/health/live", "/v2/health/ready"}
)
"""Routes that need no token."""
_ONCE = (
    b"authorization",
    b"content-encoding",
    b"content-length",
    b"content-type",
    b"host",
    inference.HEADER,
    b"origin",
)
"""Headers that must not come twice: a proxy and a server may differ in which one counts."""
_Answer = Callable[["_Call", bytes, Version], Awaitable[Reply]]


class App:
    """Answers requests from the versions of a fleet."""

    def __init__(
        self, settings: Settings, fleet: Fleet, answering: Answering, metrics: Metrics, log: Log
    ) -> None:
        self._limits, self._fleet, self._answering = settings.limits, fleet, answering
        self._metrics, self._log = metrics, log
        self._token = settings.token.encode() if settings.token else None
        self._hosts = Hosts(settings.host, settings.allowed_hosts)
        self._bodies, self._large = BodyReader(settings.limits), asyncio.Lock()
        self._parquet = ParquetReader(settings.limits)
        self._ids = (f"{os.getpid():x}-{number:x}" for number in itertools.count(1)).__next__
        self._at_work = 0
        self._gets: dict[str, Callable[[], Reply]] = {
            "/ping": self._ping,
            "/health": self._ping,
            "/version": lambda: Reply(_mlflow_version(), type=b"text/plain"),
            "/health/live": lambda: Reply(b'{"status":"live","live":true}'),
            "/health/ready": self._ready,
            "/metrics": lambda: Reply(metrics.text(), type=TYPE),
            "/openapi.json": lambda: Reply(openapi(self._main(), secured=self._token is not None)),
            "/docs": lambda: Reply(page(self._main()), type=b"text/html; charset=utf-8"),
            "/": lambda: Reply(b"", 307, headers=[(b"location", b"/docs")]),
            "/v2": lambda: Reply(inference.server()),
            "/v2/": lambda: Reply(inference.server()),
            "/v2/health/live": lambda: Reply(b'{"live":true}'),
            "/v2/health/ready": self._ready,
        }

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer a request; see ASGI."""
        if scope["type"] != "http":
            return
        begun = time.perf_counter()
        headers: Headers = dict(scope["headers"])
        route, id_ = scope["path"], _id_of(headers) or self._ids()
        call = _Call(scope["method"], route, headers, receive)
        call.has_repeated = len(headers) != len(scope["headers"]) and _has_repeated(scope["headers"])
        self._at_work += 1
        try:
            reply = await self._reply(call)
        except Gone:
            return
        except Refusal as refusal:
            reply = _refused(refusal, route)
        except Exception as error:  # noqa: BLE001  the process goes on, whatever a request did
            self._log.add(request_id=id_, error=type(error).__name__, at=_place(error))
            reply = _refused(
                Refusal(500, "Something went wrong here. The log has more, by the request's id."), route
            )
        finally:
            self._at_work -= 1
            self._bodies.release(call.body_size)
        await _send(send, reply, id_, is_head=call.method == "HEAD")
        seconds = time.perf_counter() - begun
        self._metrics.request(call.route, reply.status, call.version, seconds)
        self._log.add(
            request_id=id_,
            method=call.method,
            route=call.route,
            status=reply.status,
            version=call.version,
            rows=call.rows,
            ms=round(seconds * 1000, 3),
        )

    async def _reply(self, call: "_Call") -> Reply:
        path = call.path
        if call.has_repeated:
            raise Refusal(400, "Expected one header each of Authorization, Content-Type, Host and the like.")
        if path not in _OPEN:
            self._require_welcome(call.headers)
        if path == "/invocations":
            call.route = path
            _require_method(call, "POST")
            return await self._invocations(call)
        if (answer := self._gets.get(path)) is not None:
            call.route = path
            _require_method(call, "GET", "HEAD")
            return answer()
        if path.startswith("/v2/models/"):
            return await self._model(call)
        call.route = "other"
        raise Refusal(404, "No such route. /docs lists those there are.")

    def _require_welcome(self, headers: Headers) -> None:
        """Refuse who has no token or, where there is none, who comes from another site."""
        if self._token is None:
            self._hosts.require(headers)
        else:
            self._require_token(headers)

    def _require_token(self, headers: Headers) -> None:
        scheme, _, token = headers.get(b"authorization", b"").partition(b" ")
        is_right = hmac.compare_digest(token.strip(), self._token or b"")
        if not is_right or scheme.lower() != b"bearer":
            raise Refusal(401, "Expected the header 'Authorization: Bearer TOKEN' with the server's token.")

    async def _invocations(self, call: "_Call") -> Reply:
        return await self._in_turn(call, self._turn(call), self._answer_invocations)

    async def _in_turn(self, call: "_Call", version: Version, answer: _Answer) -> Reply:
        """Answer a body; large ones one after the other, as what is read of them may take many times their size."""
        body = await self._bodies.read(call.receive, call.headers)
        call.body_size = len(body)
        if len(body) <= SMALL_BYTES and not invocations.is_table(call.content_type):
            return await answer(call, body, version)
        try:
            async with asyncio.timeout(self._limits.seconds), self._large:
                return await answer(call, body, version)
        except TimeoutError:
            raise too_slow(self._limits) from None

    async def _answer_invocations(self, call: "_Call", body: bytes, version: Version) -> Reply:
        if invocations.is_table(call.content_type):
            rows = await self._answering.run_aside(lambda: self._decode(call, body, version))
        else:
            rows = self._decode(call, body, version)
        call.rows = rows.count
        given = await self._answering.answer(rows, version)
        return Reply(invocations.encoded(given.predictions), headers=given.warnings)

    def _decode(self, call: "_Call", body: bytes, version: Version) -> Rows:
        return invocations.decoded(
            body,
            call.content_type,
            version.contract,
            limits=self._limits,
            read_parquet=self._parquet.read,
        )

    def _turn(self, call: "_Call") -> Version:
        """Return whose turn it is, if there is room for the request."""
        if not self._fleet.is_ready:
            raise Refusal(503, "The model is being loaded. Ask /health/ready.")
        if self._at_work > self._limits.requests:
            raise Refusal(
                429, f"Expected at most {self._limits.requests:,} requests at a time. Try again in a moment."
            )
        version = self._fleet.pick()
        call.version = version.label
        return version

    async def _model(self, call: "_Call") -> Reply:
        """Answer ``/v2/models/NAME[/versions/VERSION][/infer|/ready]``."""
        name, *rest = call.path.removeprefix("/v2/models/").split("/")
        main = self._main()
        label = None
        if rest[:1] == ["versions"] and len(rest) > 1:
            label, rest = rest[1], rest[2:]
        what = rest[0] if len(rest) == 1 else "" if not rest else "other"
        call.route = (
            f"/v2/models/{{name}}{'/versions/{version}' if label else ''}{f'/{what}' if what else ''}"
        )
        if what not in ("", "infer", "ready"):
            call.route = "other"
            raise Refusal(404, "No such route. /docs lists those there are.")
        asked = main if label is None else self._fleet.by_label(label)
        if name != main.place.name or asked is None:
            raise Refusal(
                404, f"No such model here; there is {main.place.name!r}, version {main.label or 'none'}."
            )
        if what == "infer":
            _require_method(call, "POST")
            return await self._infer(call, None if label is None else asked)
        _require_method(call, "GET", "HEAD")
        if what == "ready":
            return self._ready(name=name)
        labels = [each.label for each in (self._fleet.main, self._fleet.canary) if each is not None]
        return Reply(inference.metadata(asked.contract, name=name, versions=labels))

    async def _infer(self, call: "_Call", version: Version | None) -> Reply:
        turn = self._turn(call)
        version = version or turn
        call.version = version.label
        inference.require_type(call.content_type)
        return await self._in_turn(call, version, self._answer_inference)

    async def _answer_inference(self, call: "_Call", body: bytes, version: Version) -> Reply:
        length = call.headers.get(inference.HEADER)
        asked = inference.decoded(
            body,
            None if length is None else length.decode("latin-1"),
            version.contract,
            limits=self._limits,
        )
        call.rows = asked.rows.count
        given = await self._answering.answer(asked.rows, version)
        reply = inference.reply(given.predictions, asked, name=version.place.name, version=version.label)
        return Reply(reply.body, type=reply.type, headers=[*reply.headers, *given.warnings])

    def _main(self) -> Version:
        if self._fleet.main is None:
            raise Refusal(503, "The model is being loaded. Ask /health/ready.")
        return self._fleet.main

    def _ping(self) -> Reply:
        return Reply(b"\n", 200 if self._fleet.is_ready else 503)

    def _ready(self, *, name: str | None = None) -> Reply:
        is_ready, main = self._fleet.is_ready, self._fleet.main
        content: dict[str, Any] = {"status": "ready" if is_ready else "loading", "ready": is_ready}
        if main is not None:
            content |= {"name": name or main.place.name, "version": main.label}
        return Reply(encode(content), 200 if is_ready else 503)


class _Call:
    """A request on its way, with what the log says of it."""

    __slots__ = (
        "body_size",
        "content_type",
        "has_repeated",
        "headers",
        "method",
        "path",
        "receive",
        "route",
        "rows",
        "version",
    )

    def __init__(self, method: str, path: str, headers: Headers, receive: Receive) -> None:
        self.method, self.path, self.headers, self.receive = method, path, headers, receive
        self.content_type = headers.get(b"content-type", b"").decode("latin-1")
        self.route, self.version, self.rows = "other", "", 0
        self.body_size, self.has_repeated = 0, False


def _refused(refusal: Refusal, route: str) -> Reply:
    """Write a refusal in the words of the protocol."""
    protocol = inference if route.startswith("/v2") else invocations
    return Reply(protocol.refused(refusal), refusal.status, headers=refusal.headers)


def _require_method(call: _Call, *methods: str) -> None:
    if call.method not in methods:
        allowed = [(b"allow", ", ".join(methods).encode())]
        raise Refusal(405, f"Expected the method {methods[0]}.", headers=allowed)


def _has_repeated(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    names = [name for name, _ in headers]
    return any(names.count(name) > 1 for name in _ONCE)


def _id_of(headers: Headers) -> str | None:
    """Return the id a request came with, if it fits a log."""
    given = headers.get(_ID)
    if given is None or len(given) > 128:
        return None
    text = given.decode("latin-1")
    return text if text.isascii() and text.isprintable() else None


async def _send(send: Send, reply: Reply, id_: str, *, is_head: bool) -> None:
    headers = [
        (b"content-type", reply.type),
        (b"content-length", str(len(reply.body)).encode()),
        (_ID, id_.encode()),
        *reply.headers,
    ]
    if reply.status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if is_head else reply.body})


def _place(error: BaseException) -> str:
    """Say where an error was raised; its words may hold values of the rows."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    return f"{last.tb_frame.f_code.co_filename}:{last.tb_lineno}" if last else ""


def _mlflow_version() -> bytes:
    from importlib.metadata import version

    return version("mlflow").encode()
