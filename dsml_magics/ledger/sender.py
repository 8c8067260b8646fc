"""A process beside the kernel that sends runs to the ledger: the kernel never waits, and may be killed.

It reads its standard input, where each line says that there is something new, and which ends with the kernel. What the
user must know goes to its standard output, a line each.
"""

import os
import sys
import threading
import time
from typing import TextIO

from dsml_magics.errors import LedgerError
from dsml_magics.ledger.lean_mlflow import load_mlflow
from dsml_magics.ledger.place import digest_of
from dsml_magics.ledger.spool import spool

_LOOK_S = 0.5
"""Something new by another process is seen after so long."""
_AGAIN_S = (1.0, 2.0, 5.0, 10.0, 30.0)
_IDLE_S = 600.0


def main() -> None:
    """Send until the kernel has ended and nothing is left that can be sent."""
    # Sending must not slow down what the user does meanwhile.
    if hasattr(os, "nice"):
        os.nice(5)
    # MLflow would try for minutes; here it is tried again anyway.
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
    with os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8") as lines:
        # What libraries print is not for the user.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        load_mlflow()
        _send_until_the_end(os.environ["MLFLOW_TRACKING_URI"], lines)


def _send_until_the_end(uri: str, lines: TextIO) -> None:
    bell, told, failed, used = _Bell(), "", 0, time.monotonic()
    while True:
        has_ended = bell.wait(_AGAIN_S[min(failed, len(_AGAIN_S)) - 1] if failed else _LOOK_S)
        if _has_work(uri):
            used = time.monotonic()
            trouble, refused = _tried(uri)
            for name, reason in refused:
                _tell(lines, f"The ledger refused run {name!r}, which is kept on this machine: {reason}")
            failed = failed + 1 if trouble else 0
            if trouble and trouble != told:
                _tell(lines, trouble)
            told = trouble
        if has_ended or time.monotonic() - used > _IDLE_S:
            return


class _Bell:
    """Rings when a line comes in."""

    def __init__(self) -> None:
        self._rung, self._has_ended = threading.Event(), False
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for _ in sys.stdin.buffer:
            self._rung.set()
        self._has_ended = True
        self._rung.set()

    def wait(self, seconds: float) -> bool:
        """Wait for the bell, at most so long; tell whether the kernel has ended."""
        self._rung.wait(seconds)
        if not self._has_ended:
            self._rung.clear()
        return self._has_ended


def _has_work(uri: str) -> bool:
    entries = spool().entries(digest_of(uri))
    return any(entry.run_id is None or entry.is_whole for entry in entries if not entry.refused)


def _tried(uri: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Send what there is; return why it could not be sent, and the runs that were refused."""
    from dsml_magics.ledger.sending import deliver
    from dsml_magics.ledger.store import open_ledger

    try:
        return "", deliver(open_ledger(uri, waiting=False)).refused
    except LedgerError as error:
        return f"{error} Runs are kept on this machine until then; `dsml sync` sends them.", ()
    except OSError as error:
        return f"Runs could not be sent, and are kept: {error}. `dsml sync` tries again.", ()


def _tell(lines: TextIO, line: str) -> None:
    lines.write(line.replace("\n", " ") + "\n")
    lines.flush()


if __name__ == "__main__":
    main()
