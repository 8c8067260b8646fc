"""Send what is kept on this machine, and settle what was interrupted."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import chdir, nullcontext
from dataclasses import dataclass
from pathlib import Path

from dsml_magics.errors import LedgerError, UsageError, hint
from dsml_magics.ledger.place import address, digest_of
from dsml_magics.ledger.record import Beginning, RunRecord
from dsml_magics.ledger.spool import Entry, spool


@dataclass(frozen=True)
class Left:
    """A run that is still on this machine, and why."""

    id: str
    name: str
    place: str
    reason: str


@dataclass(frozen=True)
class Sync:
    """What became of the runs that were kept on this machine."""

    sent: int = 0
    completed: int = 0
    dropped: int = 0
    left: tuple[Left, ...] = ()

    def __str__(self) -> str:
        counts = [(self.sent, "sent"), (self.completed, "completed"), (self.dropped, "dropped")]
        said = ", ".join(f"{number} {word}" for number, word in counts if number) or "nothing to send"
        lines = [f"Runs: {said}."]
        lines += [f"  {left.id}  {left.name}: {left.reason}" for left in self.left]
        return "\n".join(lines)

    __repr__ = __str__


def synced(*, complete: Sequence[str], drop: Sequence[str]) -> Sync:
    """Settle the runs that are named, and send all that can be sent.

    Raises
    ------
    UsageError
        There is no such run here.
    """
    entries = spool().entries()
    dropped = _each(entries, drop, _drop)
    completed = _each(entries, complete, _complete)
    before = {entry.id for entry in spool().entries()}
    reasons = _sent()
    after = spool().entries()
    left = tuple(_left(entry, reasons) for entry in after)
    return Sync(len(before - {entry.id for entry in after}) - completed, completed, dropped, left)


def _each(entries: Sequence[Entry], words: Iterable[str], settle: Callable[[Entry], None]) -> int:
    chosen: dict[str, Entry] = {}
    for word in words:
        for entry in _named(entries, word):
            chosen[entry.id] = entry
    for entry in chosen.values():
        settle(entry)
    return len(chosen)


def _named(entries: Sequence[Entry], word: str) -> list[Entry]:
    if word == "all":
        return [entry for entry in entries if entry.is_interrupted]
    found = [entry for entry in entries if entry.id.startswith(word) or (entry.run_id or "").startswith(word)]
    if len(found) != 1:
        known = [entry.id for entry in entries]
        what = "No run" if not found else f"{len(found)} runs begin with"
        raise UsageError(f"{what} {word!r} on this machine that is not in its ledger. {hint(word, known)}")
    return found


def _complete(entry: Entry) -> None:
    if not entry.is_interrupted:
        raise UsageError(
            f"Run {entry.beginning.name!r} was not interrupted: it goes on, or has ended by itself."
        )
    newest = max(path.stat().st_mtime for path in entry.folder.rglob("*"))
    entry.end(RunRecord(tags={"dsml.error": "interrupted"}, status="KILLED", ended=int(newest * 1000)))
    entry.close()


def _drop(entry: Entry) -> None:
    from dsml_magics.ledger.sending import alone

    beginning = entry.beginning
    if not entry.is_interrupted and entry.record is None:
        raise UsageError(f"Run {beginning.name!r} goes on; stop it first.")
    # Another process may be making it in the ledger just now.
    with alone(spool(), beginning.ledger):
        if (run_id := entry.run_id) and not beginning.resumed:
            from dsml_magics.ledger.failures import failures
            from dsml_magics.ledger.store import open_ledger

            ledger = open_ledger(_uri_of(beginning), waiting=False)
            with failures(ledger.uri):
                ledger.client.delete_run(run_id)
        entry.remove()


def _sent() -> dict[str, str]:
    """Send to each ledger; return why it could not be done, by ledger or by run."""
    reasons: dict[str, str] = {}
    entries = spool().entries()
    for entry in entries:
        entry.retry()
    for beginning in {entry.beginning.ledger: entry.beginning for entry in entries}.values():
        reasons |= _sent_to_one(beginning)
    return reasons


def _sent_to_one(beginning: Beginning) -> dict[str, str]:
    try:
        uri = _uri_of(beginning)
    except UsageError as error:
        return {beginning.ledger: str(error)}
    from dsml_magics.ledger.sending import deliver, wait_for_own
    from dsml_magics.ledger.store import open_ledger

    wait_for_own(spool(), beginning.ledger)
    try:
        # MLflow keeps the files of a new local ledger in the working folder.
        with chdir(beginning.folder) if Path(beginning.folder).is_dir() else nullcontext():
            return dict(deliver(open_ledger(uri, waiting=False)).refused)
    except LedgerError as error:
        return {beginning.ledger: str(error)}


def _uri_of(beginning: Beginning) -> str:
    """Return the address of the ledger a run is for: known where it holds no password, or is the current one.

    Raises
    ------
    UsageError
        Its password is not known here.
    """
    here = address()
    uri = here if beginning.ledger == digest_of(here) else beginning.place
    if digest_of(uri) != beginning.ledger:
        raise UsageError(f"set MLFLOW_TRACKING_URI to {uri}, with its password")
    return uri


def _left(entry: Entry, reasons: Mapping[str, str]) -> Left:
    beginning = entry.beginning
    if entry.is_interrupted:
        reason = "interrupted; `dsml sync --complete ID` keeps it as it is, `dsml sync --drop ID` forgets it"
    elif not entry.is_whole:
        reason = "goes on"
    else:
        reason = entry.refused or reasons.get(beginning.ledger) or "waits"
    return Left(entry.id, beginning.name, beginning.place, reason)
