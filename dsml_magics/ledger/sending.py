"""Bring the runs of the spool into the ledger: in order, each once."""

import os
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from filelock import FileLock

from dsml_magics.errors import LedgerError
from dsml_magics.ledger.failures import failures
from dsml_magics.ledger.place import digest_of
from dsml_magics.ledger.record import Beginning
from dsml_magics.ledger.role import with_earlier_roles
from dsml_magics.ledger.settings import without_addresses
from dsml_magics.ledger.spool import Entry, Spool, spool
from dsml_magics.ledger.store import Ledger

_PATIENCE_S = 120.0
_POLL_S = 0.01
_FINAL = ("INVALID_PARAMETER_VALUE", "RESOURCE_DOES_NOT_EXIST", "INVALID_STATE", "BAD_REQUEST")
"""What MLflow answers to what it will not take later either."""


@dataclass(frozen=True)
class Delivery:
    """What became of the runs on their way.

    Attributes
    ----------
    sent
        How many are in the ledger now.
    refused
        Runs that the ledger cannot take, with its reason.
    """

    sent: int = 0
    refused: tuple[tuple[str, str], ...] = ()


def deliver(ledger: Ledger, waiting: Spool | None = None) -> Delivery:
    """Send everything that is on its way to a ledger.

    One process at a time sends, so that order is kept and nothing is sent twice.

    Raises
    ------
    LedgerError
        The ledger does not answer; what was not sent stays where it is.
    """
    waiting = spool() if waiting is None else waiting
    key = digest_of(ledger.uri)
    wait_for_own(waiting, key)
    if not waiting.entries(key):
        return Delivery()
    with alone(waiting, key):
        return _delivered(ledger, waiting, [entry for entry in waiting.entries(key) if not entry.refused])


def alone(waiting: Spool, key: str) -> FileLock:
    """Keep other processes from sending to the ledger `key` meanwhile."""
    return FileLock(waiting.folder / f".{key}.lock", timeout=_PATIENCE_S)


def wait_for_own(waiting: Spool, key: str) -> None:
    """Let this process find out the rest of what it has run: whoever opens the ledger asks for just that."""
    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until and any(map(_is_being_completed, waiting.entries(key))):
        time.sleep(_POLL_S)


def _is_being_completed(entry: Entry) -> bool:
    with suppress(OSError, ValueError):
        is_own = entry.beginning.process == os.getpid()
        return is_own and entry.record is not None and not entry.is_whole
    return False


def _delivered(ledger: Ledger, waiting: Spool, entries: Sequence[Entry]) -> Delivery:
    sent, refused = 0, []
    for entry in entries:
        # Another process may have removed it.
        with suppress(FileNotFoundError):
            if reason := _refusal(ledger, waiting, entry):
                refused.append((entry.beginning.name, reason))
                entry.refuse(reason)
            elif entry.is_whole:
                entry.remove()
                sent += 1
    waiting.prune()
    return Delivery(sent, tuple(refused))


def _refusal(ledger: Ledger, waiting: Spool, entry: Entry) -> str | None:
    """Send as much of a run as there is; return why the ledger will never take it, if so."""
    try:
        with failures(ledger.uri):
            _send(ledger, waiting, entry)
    except LedgerError as error:
        if getattr(error.__cause__, "error_code", "") not in _FINAL:
            raise
        return str(error)
    return None


def _send(ledger: Ledger, waiting: Spool, entry: Entry) -> None:
    beginning, again = entry.beginning, entry.try_again()
    # That the user's own run is continued is written twice: one may be damaged.
    run_id = entry.run_id or beginning.run
    if run_id is None:
        run_id = ledger.create_run(beginning, parent=_above(waiting, beginning), again=again)
        entry.sent_to(run_id)
    if not entry.is_whole:
        return
    record = entry.record
    if record is None:
        return
    if above := _above(waiting, beginning):
        record = replace(record, tags={**record.tags, "mlflow.parentRunId": above})
    # Each step may be repeated: MLflow keeps one of equal parameters, metrics, inputs and files.
    # What the user logged by hand in a run that was active is there already.
    record = with_earlier_roles(ledger.client, run_id, record)
    lost = ledger.write(run_id, record, again=again or beginning.run is not None)
    if lost:
        entry.put(
            "dsml/not_changed.txt", "These parameters had other values already:\n" + "\n".join(lost) + "\n"
        )
    if entry.artifacts.is_dir():
        ledger.client.log_artifacts(run_id, str(entry.artifacts))
    with without_addresses():
        ledger.client.set_terminated(run_id, record.status, record.ended)


def _above(waiting: Spool, beginning: Beginning) -> str | None:
    return waiting.run_of(beginning.parent) if beginning.parent else None
