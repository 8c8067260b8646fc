"""Where the ledger is, and whether it can be used, found out before MLflow tries for minutes."""

import hashlib
import logging
import os
import re
import socket
import sqlite3
import sys
import threading
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from dsml_magics.errors import LedgerError
from dsml_magics.redaction import redact

SQLITE = "sqlite:///"
_PATIENCE_S = 5.0
_ODD = re.compile(r"[%?]")
"""What stands for something else in an address."""
_CONNECT_TIMEOUT_S = 2.5
_PORTS = {"postgresql": 5432, "mysql": 3306, "mssql": 1433}
_VARIABLE = "MLFLOW_TRACKING_URI"


def address() -> str:
    """Return the tracking URI: what the user set for MLflow, else ``sqlite:///mlflow.db`` here. Imports no MLflow."""
    mlflow = sys.modules.get("mlflow")
    if mlflow is not None and hasattr(mlflow, "is_tracking_uri_set") and mlflow.is_tracking_uri_set():
        return str(mlflow.get_tracking_uri())
    if named := os.environ.get(_VARIABLE):
        return named
    # Unset, MLflow's releases differ: some would write files under ./mlruns. Absolute and kept, so that a later `%cd`
    # does not lead to a second ledger, and what the user logs by hand lands in the same one.
    here = sqlite_uri(Path("mlflow.db").resolve())
    os.environ[_VARIABLE] = here
    return here


def sqlite_uri(path: Path) -> str:
    """Write the address of a SQLite file, as the installed SQLAlchemy reads it."""
    if not _ODD.search(path.as_posix()):
        return f"{SQLITE}{path.as_posix()}"
    from sqlalchemy.engine import URL

    return URL.create("sqlite", database=path.as_posix()).render_as_string()


def sqlite_path(uri: str) -> Path:
    """Return the file of a SQLite address."""
    if not _ODD.search(uri):
        return Path(uri.removeprefix(SQLITE))
    from sqlalchemy.engine import make_url

    return Path(make_url(uri).database or "")


def digest_of(uri: str) -> str:
    """Name a ledger without what its URI may hold in secret."""
    return hashlib.sha256(uri.encode()).hexdigest()[:16]


def place() -> str:
    """Return the tracking URI of a ledger that can be used.

    Raises
    ------
    LedgerError
        The store is there but is no database, or its server does not answer.
    """
    uri = address()
    check(uri)
    return uri


def check(uri: str) -> None:
    """Refuse a ledger that cannot be used, within three seconds.

    Raises
    ------
    LedgerError
        The store is there but is no database, or its server does not answer.
    """
    scheme = urlsplit(uri).scheme.partition("+")[0]
    if uri.startswith(SQLITE):
        _check_sqlite(sqlite_path(uri), uri)
    elif scheme in ("http", "https"):
        _check_server(uri)
    elif scheme in _PORTS:
        _check_database(uri, _PORTS[scheme])


def _check_sqlite(path: Path, uri: str) -> None:
    _quieten_migrations()
    if not path.exists():
        if not path.resolve().parent.is_dir():
            raise LedgerError(
                f"Expected a folder for the ledger {uri}, got none: {str(path.resolve().parent)!r}. Make it."
            )
        return
    try:
        with sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=_PATIENCE_S
        ) as connection:
            connection.execute("PRAGMA schema_version").fetchone()
        connection.close()
    except sqlite3.Error as error:
        raise LedgerError(
            f"Expected an MLflow database at {uri}, but: {error}. "
            "Move that file away, or set MLFLOW_TRACKING_URI to the ledger you mean."
        ) from None


def _check_server(uri: str) -> None:
    parts = urlsplit(uri)
    proxies = {} if urllib.request.proxy_bypass(parts.hostname or "") else urllib.request.getproxies()
    met = urlsplit(proxies.get(parts.scheme) or uri)
    try:
        _reach(met.hostname or "", met.port or (443 if met.scheme == "https" else 80))
    except OSError as error:
        raise no_server(uri, error) from None


def _check_database(uri: str, default_port: int) -> None:
    parts = urlsplit(uri)
    if not parts.hostname:
        return  # a socket of this machine, or a service by name: the driver finds it
    try:
        _reach(parts.hostname, parts.port or default_port)
    except OSError as error:
        raise LedgerError(
            f"Expected a database server for the ledger at {redact(uri)}, but: {error}. "
            "Start it, or set MLFLOW_TRACKING_URI."
        ) from None
    _check_login(uri)


def _check_login(uri: str) -> None:
    """Log in to a database once: MLflow would try for minutes, whatever it is that the server refuses."""
    from sqlalchemy import create_engine
    from sqlalchemy.exc import SQLAlchemyError
    from sqlalchemy.pool import NullPool

    try:
        engine = create_engine(uri, poolclass=NullPool)
        _run_in_time(lambda: engine.connect().close())
    except (SQLAlchemyError, ImportError, OSError) as error:
        reason = redact(" ".join(str(getattr(error, "orig", None) or error).split()))[:300].rstrip(".")
        advice = (
            "Install that driver, or name another, as in postgresql+psycopg2://."
            if isinstance(error, ImportError)
            else "Correct MLFLOW_TRACKING_URI, or what the server allows."
        )
        raise LedgerError(
            f"Expected to log in to the database of the ledger at {redact(uri)}, but: {reason}. {advice}"
        ) from None


def _reach(host: str, port: int) -> None:
    """Connect to a server once.

    Raises
    ------
    OSError
        It was not reached in time.
    """
    _run_in_time(lambda: socket.create_connection((host, port), timeout=_CONNECT_TIMEOUT_S).close())


def _run_in_time(connect: Callable[[], None]) -> None:
    """Run what connects in a thread: looking a name up, and some drivers, have no limit of their own.

    Raises
    ------
    Exception
        What `connect` raised; `TimeoutError` if it did not end in time.
    """
    outcome: list[Exception | None] = []

    def run() -> None:
        try:
            connect()
        except Exception as error:  # noqa: BLE001  it is raised by the thread that waits
            outcome.append(error)
        else:
            outcome.append(None)

    thread = threading.Thread(target=run, daemon=True, name="dsml-connect")
    thread.start()
    thread.join(_CONNECT_TIMEOUT_S)
    if not outcome:
        raise TimeoutError(f"no answer within {_CONNECT_TIMEOUT_S:g} s")
    if outcome[0] is not None:
        raise outcome[0]


def no_server(uri: str, reason: object) -> LedgerError:
    """Make the error of a server that does not answer."""
    return LedgerError(
        f"Expected an MLflow server at {redact(uri)}, but: {reason}. Start it, or set MLFLOW_TRACKING_URI."
    )


def _quieten_migrations() -> None:
    # Alembic reports each of its dozens of steps; the one line above says enough.
    for name in ("alembic", "mlflow.store.db.utils"):
        logging.getLogger(name).setLevel(logging.WARNING)
