"""The way from this process to the one that sends: begun when there is something to send."""

import atexit
import os
import sys
import threading
import time
from contextlib import suppress
from functools import cache
from pathlib import Path

from dsml_magics.errors import LedgerError
from dsml_magics.ledger.lean_mlflow import libraries_of
from dsml_magics.ledger.place import digest_of
from dsml_magics.ledger.spool import Spool, spool
from dsml_magics.process.child import Child, start
from dsml_magics.redaction import redact

_GRACE_S = 30.0
SENDS = "DSML_SENDS"
"""In the environment of a process whose parent sends to a ledger for it: the digest of that ledger."""
_POLL_S = 0.02


class Outbox:
    """Sends what this process puts into the spool."""

    def __init__(self, uri: str, waiting: Spool) -> None:
        self._uri, self._waiting = uri, waiting
        self._sender: Child | None = None
        self._lock = threading.Lock()
        self.trouble = ""

    def wake(self) -> None:
        """Say that there is something to send; starts the sender if need be."""
        if os.environ.get(SENDS) == digest_of(self._uri):
            return
        with self._lock:
            if self._sender is None or not self._sender.is_alive:
                self._sender = self._started()
            try:
                self._sender.stdin.write(b"\n")
                self._sender.stdin.flush()
            except OSError:
                self._sender = self._started()

    def _started(self) -> Child:
        environment = {**os.environ, "MLFLOW_TRACKING_URI": self._uri, "MLFLOW_DISABLE_TELEMETRY": "true"}
        # In a session of its own: neither an interrupt of the kernel nor its end reaches it.
        with Path(os.devnull).open("wb") as nowhere:
            sender = start(
                "dsml_magics.ledger.sender",
                folder=os.getcwd(),  # noqa: PTH109  as MLflow will see it
                environment=environment,
                errors=nowhere.fileno(),
                # A kernel goes on to deploy; a command ends.
                is_only=not _is_kernel(),
                loaded=libraries_of(self._uri),
            )
        threading.Thread(target=self._listen, args=(sender,), daemon=True, name="dsml-outbox").start()
        return sender

    def _listen(self, sender: Child) -> None:
        with sender.stdout:
            for line in sender.stdout:
                self.trouble = line.decode(errors="replace").strip()
                sys.stderr.write(f"dsml: {self.trouble}\n")

    def run_of(self, id: str, *, whole: bool, patience: float) -> str:  # noqa: A002  what it is
        """Wait until a run is in the ledger; return MLflow's id.

        Parameters
        ----------
        whole
            Whether all of it must be there, or the run alone.
        patience
            Seconds to wait.

        Raises
        ------
        LedgerError
            The ledger does not answer, or refused it.
        """
        self.trouble = ""
        self.wake()
        until = time.monotonic() + patience
        while time.monotonic() < until and not self.trouble:
            if not whole or self._waiting.is_sent(id):
                run_id = self._waiting.run_of(id)
                if run_id is not None:
                    return run_id
            time.sleep(_POLL_S)
        raise LedgerError(
            self.trouble
            or f"The ledger {redact(self._uri)} has not made the run within {patience:.0f} s. "
            "It is kept on this machine; `dsml sync` sends it."
        )

    def let_go(self) -> None:
        """Let the sender finish by itself; where nobody looks on, wait for that: a scheduler may end all there is."""
        self.close(patience=0.0 if _is_kernel() or sys.stderr.isatty() else None)

    def close(self, *, patience: float | None = None) -> None:
        """Let the sender finish: it would end with a container whose script has ended."""
        sender, self._sender = self._sender, None
        if sender is None:
            return
        if patience is None:
            patience = 2.0 if _is_kernel() else _GRACE_S
        with suppress(OSError):
            sender.stdin.close()
        sender.wait(patience)


def _is_kernel() -> bool:
    return "ipykernel.kernelapp" in sys.modules


@cache
def _boxes() -> dict[tuple[str, Path], Outbox]:
    return {}


def outbox(uri: str) -> Outbox:
    """Return this process' way to a ledger."""
    waiting = spool()
    boxes = _boxes()
    if not boxes:
        atexit.register(close_all)
    key = uri, waiting.folder
    if key not in boxes:
        boxes[key] = Outbox(uri, waiting)
    return boxes[key]


def close_all() -> None:
    """Let every sender of this process finish."""
    while _boxes():
        _boxes().popitem()[1].close()
