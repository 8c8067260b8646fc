"""A worker seen from the job: a process that is given orders, and ended with all it started."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO, Any

from dsml_magics.ledger.outbox import SENDS
from dsml_magics.ledger.place import address, digest_of
from dsml_magics.process.system import end_group, name_of_signal, own_group

_PACKAGES = str(Path(__file__).parents[2])
# Found wherever it is installed, although a script's folder comes first.
_START = (
    f"import sys; {_PACKAGES!r} in sys.path or sys.path.append({_PACKAGES!r}); "
    "from dsml_magics.run.worker import main; main()"
)
_POLL_S = 0.05
_GRACE_S = 10.0


def outer_environment() -> dict[str, str]:
    """Return the environment that steps find."""
    # Else the order of a set of words would make equal steps differ.
    return {"PYTHONHASHSEED": "0", **os.environ}


class Died(Exception):
    """The process ended while it was asked."""


class TooLong(Exception):
    """It did not answer in time, and was ended."""


def _nothing() -> None: ...


class Worker:
    """One process in which steps run; it loads what it needs before it is told which.

    Attributes
    ----------
    meanwhile
        Called again and again while an answer is awaited.
    has_begun
        Whether it was told to begin.
    """

    def __init__(self) -> None:
        self.meanwhile: Callable[[], None] = _nothing
        self.has_begun = self._is_gone = False
        environment = {**outer_environment(), SENDS: digest_of(address())}
        self.process = subprocess.Popen(
            [sys.executable, "-c", _START],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            **own_group(),
        )
        self._answers: SimpleQueue[bytes] = SimpleQueue()
        threading.Thread(target=self._listen, daemon=True, name="dsml-answers").start()

    def _listen(self) -> None:
        """Take its answers; no system call waits for pipes on every system, and whatever their number."""
        with suppress(OSError, ValueError), self._stdout as answers:
            for line in answers:
                # A process that is killed may have written a part of one.
                if line.endswith(b"\n"):
                    self._answers.put(line)
        self._answers.put(b"")

    @property
    def _stdin(self) -> IO[bytes]:
        assert self.process.stdin is not None  # it is a pipe
        return self.process.stdin

    @property
    def _stdout(self) -> IO[bytes]:
        assert self.process.stdout is not None  # it is a pipe
        return self.process.stdout

    @property
    def is_alive(self) -> bool:
        return self.process.poll() is None

    def ask(self, order: Mapping[str, Any], *, timeout: float | None = None) -> dict[str, Any]:
        """Give an order and wait for the answer.

        Raises
        ------
        Died, TooLong
            There is none; the process is gone, with all it started.
        """
        until = None if timeout is None else time.monotonic() + timeout
        self._tell(order)
        while True:
            line = None
            with suppress(Empty):
                line = self._answers.get(timeout=_POLL_S)
            self.meanwhile()
            if line:
                answer: dict[str, Any] = json.loads(line)
                return answer
            if line is not None or not self.is_alive:
                raise self._died()
            if until is not None and time.monotonic() > until:
                self.kill()
                raise TooLong

    def _tell(self, order: Mapping[str, Any]) -> None:
        try:
            self._stdin.write(json.dumps(order).encode() + b"\n")
            self._stdin.flush()
        except (OSError, ValueError):
            raise self._died() from None

    def begin_end(self) -> None:
        """Let it end as a script does that is done."""
        with suppress(Died):
            self._tell({"do": "end"})

    def end(self) -> None:
        """Wait until it has ended; after some seconds it is ended."""
        until = time.monotonic() + _GRACE_S
        while self.is_alive and time.monotonic() < until:
            self.meanwhile()
            time.sleep(0.005)
        self.kill()

    def kill(self) -> None:
        """End the process and all it started, at once."""
        if self._is_gone:
            return
        end_group(self.process)
        # From now on its number may be somebody else's.
        self._is_gone = True
        with suppress(OSError):
            self._stdin.close()

    def _died(self) -> Died:
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(_GRACE_S)
        self.kill()
        code = self.process.returncode
        if code is not None and code < 0:
            return Died(f"the process was ended by {name_of_signal(code)}")
        return Died(f"the process ended with code {code}")


@contextmanager
def loading() -> Iterator[Worker]:
    """Start a worker, so that it loads meanwhile; it does not outlive the block."""
    worker = Worker()
    try:
        yield worker
    finally:
        worker.kill()
