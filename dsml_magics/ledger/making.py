"""A new local ledger: made whole by one process, while others wait for it."""

import os
import shutil
import sqlite3
import sys
import tempfile
from contextlib import closing, suppress
from pathlib import Path

from filelock import FileLock

from dsml_magics.ledger.home import cache, home
from dsml_magics.ledger.place import SQLITE, digest_of, sqlite_path, sqlite_uri
from dsml_magics.process.system import link_new

_PATIENCE_S = 180.0
_LEFT = ("", "-journal", "-wal", "-shm")
"""What SQLite leaves beside a database, by how its name ends."""


def make_if_new(uri: str) -> None:
    """Make the database of a SQLite ledger, if it is not there.

    MLflow builds it by dozens of changes, which two processes at once would spoil for each other, those of the user
    included. So it is built beside its place, and put there when it is done.
    """
    if not uri.startswith(SQLITE):
        return
    target = sqlite_path(uri)
    if target.exists():
        return
    folder = home()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with FileLock(folder / f".making-{digest_of(uri)}.lock", timeout=_PATIENCE_S):
        if not target.exists():
            _make(target)


def _make(target: Path) -> None:
    import mlflow

    beside = target.with_name(f".{target.name}-{os.getpid()}")
    try:
        shutil.copyfile(_empty(), beside)
        mlflow.MlflowClient(sqlite_uri(beside)).search_experiments(max_results=1)
        # A link fails where the user's own MLflow was faster: then there is a ledger.
        with suppress(FileExistsError):
            link_new(beside, target)
    finally:
        # By name: a step of a job that lists its folder depends on what is there.
        for ending in _LEFT:
            beside.with_name(beside.name + ending).unlink(missing_ok=True)


def _empty() -> Path:
    """Return a database with MLflow's tables and no rows, made once for each of its releases."""
    import mlflow

    kept = cache() / f"ledger-{mlflow.__version__}.db"
    if not kept.exists():
        sys.stderr.write(
            "dsml: preparing ledgers, once for this release of MLflow; this takes some seconds\n"
        )
        sys.stderr.flush()
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=kept.parent) as folder:
            made = Path(folder, "ledger.db")
            mlflow.MlflowClient(sqlite_uri(made)).search_experiments(max_results=1)
            _without_experiments(made)
            made.replace(kept)
    return kept


def _without_experiments(path: Path) -> None:
    """Take out the first experiment: it names the folder of its files, which is another in each ledger."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM experiments")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("VACUUM")
