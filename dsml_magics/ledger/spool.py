"""Runs that are not in the ledger yet, as files: they outlive the process that began them, and a ledger that is away.

A run is a folder. ``begun.json`` is there from its beginning, ``record.json`` from its end; artifacts lie below
``artifacts/`` as they will in the ledger. ``run.json`` holds MLflow's id, as soon as MLflow has made the run. What is
sent is removed, but for a mark with MLflow's id.
"""

import json
import os
import shutil
import socket
import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dsml_magics.ledger.home import home
from dsml_magics.ledger.record import Beginning, RunRecord
from dsml_magics.redaction import redact, redact_each

_DAY_S = 86_400.0


@dataclass(frozen=True)
class Entry:
    """One run on its way."""

    folder: Path

    @property
    def id(self) -> str:
        return self.folder.name

    @property
    def beginning(self) -> Beginning:
        """What was known when it began.

        Raises
        ------
        OSError, ValueError
            It was removed meanwhile, or is damaged.
        """
        return Beginning(**json.loads((self.folder / "begun.json").read_bytes()))

    @property
    def record(self) -> RunRecord | None:
        """What was known when it ended; None before."""
        path = self.folder / "record.json"
        try:
            return RunRecord.from_dict(json.loads(path.read_bytes()))
        except FileNotFoundError:
            return None
        except ValueError:
            # A machine that lost power may have lost what it wrote last: the run must not keep others from being sent.
            ended = int(path.stat().st_mtime * 1000)
            return RunRecord(tags={"dsml.error": "its record is damaged"}, status="KILLED", ended=ended)

    @property
    def artifacts(self) -> Path:
        """The folder of its files, laid out as in the ledger."""
        return self.folder / "artifacts"

    @property
    def run_id(self) -> str | None:
        """MLflow's id, once there is one."""
        content = _read(self.folder / "run.json")
        return None if content is None else str(content["run"])

    @property
    def refused(self) -> str | None:
        """Why the ledger will not take it, if it said so."""
        content = _read(self.folder / "refused.json")
        return None if content is None else str(content["reason"])

    @property
    def is_whole(self) -> bool:
        """Whether nothing will be added: all is written, or its process is gone."""
        if not (self.folder / "record.json").exists():
            return False
        return (self.folder / "whole").exists() or self._is_left()

    @property
    def is_interrupted(self) -> bool:
        """Whether its process went away before the end."""
        return not (self.folder / "record.json").exists() and self._is_left()

    def _is_left(self) -> bool:
        """Tell whether its process is gone, and it is still here: another process may send and remove it any time."""
        try:
            return not is_alive(self.beginning)
        except FileNotFoundError:
            return False

    def end(self, record: RunRecord, secrets: Collection[str] = ()) -> None:
        """Write down how it ended, without `secrets` and others; more may be added until `close`."""
        _write(self.folder / "record.json", record.redacted(secrets).to_dict())

    def close(self, **more: Any) -> None:
        """Add what took longer to find out, and let it be sent."""
        if more and (record := self.record):
            _write(self.folder / "record.json", replace(record, **more).redacted().to_dict())
        (self.folder / "whole").touch()

    def put(self, path: str, content: str | bytes, secrets: Collection[str] = ()) -> None:
        """Write an artifact, whole or not at all; a text without `secrets` and others."""
        target = self.artifacts / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            text = redact(content, secrets, code=path.endswith(".py"))
            content = text.encode(errors="backslashreplace")
        _replace(target, content)

    def try_again(self) -> bool:
        """Note that it is being sent; tell whether that was begun before, and may have come half way."""
        mark = self.folder / "tried"
        was_tried = mark.exists()
        mark.touch()
        return was_tried

    def sent_to(self, run_id: str) -> None:
        """Keep the id that MLflow gave."""
        _write(self.folder / "run.json", {"run": run_id})

    def refuse(self, reason: str) -> None:
        """Set it aside: the ledger answered that it cannot take it."""
        _write(self.folder / "refused.json", {"reason": reason})

    def retry(self) -> None:
        """Forget that it was refused."""
        (self.folder / "refused.json").unlink(missing_ok=True)

    def remove(self) -> None:
        """Forget it, but for MLflow's id."""
        if run_id := self.run_id:
            marks = self.folder.parent / "sent"
            marks.mkdir(exist_ok=True)
            _replace(marks / self.id, run_id.encode())
        # Renamed first: a reader sees it whole or not at all.
        gone = self.folder.with_name(f".{self.id}-gone")
        with suppress(FileNotFoundError):
            self.folder.replace(gone)
        shutil.rmtree(gone, ignore_errors=True)


@dataclass(frozen=True)
class Spool:
    """The runs of this user that are on their way."""

    folder: Path

    def begin(self, beginning: Beginning, artifacts: Mapping[str, str]) -> Entry:
        """Write down that a run begins."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        made = self.folder / f".{beginning.id}-new"
        made.mkdir(mode=0o700)
        entry = Entry(made)
        beginning = replace(beginning, tags=redact_each(beginning.tags))
        _write(made / "begun.json", beginning.to_dict())
        for path, text in artifacts.items():
            entry.put(path, text)
        if beginning.run:
            entry.sent_to(beginning.run)
        made.replace(self.folder / beginning.id)
        return Entry(self.folder / beginning.id)

    def entries(self, ledger: str | None = None) -> list[Entry]:
        """List the runs on their way, in the order in which they began; of one ledger, or all."""
        found = []
        # Those whose names begin with a point are being made, or being removed.
        for folder in self.folder.glob("[!.]*/begun.json"):
            entry = Entry(folder.parent)
            # Another process may send and remove it meanwhile.
            with suppress(OSError, ValueError, TypeError):
                beginning = entry.beginning
                if ledger in (None, beginning.ledger):
                    # A run and those nested in it may begin in one millisecond.
                    found.append((beginning.started, folder.stat().st_mtime_ns, entry))
        return [entry for *_, entry in sorted(found, key=lambda each: each[:2])]

    def run_of(self, id: str) -> str | None:  # noqa: A002  what it is
        """Return MLflow's id of a run, sent or not; None if MLflow has not made it."""
        with suppress(OSError):
            return (self.folder / "sent" / id).read_text()
        return Entry(self.folder / id).run_id

    def is_sent(self, id: str) -> bool:  # noqa: A002
        """Tell whether all of a run is in the ledger."""
        return not (self.folder / id).exists() and (self.folder / "sent" / id).exists()

    def prune(self) -> None:
        """Remove the marks of runs that were sent more than a day ago."""
        for mark in (self.folder / "sent").glob("*"):
            with suppress(OSError):
                if time.time() - mark.stat().st_mtime > _DAY_S:
                    mark.unlink()


def spool() -> Spool:
    """Open the spool of this user."""
    return Spool(home() / "spool")


def is_alive(beginning: Beginning) -> bool:
    """Tell whether the process that began a run still runs; on another machine, as far as is known."""
    import psutil

    if beginning.host != socket.gethostname():
        return True
    try:
        return bool(abs(psutil.Process(beginning.process).create_time() - beginning.process_started) < 1.0)
    except psutil.Error:
        return False


def _read(path: Path) -> dict[str, Any] | None:
    """Read a note about a run; a damaged one is as good as none."""
    with suppress(FileNotFoundError, ValueError):
        content: dict[str, Any] = json.loads(path.read_bytes())
        return content
    return None


def _write(path: Path, content: Mapping[str, Any]) -> None:
    _replace(path, json.dumps(content).encode())


def _replace(path: Path, content: bytes) -> None:
    temporary = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
