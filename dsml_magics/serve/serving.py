"""A running server: its processes, and what they serve."""

import atexit
import json
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO, Any

from dsml_magics.errors import ServerUnusable
from dsml_magics.ledger.place import address
from dsml_magics.package.contract import Contract
from dsml_magics.package.opening import require_ledger
from dsml_magics.process.system import interrupt, on_termination
from dsml_magics.process.work_folder import WorkFolder
from dsml_magics.serve.flavor import libraries_of
from dsml_magics.serve.place import Place, Slot
from dsml_magics.serve.process import load_libraries
from dsml_magics.serve.resolving import resolved
from dsml_magics.serve.settings import Settings
from dsml_magics.serve.watching import Watch
from dsml_magics.serve.worker_pool import WorkerPool

_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


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
        require_ledger(settings.reference)
        self._settings, self._ledger = settings, address()
        self._ended, self._folders = threading.Event(), ExitStack()
        self._pool: WorkerPool | None = None
        self._watch: Watch | None = None
        self._log: IO[str] | None = None
        try:
            work = self._folders.enter_context(WorkFolder("serve"))
            counts = self._folders.enter_context(WorkFolder("counts", in_memory=True))
            # A notebook is no place for a line a request.
            self.log = work / "log.jsonl" if "ipykernel.kernelapp" in sys.modules else None
            self._log = None if self.log is None else self.log.open("a")
            self._listening = _bound(settings)
            self.url = _url(settings, self._listening)
            self._pool = WorkerPool(
                settings, self._listening, counts=str(counts), log=self._log, say=self._say
            )
            self._start(self._pool)
        except BaseException:
            self.stop()
            raise
        atexit.register(self.stop)

    @property
    def _main(self) -> Place:
        if self._pool is None:
            raise ServerUnusable("Expected a server that has started.")
        return self._pool.places["main"]

    @property
    def name(self) -> str:
        """What is served."""
        return self._main.name

    @property
    def version(self) -> int | None:
        """The version that is served now; None for a folder."""
        return self._main.number

    @property
    def is_running(self) -> bool:
        return not self._ended.is_set()

    @property
    def pids(self) -> Sequence[int]:
        """Ids of its processes."""
        return () if self._pool is None else self._pool.pids

    def stop(self) -> None:
        """Answer what has begun, and end."""
        if self._ended.is_set():
            return
        self._ended.set()
        atexit.unregister(self.stop)
        if self._watch is not None:
            self._watch.close()
        if self._pool is not None:
            self._pool.end()
        with suppress(AttributeError):
            self._listening.close()
        if self._log is not None:
            self._log.close()
        self._folders.close()

    def ended(self, seconds: float) -> bool:
        """Wait some time for its end; return whether it came."""
        return self._ended.wait(seconds)

    def wait(self) -> None:
        """Wait until it is stopped: by Ctrl-C, or by SIGTERM."""
        with on_termination(interrupt):
            try:
                while not self._ended.wait(3600):
                    pass
            except KeyboardInterrupt:
                self.stop()

    @property
    def contract(self) -> Contract:
        """What its input must look like."""
        from dsml_magics.package.opening import contract_in

        return contract_in(Path(self._main.folder))

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

    def _start(self, pool: WorkerPool) -> None:
        """Load the libraries while the versions are looked for, start the processes, load these, and open the doors."""
        load_libraries()
        places = self._found(self._settings.reference)
        load_libraries({name: None for place in places.values() for name in libraries_of(Path(place.folder))})
        pool.start()
        pool.open(places)
        self._watch = Watch(
            self._settings.reference,
            self._ledger,
            served=lambda: self.version,
            serve=self._follow,
            say=self._say,
        )

    def _found(self, reference: str) -> dict[Slot, Place]:
        settings = self._settings
        (main,) = self._resolved([reference])
        others: dict[Slot, int | None] = {"canary": settings.canary, "shadow": settings.shadow}
        wanted = {slot: number for slot, number in others.items() if number is not None}
        if wanted and main.number is None:
            raise ServerUnusable("Expected a registered model beside a canary or shadow, got a folder.")
        found = self._resolved([f"{main.name}@{number}" for number in wanted.values()]) if wanted else []
        return {"main": main, **dict(zip(wanted, found, strict=True))}

    def _resolved(self, references: Sequence[str]) -> list[Place]:
        return resolved(references, self._ledger, verify_key=self._settings.verify_key)

    def _follow(self, number: int) -> None:
        """Serve another version."""
        place, *_ = self._resolved([f"{self.name}@{number}"])
        if self._pool is not None:
            self._pool.serve("main", place)

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
