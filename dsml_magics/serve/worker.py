"""A process that answers requests. It is told what to load on its standard input, a line of JSON each, and says there what it did."""

import gc
import json
import os
import queue
import socket
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO

# A spin barrier per tree costs more than the trees, and a hundredfold on a busy host. Before anything loads OpenMP,
# be it in the template of this process or here.
_ALONE = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
os.environ.update(_ALONE)
# Where counts are kept is told later; that they are is decided by the import.
os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", "")

import uvicorn

from dsml_magics.process.system import ignore_interrupts, on_termination
from dsml_magics.serve.answer import Answering
from dsml_magics.serve.app import App
from dsml_magics.serve.connection import connection_class
from dsml_magics.serve.fleet import Fleet
from dsml_magics.serve.log import Log
from dsml_magics.serve.metrics import Metrics
from dsml_magics.serve.place import Place, Slot
from dsml_magics.serve.recording import Recorder
from dsml_magics.serve.settings import Settings
from dsml_magics.serve.version import Version, load_version

_GRACE_S = 20
_MALLOC = {
    # Arenas, one a thread, keep what they once had.
    "MALLOC_ARENA_MAX": (-8, 2),
    # What a request of a thousand rows needs for a moment is not to be taken from the system anew each time.
    "MALLOC_MMAP_THRESHOLD_": (-3, 16 << 20),
    "MALLOC_TRIM_THRESHOLD_": (-1, 32 << 20),
}
"""Settings of glibc's `mallopt`, and the variables by which a user would make them."""


def main() -> None:
    """Answer requests on the socket whose number is the first argument."""
    os.environ.update(_ALONE)
    _set_malloc()
    out = os.fdopen(os.dup(1), "w", buffering=1)
    # What a model prints must not stand among the answers.
    os.dup2(2, 1)
    settings = Settings.from_json(sys.stdin.readline())
    listening = socket.socket(fileno=int(sys.argv[1]))
    worker = _Worker(settings, out)
    config = uvicorn.Config(
        worker.app,
        http=connection_class(settings.limits),
        loop="uvloop" if sys.platform != "win32" else "asyncio",
        lifespan="off",
        ws="none",
        access_log=False,
        log_level="error",
        server_header=False,
        date_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=_GRACE_S,
        backlog=2048,
    )
    server = _Server(config)
    threading.Thread(target=worker.obey, args=(server,), name="dsml-orders", daemon=True).start()
    # Ctrl-C in the terminal is for the process above, which ends this one in good order.
    ignore_interrupts()
    with on_termination(server.end):
        server.wait_for_start()
        server.run([listening])
        worker.close()


def _set_malloc() -> None:
    """Tell the C library how to keep memory, where it is glibc: a process that is forked cannot be told by its environment."""
    import ctypes

    with suppress(OSError, TypeError, AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        for variable, (parameter, value) in _MALLOC.items():
            if variable not in os.environ:
                mallopt(parameter, value)


class _Server(uvicorn.Server):
    """uvicorn's server, which leaves signals to `main`."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        # A handler of a signal may put something into it, whatever the thread is doing.
        self._starts: queue.SimpleQueue[None] = queue.SimpleQueue()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def accept(self) -> None:
        """Take connections from now on."""
        self._starts.put(None)

    def wait_for_start(self) -> None:
        """Wait until connections are to be taken, or it is to end."""
        self._starts.get()

    def end(self) -> None:
        """Answer what has begun, and end."""
        self.should_exit = True
        self._starts.put(None)


class _Worker:
    """The parts of this process."""

    def __init__(self, settings: Settings, out: TextIO) -> None:
        self._out, self._log = out, Log()
        self._metrics = metrics = Metrics()
        self._fleet = Fleet(settings.canary_percent)
        self._loaded: tuple[Slot, Version] | None = None
        self._recorder = None
        if settings.windows is not None:
            self._recorder = Recorder(Path(settings.windows), settings.window_seconds, metrics)
        answering = Answering(self._fleet, settings, metrics, self._recorder)
        self.app = App(settings, self._fleet, answering, metrics, self._log)

    def obey(self, server: _Server) -> None:
        """Do as told, until the other end is closed: nobody is left to serve for."""
        try:
            # The other end may also go while a version is loaded: then what was done cannot be said.
            with suppress(BrokenPipeError):
                for line in sys.stdin:
                    self._say(self._done(json.loads(line), server))
        finally:
            server.end()

    def _done(self, order: Mapping[str, Any], server: _Server) -> Mapping[str, Any]:
        """Do one thing; say how it went."""
        if order["do"] == "load":
            return self._load(order)
        if order["do"] == "accept":
            server.accept()
        elif order["do"] == "open":
            self._fleet.is_open = True
            server.accept()
        elif self._loaded:
            slot, version = self._loaded
            self._fleet.put(slot, version)
            self._metrics.version(slot, version.place.number)
            self._loaded = None
            # What a model is made of stays: the collector need not look through it again and again.
            gc.collect()
            gc.freeze()
        return {"said": "done"}

    def _load(self, order: Mapping[str, Any]) -> Mapping[str, Any]:
        """Load a version beside those there are; it takes its part when all processes have it."""
        place = Place(**order["place"])
        # One that was loaded for a swap that another process refused must not stay beside the next one.
        self._loaded = None
        try:
            self._loaded = (order["slot"], load_version(place))
        except Exception as error:  # noqa: BLE001  a package may raise whatever it likes
            return {"said": "failed", "why": f"{type(error).__name__}: {error}"[:500]}
        return {"said": "done"}

    def _say(self, message: Mapping[str, Any]) -> None:
        self._out.write(json.dumps(message) + "\n")
        self._out.flush()

    def close(self) -> None:
        """Write what is left to write."""
        if self._recorder is not None:
            self._recorder.close()
        self._log.flush()
