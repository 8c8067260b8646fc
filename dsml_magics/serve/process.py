"""A worker as its parent sees it: orders go in, answers come out, and when it dies that is told."""

import json
import os
import queue
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from dsml_magics.errors import ServerUnusable
from dsml_magics.process.system import close_pipes
from dsml_magics.serve.place import Place, Slot
from dsml_magics.serve.settings import Settings

_LOADING_S = 600.0
_MALLOC = {
    # Arenas, one a thread, keep what they once had.
    "MALLOC_ARENA_MAX": "2",
    # What a request of a thousand rows needs for a moment is not to be taken from the system anew each time.
    "MALLOC_MMAP_THRESHOLD_": str(16 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(32 << 20),
}


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
        number = listening.fileno()
        self._said: queue.Queue[Mapping[str, Any] | None] = queue.Queue()
        self._popen = subprocess.Popen(
            [sys.executable, "-m", "dsml_magics.serve.worker", str(number)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            pass_fds=(number,),
            env={**_MALLOC, **os.environ, "PROMETHEUS_MULTIPROC_DIR": counts},
            # Ctrl-C in the terminal is for the parent.
            start_new_session=True,
        )
        self._write(settings.to_json())
        self._on_end = on_end
        threading.Thread(target=self._listen, name="dsml-worker", daemon=True).start()

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def has_ended(self) -> bool:
        return self._popen.poll() is not None

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

    def open(self) -> None:
        """Let it answer requests."""
        self._order(do="open")

    def end(self) -> None:
        """Let it answer what has begun, and end."""
        with suppress(OSError, ValueError):
            self._popen.stdin.close()  # type: ignore[union-attr]

    def kill(self) -> None:
        """End it at once."""
        self._popen.kill()

    def wait(self, seconds: float) -> None:
        """Wait until it has ended, however long it takes to."""
        try:
            self._popen.wait(seconds)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()

    def _order(self, **order: Any) -> None:
        self._write(json.dumps(order))

    def _write(self, line: str) -> None:
        # If it has ended, that is told by `done` and `on_end`.
        with suppress(OSError, ValueError):
            self._popen.stdin.write(line + "\n")  # type: ignore[union-attr]
            self._popen.stdin.flush()  # type: ignore[union-attr]

    def _listen(self) -> None:
        for line in self._popen.stdout:  # type: ignore[union-attr]
            # One that is killed may have written a part of a line.
            if line.endswith("\n"):
                self._said.put(json.loads(line))
        self._said.put(None)
        self._popen.wait()
        close_pipes(self._popen)
        self._on_end(self)
