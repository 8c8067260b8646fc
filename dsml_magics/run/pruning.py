"""What jobs left and no job needs any more: found, told with its size, removed."""

import json
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from dsml_magics.errors import UsageError
from dsml_magics.ledger.spool import spool
from dsml_magics.run.pruned import Pruned, Removal
from dsml_magics.run.shelf import LOCKS, OWNER, PRUNING

_UNITS_S = {"m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0}
_DAY_S = 86_400.0
_KEPT_LOGS = 10


def prune_states(root: Path, *, keep: int | None, older: str | None, dry_run: bool) -> Pruned:
    """Remove what no job needs of the states in a folder, and marks of runs that were sent long ago.

    Of each state: data that no step names any more, logs but for the latest, records of steps whose data are gone. With
    `older`, also logs and whole states that nobody used for so long.

    Raises
    ------
    UsageError
        A number is out of its range.
    """
    if keep is not None and keep < 0:
        raise UsageError(f"Expected --keep of 0 or more, got {keep}.")
    limit = time.time() - _seconds(older) if older is not None else None
    found: list[Removal] = []
    in_use: list[str] = []
    for state in sorted(
        path for path in root.glob("*") if (path / OWNER).exists() or (path / "logs").is_dir()
    ):
        try:
            with _alone(state):
                removals = list(_of_state(state, keep, limit))
                for each in () if dry_run else removals:
                    _remove(Path(each.path))
                found += removals
        except Timeout:
            in_use.append(str(state))
    sent = list(_sent())
    for each in () if dry_run else sent:
        _remove(Path(each.path))
    return Pruned((*found, *sent), tuple(in_use), dry_run)


@contextmanager
def _alone(state: Path) -> Iterator[None]:
    """Keep jobs from beginning on a state; none may be at work there.

    Raises
    ------
    Timeout
        One is.
    """
    locks = state / LOCKS
    locks.mkdir(exist_ok=True)
    with ExitStack() as stack:
        # Whoever wants to begin takes this one first, so there are no more locks from now on.
        stack.enter_context(FileLock(locks / PRUNING, timeout=0))
        for path in sorted(locks.glob("*.lock")):
            if path.name != PRUNING:
                stack.enter_context(FileLock(path, timeout=0))
        yield


def _of_state(state: Path, keep: int | None, limit: float | None) -> Iterator[Removal]:
    """List what may go; as soon as nobody used the state since `limit`, all of it."""
    if limit is not None and _last_use(state) < limit:
        yield Removal(str(state), "a state that was not used since", _size_of(state))
        return
    records = {path: _blobs_of(path) for path in (state / "steps").glob("*.json")}
    there = {path.name: path for path in (state / "blobs").rglob("*") if path.is_file()}
    broken = [path for path, blobs in records.items() if not blobs <= there.keys()]
    needed = frozenset[str]().union(*(blobs for path, blobs in records.items() if path not in broken))
    for path in broken:
        yield Removal(str(path), "a step whose data are gone", _size_of(path))
    for name, path in sorted(there.items()):
        if name not in needed:
            yield Removal(str(path), "data that no step left", _size_of(path))
    logs = sorted((path for path in (state / "logs").glob("*") if path.is_dir()), reverse=True)
    for at, path in enumerate(logs):
        is_old = limit is not None and path.stat().st_mtime < limit
        if is_old or at >= (keep if keep is not None else _KEPT_LOGS):
            yield Removal(str(path), "a log", _size_of(path))


def _blobs_of(path: Path) -> frozenset[str]:
    with suppress(OSError, ValueError, KeyError, TypeError):
        groups = json.loads(path.read_text(encoding="utf-8"))["left"]["groups"]
        blobs = (blob for each in groups for blob in (each["stream"], *(name for name, _ in each["buffers"])))
        return frozenset(blobs)
    return frozenset(("damaged",))


def _last_use(state: Path) -> float:
    places = (state, *(state / name for name in ("logs", "steps", OWNER)))
    return max((path.stat().st_mtime for path in places if path.exists()), default=0.0)


def _sent() -> Iterator[Removal]:
    """List marks of runs that are in the ledger, and what a process that was killed left of its run, after a day."""
    folder = spool().folder
    before = time.time() - _DAY_S
    for path in (*folder.glob("sent/*"), *folder.glob(".*-new"), *folder.glob(".*-gone")):
        with suppress(OSError):
            if path.stat().st_mtime < before:
                yield Removal(str(path), "a mark of a run that was sent", _size_of(path))


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()


def _size_of(path: Path) -> int:
    if not path.is_dir():
        return path.lstat().st_size
    names = (Path(at, name) for at, _, files in os.walk(path) for name in files)
    return sum(name.lstat().st_size for name in names if os.path.lexists(name))


def _seconds(text: str) -> float:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([mhdw])", text.strip())
    if found is None:
        raise UsageError(f"Expected --older as 30d, 12h or 2w, got {text!r}.")
    return float(found[1]) * _UNITS_S[found[2]]
