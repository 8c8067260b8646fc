"""A new local ledger: made whole by one process, while others wait for it."""

import os
import sys
from contextlib import suppress
from pathlib import Path

from filelock import FileLock

from dsml_magics.ledger.home import home
from dsml_magics.ledger.place import SQLITE, digest_of

_PATIENCE_S = 180.0


def make_if_new(uri: str) -> None:
    """Make the database of a SQLite ledger, if it is not there.

    MLflow builds it by dozens of changes, which two processes at once would spoil for each other, those of the user
    included. So it is built beside its place, and put there when it is done.
    """
    if not uri.startswith(SQLITE):
        return
    target = Path(uri.removeprefix(SQLITE))
    if target.exists():
        return
    folder = home()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with FileLock(folder / f".making-{digest_of(uri)}.lock", timeout=_PATIENCE_S):
        if not target.exists():
            sys.stderr.write(f"dsml: making the ledger {target.name}, once; this takes some seconds\n")
            sys.stderr.flush()
            _make(target)


def _make(target: Path) -> None:
    import mlflow

    beside = target.with_name(f".{target.name}-{os.getpid()}")
    try:
        mlflow.MlflowClient(f"{SQLITE}{beside.as_posix()}").search_experiments(max_results=1)
        # A link fails where the user's own MLflow was faster: then there is a ledger.
        with suppress(FileExistsError):
            os.link(beside, target)
    finally:
        for left in beside.parent.glob(f"{beside.name}*"):
            left.unlink(missing_ok=True)
