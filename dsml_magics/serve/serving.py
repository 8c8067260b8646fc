"""A running server: its processes, and what they serve."""

import atexit
import json
import shutil
import socket
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from dsml_magics.errors import DsmlError, ServerUnusable
from dsml_magics.ledger.place import address
from dsml_magics.package.contract import Contract
from dsml_magics.serve.place import Place, Slot
from dsml_magics.serve.process import Process
from dsml_magics.serve.resolving import resolved
from dsml_magics.serve.settings import Settings
from dsml_magics.serve.watching import Watch

_GRACE_S = 25.0
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 60.0


class Serving:
    """A server that runs beside this process, and ends with it.

    Attributes
    ----------
    url
        Where it answers.
    log
        The file its processes write to, a line of JSON for each request; None if that is the terminal.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings, self._ledger = settings, address()
        self._work = Path(tempfile.mkdtemp(prefix="dsml-serve-"))
        (self._work / "counts").mkdir()
        # A notebook is no place for a line a request.
        self.log = self._work / "log.jsonl" if "ipykernel.kernelapp" in sys.modules else None
        self._log = None if self.log is None else self.log.open("a")
        self._lock, self._ended = threading.RLock(), threading.Event()
        self._places: dict[Slot, Place] = {}
        self._processes: list[Process] = []
        self._watch: Watch | None = None
        try:
            self._listening = _bound(settings)
            self.url = _url(settings, self._listening)
            with self._lock:
                self._start()
        except BaseException:
            self.stop()
            raise
        atexit.register(self.stop)

    @property
    def name(self) -> str:
        """What is served."""
        return self._places["main"].name

    @property
    def version(self) -> int | None:
        """The version that is served now; None for a folder."""
        return self._places["main"].number

    @property
    def is_running(self) -> bool:
        return not self._ended.is_set()

    @property
    def pids(self) -> Sequence[int]:
        """Ids of its processes."""
        return [process.pid for process in self._processes]

    def stop(self) -> None:
        """Answer what has begun, and end."""
        if self._ended.is_set():
            return
        self._ended.set()
        atexit.unregister(self.stop)
        if self._watch is not None:
            self._watch.close()
        for process in self._processes:
            process.end()
        until = time.monotonic() + _GRACE_S
        for process in self._processes:
            process.wait(max(0.1, until - time.monotonic()))
        with suppress(AttributeError):
            self._listening.close()
        if self._log is not None:
            self._log.close()
        shutil.rmtree(self._work, ignore_errors=True)

    def ended(self, seconds: float) -> bool:
        """Wait some time for its end; return whether it came."""
        return self._ended.wait(seconds)

    def wait(self) -> None:
        """Wait until it is stopped: by Ctrl-C, or by SIGTERM."""
        import signal

        def end(*_: object) -> None:
            raise KeyboardInterrupt

        with suppress(ValueError):
            signal.signal(signal.SIGTERM, end)
        try:
            while not self._ended.wait(3600):
                pass
        except KeyboardInterrupt:
            self.stop()

    @property
    def contract(self) -> Contract:
        """What its input must look like."""
        from dsml_magics.package.opening import contract_in

        return contract_in(Path(self._places["main"].folder))

    def get(self, path: str) -> str:
        """Ask the server itself, as a client would.

        Raises
        ------
        ServerUnusable
            It does not answer.
        """
        return self._asked(path, None)

    def predict(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        """Have one row answered; return what the server said: ``predictions``, or ``message``.

        Raises
        ------
        ServerUnusable
            It does not answer.
        """
        body = json.dumps({"dataframe_records": [row]}, allow_nan=False).encode()
        found: Mapping[str, Any] = json.loads(self._asked("/invocations", body))
        return found

    def _asked(self, path: str, body: bytes | None) -> str:
        headers = {"Content-Type": "application/json"}
        if self._settings.token:
            headers["Authorization"] = f"Bearer {self._settings.token}"
        request = urllib.request.Request(self.url + path, body, headers)  # noqa: S310  our own address
        try:
            with _DIRECT.open(request, timeout=30) as reply:
                return str(reply.read(), "utf-8")
        except urllib.error.HTTPError as error:
            return str(error.read(), "utf-8")
        except OSError as error:
            raise ServerUnusable(f"Expected an answer from {self.url}, but: {error}.") from None

    def to_dict(self) -> Mapping[str, Any]:
        """Return what runs, for JSON."""
        return {"url": self.url, "name": self.name, "version": self.version, "running": self.is_running}

    def __str__(self) -> str:
        if not self.is_running:
            return f"{self.url} is stopped."
        version = "" if self.version is None else f"@{self.version}"
        return f"{self.name}{version} at {self.url}  (a page to try it: {self.url}/docs)"

    def __repr__(self) -> str:
        return str(self)

    def _repr_mimebundle_(self, **how: Any) -> Any:
        from dsml_magics.serve.panel import panel_of

        return panel_of(self)._repr_mimebundle_(**how)

    def _start(self) -> None:
        """Start the processes while the versions are looked for, load these, and open the doors."""
        self._processes = [self._process() for _ in range(self._settings.workers)]
        self._places = self._found(self._settings.reference)
        for slot, place in self._places.items():
            self._load(slot, place)
        for process in self._processes:
            process.open()
        for process in self._processes:
            process.done()
        self._watch = Watch(self._settings.reference, self._ledger, self._places["main"], self._moved)

    def _found(self, reference: str) -> dict[Slot, Place]:
        settings = self._settings
        (main,) = resolved([reference], self._ledger)
        others: dict[Slot, int | None] = {"canary": settings.canary, "shadow": settings.shadow}
        wanted = {slot: number for slot, number in others.items() if number is not None}
        if wanted and main.number is None:
            raise ServerUnusable("Expected a registered model beside a canary or shadow, got a folder.")
        found = (
            resolved([f"{main.name}@{number}" for number in wanted.values()], self._ledger) if wanted else []
        )
        return {"main": main, **dict(zip(wanted, found, strict=True))}

    def _process(self) -> Process:
        return Process(
            self._settings,
            self._listening,
            counts=str(self._work / "counts"),
            log=self._log,
            on_end=self._replace,
        )

    def _load(self, slot: Slot, place: Place) -> None:
        """Let all processes load a version, and then, all at once, serve it.

        Raises
        ------
        ServerUnusable
            One cannot; then all serve what they did.
        """
        for process in self._processes:
            process.load(slot, place)
        failures = []
        for process in self._processes:
            try:
                process.done()
            except ServerUnusable as error:
                failures.append(error)
        if failures:
            raise failures[0]
        for process in self._processes:
            process.take()
        for process in self._processes:
            process.done()

    def _moved(self, number: int) -> Place:
        """Serve another version; return what is served then."""
        with self._lock:
            try:
                found, *_ = resolved([f"{self._places['main'].name}@{number}"], self._ledger)
                self._load("main", found)
            except DsmlError as error:
                self._say(event="swap refused", version=number, why=str(error))
            else:
                self._places["main"] = found
                self._say(event="swapped", version=number)
            return self._places["main"]

    def _replace(self, ended: Process) -> None:
        """Start another process where one has died; if that one fails too, later and later again."""
        if self._ended.is_set():
            return
        self._say(event="process ended", pid=ended.pid)
        pause = _PAUSE_S
        while not self._ended.wait(pause):
            with self._lock:
                if self._ended.is_set() or ended not in self._processes:
                    return
                try:
                    made = self._ready_process()
                except ServerUnusable as error:
                    self._say(event="process not replaced", why=str(error))
                else:
                    self._processes = [made if process is ended else process for process in self._processes]
                    return
            pause = min(2 * pause, _LONGEST_PAUSE_S)

    def _ready_process(self) -> Process:
        """Start a process that serves what the others do."""
        made = self._process()
        try:
            for slot, place in self._places.items():
                made.load(slot, place)
                made.done()
                made.take()
                made.done()
            made.open()
            made.done()
        except ServerUnusable:
            made.end()
            raise
        return made

    def _say(self, **what: Any) -> None:
        line = json.dumps({"time": round(time.time(), 3), **what})
        out = self._log or sys.stderr
        with suppress(ValueError, OSError):
            out.write(line + "\n")
            out.flush()


def _bound(settings: Settings) -> socket.socket:
    """Take the port before anything else, so that one that is taken is told at once."""
    try:
        family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
        listening = socket.socket(family, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((settings.host, settings.port))
        listening.listen(2048)
        listening.set_inheritable(True)
    except OSError as error:
        raise ServerUnusable(
            f"Expected to serve on {settings.host}, port {settings.port}, but: {error.strerror or error}. "
            "Give another by --port; 0 takes a free one."
        ) from None
    return listening


def _url(settings: Settings, listening: socket.socket) -> str:
    port = listening.getsockname()[1]
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
