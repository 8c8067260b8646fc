"""A worker seen from the job: a process that is given orders, and ended with all it started."""

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from dsml_magics.ledger.outbox import SENDS
from dsml_magics.ledger.place import address, digest_of

_PACKAGES = str(Path(__file__).parents[2])
# Found wherever it is installed, although a script's folder comes first.
_START = (
    f"import sys; {_PACKAGES!r} in sys.path or sys.path.append({_PACKAGES!r}); "
    "from dsml_magics.run.worker import main; main()"
)
_POLL_S = 0.05
_GRACE_S = 10.0


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
        orders, self._orders = os.pipe()
        self._answers, answers = os.pipe()
        words = [sys.executable, "-c", _START, str(orders), str(answers)]
        # Else the order of a set of words would make equal steps differ.
        environment = {"PYTHONHASHSEED": "0", **os.environ, SENDS: digest_of(address())}
        self.process = subprocess.Popen(
            words,
            env=environment,
            stdin=subprocess.DEVNULL,
            pass_fds=(orders, answers),
            start_new_session=True,
        )
        os.close(orders)
        os.close(answers)
        self._text = b""

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
        try:
            os.write(self._orders, json.dumps(order).encode() + b"\n")
        except OSError:
            raise self._died() from None
        while b"\n" not in self._text:
            ready, _, _ = select.select([self._answers], [], [], _POLL_S)
            self.meanwhile()
            if ready:
                part = os.read(self._answers, 1 << 20)
                if not part:
                    raise self._died()
                self._text += part
            elif not self.is_alive:
                raise self._died()
            if until is not None and time.monotonic() > until and b"\n" not in self._text:
                self.kill()
                raise TooLong
        line, _, self._text = self._text.partition(b"\n")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def end(self) -> None:
        """Let it end as a script does that is done; after some seconds it is ended."""
        with suppress(OSError):
            os.write(self._orders, b'{"do": "end"}\n')
        until = time.monotonic() + _GRACE_S
        while self.is_alive and time.monotonic() < until:
            self.meanwhile()
            time.sleep(0.005)
        self.kill()

    def kill(self) -> None:
        """End the process and all it started, at once."""
        if self._is_gone:
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        # From now on its number, and those of the pipes, may be somebody else's.
        self._is_gone = True
        for end in (self._orders, self._answers):
            with suppress(OSError):
                os.close(end)

    def _died(self) -> Died:
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(_GRACE_S)
        self.kill()
        code = self.process.returncode
        if code is not None and code < 0:
            return Died(f"the process was ended by {signal.Signals(-code).name}")
        return Died(f"the process ended with code {code}")


@contextmanager
def loading() -> Iterator[Worker]:
    """Start a worker, so that it loads meanwhile; it does not outlive the block."""
    worker = Worker()
    try:
        yield worker
    finally:
        worker.kill()
