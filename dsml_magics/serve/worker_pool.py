"""The processes of a server: all serve the same versions, and one that dies is replaced."""

import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dsml_magics.errors import ServerUnusable
from dsml_magics.serve.place import Place, Slot
from dsml_magics.serve.process import Process
from dsml_magics.serve.settings import Settings

_GRACE_S = 25.0
_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 60.0


class WorkerPool:
    """Starts processes, lets them serve versions, and keeps as many of them as there should be.

    Parameters
    ----------
    counts
        Folder for what the processes count together.
    log
        File for their log; None for the terminal.
    say
        Writes an event into the log.
    """

    def __init__(
        self, settings: Settings, listening: socket.socket, *, counts: str, log: Any, say: Callable[..., None]
    ) -> None:
        self._settings, self._listening = settings, listening
        self._counts, self._log, self._say = counts, log, say
        self._lock, self._ended = threading.RLock(), threading.Event()
        self.places: dict[Slot, Place] = {}
        self._processes: list[Process] = []

    @property
    def pids(self) -> Sequence[int]:
        """Ids of the processes."""
        return [process.pid for process in self._processes]

    def start(self) -> None:
        """Start the processes; they answer nothing yet."""
        for _ in range(self._settings.workers):
            # One at a time: `end` must know those that are there when an interrupt comes.
            self._processes.append(self._process())
        for process in self._processes:
            process.accept()
        for process in self._processes:
            process.done()

    def open(self, places: Mapping[Slot, Place]) -> None:
        """Let all processes load versions, and then answer requests.

        Raises
        ------
        ServerUnusable
            One cannot.
        """
        with self._lock:
            for slot, place in places.items():
                self.serve(slot, place)
            for process in self._processes:
                process.open()
            for process in self._processes:
                process.done()

    def serve(self, slot: Slot, place: Place) -> None:
        """Let all processes load a version, and then, all at once, serve it.

        Raises
        ------
        ServerUnusable
            One cannot, or has died of it; then all serve what they did.
        """
        with self._lock:
            # One that has died gets the version when it is replaced.
            alive = [process for process in self._processes if not process.has_ended]
            if not alive:
                self._restart_with({**self.places, slot: place})
                return
            _load(alive, slot, place)
            for process in alive:
                process.take()
            for process in alive:
                _finish(process)
            # Not before: who reads it expects it of every answer. A process that dies meanwhile is replaced after.
            self.places[slot] = place

    def end(self) -> None:
        """Let the processes answer what has begun, and end."""
        self._ended.set()
        for process in self._processes:
            process.end()
        until = time.monotonic() + _GRACE_S
        for process in self._processes:
            process.wait(max(0.1, until - time.monotonic()))

    def _process(self) -> Process:
        return Process(
            self._settings, self._listening, counts=self._counts, log=self._log, on_end=self._replace
        )

    def _replace(self, ended: Process) -> None:
        """Start another process where one has died; if that one fails too, later and later again."""
        if self._ended.is_set():
            return
        self._forget_counts(ended)
        self._say(event="process ended", pid=ended.pid)
        pause = _PAUSE_S
        while not self._ended.wait(pause):
            with self._lock:
                if self._ended.is_set() or ended not in self._processes:
                    return
                try:
                    made = self._ready_process(self.places)
                except (ServerUnusable, OSError, RuntimeError, MemoryError) as error:
                    # Without memory, descriptors or threads no process starts; later one may.
                    self._say(event="process not replaced", why=str(error))
                else:
                    self._exchange(ended, made)
                    return
            pause = min(2 * pause, _LONGEST_PAUSE_S)

    def _restart_with(self, places: dict[Slot, Place]) -> None:
        """Serve versions although no process is left: the ones they served may be what ended them."""
        ended = self._processes[0]
        made = self._ready_process(places)
        self.places = places
        self._exchange(ended, made)

    def _exchange(self, ended: Process, made: Process) -> None:
        self._processes = [made if process is ended else process for process in self._processes]
        if self._ended.is_set():
            # `end` may not have seen it.
            made.end()
        self._say(event="process replaced", pid=made.pid)

    def _forget_counts(self, ended: Process) -> None:
        """Take what an ended process serves out of the metrics; what it counted stays."""
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(ended.pid, self._counts)  # type: ignore[no-untyped-call]

    def _ready_process(self, places: Mapping[Slot, Place]) -> Process:
        """Start a process that serves what the others do."""
        made = self._process()
        try:
            # Beside others it takes no connections before it can answer; alone it says that it loads.
            if all(process.has_ended for process in self._processes):
                made.accept()
                made.done()
            for slot, place in places.items():
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


def _load(processes: Sequence[Process], slot: Slot, place: Place) -> None:
    for process in processes:
        process.load(slot, place)
    failures = []
    for process in processes:
        try:
            process.done()
        except ServerUnusable as error:
            failures.append(error)
    if failures:
        raise failures[0]


def _finish(process: Process) -> None:
    """Wait until a process serves what it was told to; one that does not is ended, and so replaced."""
    try:
        process.done()
    except ServerUnusable:
        process.kill()
