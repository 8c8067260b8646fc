"""A worker as its parent sees it: orders go in, answers come out, and when it dies that is told."""

import json
import os
import queue
import socket
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from dsml_magics.errors import DsmlError, ServerUnusable
from dsml_magics.process import child
from dsml_magics.serve.place import Place, Slot
from dsml_magics.serve.settings import Settings

_LOADING_S = 600.0
_MODULE = "dsml_magics.serve.worker"
_TEMPLATE = (
    _MODULE,
    "dsml_magics.package.case",
    "numpy",
    "pyarrow.dataset",
    "pyarrow.parquet",
    "uvloop",
    "yaml",
)
"""The worker comes first: it sees to it that nothing starts threads."""


def load_libraries(modules: Iterable[str] = ()) -> None:
    """Have what processes will need loaded, once for all of them, while something else is done."""
    child.load(modules, template=_TEMPLATE)


class Process:
    """One worker.

    Parameters
    ----------
    on_end
        Called, in another thread, when it has ended.
    """

    def __init__(
        self,
        settings: Settings,
        listening: socket.socket,
        *,
        counts: str,
        log: Any,
        on_end: "Callable[[Process], None]",
    ) -> None:
        self._said: queue.Queue[Mapping[str, Any] | None] = queue.Queue()
        # Ctrl-C in the terminal is for the parent: it has a session of its own.
        self._child = child.start(
            _MODULE,
            folder=os.getcwd(),  # noqa: PTH109  where the parent works
            environment={**os.environ, "PROMETHEUS_MULTIPROC_DIR": counts},
            errors=2 if log is None else log.fileno(),
            descriptors=[listening.fileno()],
            template=_TEMPLATE,
        )
        self._write(settings.to_json())
        self._on_end = on_end
        threading.Thread(target=self._listen, name="dsml-worker", daemon=True).start()

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def has_ended(self) -> bool:
        return not self._child.is_alive

    def load(self, slot: Slot, place: Place) -> None:
        """Let it load a version, beside those it has; `done` waits for it."""
        self._order(do="load", slot=slot, place=asdict(place))

    def done(self) -> None:
        """Wait until it has done what it was told.

        Raises
        ------
        ServerUnusable
            It could not load the version, or it ended.
        """
        try:
            said = self._said.get(timeout=_LOADING_S)
        except queue.Empty:
            # What it says later would be taken for the answer to something else.
            self.kill()
            raise ServerUnusable(f"Expected the package to load within {_LOADING_S:g} s.") from None
        if said is None:
            # So it is for all who ask later.
            self._said.put(None)
            raise ServerUnusable("Expected a process that serves, but it ended while it loaded the package.")
        if said["said"] == "failed":
            raise ServerUnusable(f"The package could not be loaded. {said['why']}")

    def take(self) -> None:
        """Let what was loaded take its part."""
        self._order(do="take")

    def accept(self) -> None:
        """Let it take connections, and say that it is not ready; `open` comes with it."""
        self._order(do="accept")

    def open(self) -> None:
        """Let it answer requests."""
        self._order(do="open")

    def end(self) -> None:
        """Let it answer what has begun, and end."""
        with suppress(OSError, ValueError):
            self._child.stdin.close()

    def kill(self) -> None:
        """End it at once."""
        self._child.kill()

    def wait(self, seconds: float) -> None:
        """Wait until it has ended, however long it takes to."""
        if not self._child.wait(seconds):
            self._child.kill()
            self._child.wait()

    def _order(self, **order: Any) -> None:
        self._write(json.dumps(order))

    def _write(self, line: str) -> None:
        # If it has ended, that is told by `done` and `on_end`.
        with suppress(OSError, ValueError):
            self._child.stdin.write(line.encode() + b"\n")
            self._child.stdin.flush()

    def _listen(self) -> None:
        for line in self._child.stdout:
            # One that is killed may have written a part of a line.
            if line.endswith(b"\n"):
                self._said.put(json.loads(line))
        self._said.put(None)
        # One that there was no descriptor for has ended too.
        with suppress(DsmlError):
            self._child.wait()
        for pipe in (self._child.stdin, self._child.stdout):
            with suppress(OSError):
                pipe.close()
        self._on_end(self)
