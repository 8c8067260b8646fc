"""Where an alias is, asked often: without MLflow where that is safe, else by its client in a process of its own."""

import base64
import json
import os
import sqlite3
import subprocess
import sys
import threading
import urllib.parse
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import Protocol

from dsml_magics.errors import LedgerError
from dsml_magics.ledger.place import SQLITE, sqlite_path
from dsml_magics.process.system import end
from dsml_magics.redaction import redact

_TIMEOUT_S = 5.0
_CLIENT_TIMEOUT_S = 180.0
"""MLflow's client takes seconds to import, and a minute on a busy machine."""
_CLIENT_ONLY = ("MLFLOW_TRACKING_AUTH", "MLFLOW_TRACKING_AWS_SIGV4")
_CLIENT_ONLY_TLS = (
    "MLFLOW_TRACKING_CLIENT_CERT_PATH",
    "MLFLOW_TRACKING_INSECURE_TLS",
    "MLFLOW_TRACKING_SERVER_CERT_PATH",
    "REQUESTS_CA_BUNDLE",
)
"""Settings of which only MLflow's client knows the meaning."""


class AliasReader(Protocol):
    """Says which version an alias names."""

    def read(self, name: str, alias: str) -> int:
        """Return the number of the version.

        Raises
        ------
        LedgerError
            The ledger cannot be read now, or has no such alias.
        """
        ...

    def close(self) -> None: ...


def open_reader(uri: str) -> AliasReader:
    """Return the lightest reader that is safe for a ledger: a file, MLflow's REST API, or MLflow's own client."""
    if uri.startswith(SQLITE):
        return _FileReader(sqlite_path(uri))
    if uri.startswith(("http://", "https://")) and not _needs_client(uri):
        return _RestReader(uri)
    return _ClientReader(uri)


def _needs_client(uri: str) -> bool:
    settings = _CLIENT_ONLY + (_CLIENT_ONLY_TLS if uri.startswith("https://") else ())
    return any(os.environ.get(name) for name in settings) or _has_credentials()


def _has_credentials() -> bool:
    """Whether MLflow's client would read a user and password from the home folder; a user in a container may have none."""
    try:
        return (Path.home() / ".mlflow" / "credentials").exists()
    except (RuntimeError, OSError):
        return False


class _FileReader:
    """Reads MLflow's table in a file of SQLite."""

    def __init__(self, path: Path) -> None:
        self._address = f"{path.resolve().as_uri()}?mode=ro"

    def read(self, name: str, alias: str) -> int:
        query = "SELECT version FROM registered_model_aliases WHERE name = ? AND alias = ?"
        try:
            with closing(sqlite3.connect(self._address, uri=True, timeout=_TIMEOUT_S)) as connection:
                found = connection.execute(query, (name, alias)).fetchone()
        except sqlite3.Error as error:
            raise LedgerError(f"The ledger could not be read: {error}.") from None
        if not found:
            raise LedgerError(f"No alias {alias!r} of {name!r} in the ledger.")
        return int(found[0])

    def close(self) -> None:
        """Nothing stays open."""


class _RestReader:
    """Asks an MLflow server, as MLflow's client would with a user and password, or a token, or neither."""

    def __init__(self, uri: str) -> None:
        parts = urllib.parse.urlsplit(uri)
        host = parts.netloc.rpartition("@")[2]
        self._address = (
            f"{parts.scheme}://{host}{parts.path.rstrip('/')}/api/2.0/mlflow/registered-models/alias"
        )
        self._headers = _authorization(parts)

    def read(self, name: str, alias: str) -> int:
        query = urllib.parse.urlencode({"name": name, "alias": alias})
        request = urllib.request.Request(f"{self._address}?{query}", headers=self._headers)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as reply:  # noqa: S310  the scheme was checked
                return int(json.load(reply)["model_version"]["version"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise LedgerError(f"The MLflow server could not be asked: {error}.") from None

    def close(self) -> None:
        """Nothing stays open."""


def _authorization(parts: urllib.parse.SplitResult) -> dict[str, str]:
    """Return the header that MLflow's client sends: user and password of the address, or of the environment, or a token."""
    user, password = parts.username, parts.password
    if user is not None:
        user, password = urllib.parse.unquote(user), urllib.parse.unquote(password or "")
    else:
        user, password = (os.environ.get(f"MLFLOW_TRACKING_{name}") for name in ("USERNAME", "PASSWORD"))
    if user and password is not None:
        return {"Authorization": f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"}
    token = os.environ.get("MLFLOW_TRACKING_TOKEN")
    return {"Authorization": f"Bearer {token}"} if token else {}


class _ClientReader:
    """Asks by MLflow's client, which stays in a process of its own: it takes seconds and some hundred megabytes to load."""

    def __init__(self, uri: str) -> None:
        self._uri = uri
        self._process: subprocess.Popen[str] | None = None

    def read(self, name: str, alias: str) -> int:
        process = self._started()
        timer = threading.Timer(_CLIENT_TIMEOUT_S, process.kill)
        timer.start()
        try:
            process.stdin.write(json.dumps([name, alias]) + "\n")  # type: ignore[union-attr]
            process.stdin.flush()  # type: ignore[union-attr]
            found = json.loads(process.stdout.readline())  # type: ignore[union-attr]
        except (OSError, ValueError):
            self.close()
            raise LedgerError(f"MLflow's client ended while it read {redact(self._uri)}.") from None
        finally:
            timer.cancel()
        if "error" in found:
            raise LedgerError(str(found["error"]))
        return int(found["version"])

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            end(self._process)
            self._process = None

    def _started(self) -> "subprocess.Popen[str]":
        if self._process is None:
            # One that does not answer must not be asked for minutes; a secret does not belong among the words.
            env = {
                **os.environ,
                "MLFLOW_TRACKING_URI": self._uri,
                "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
                "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
                "MLFLOW_DISABLE_TELEMETRY": "true",
            }
            self._process = subprocess.Popen(
                [sys.executable, "-m", "dsml_magics.ledger.alias_process"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                env=env,
                # Ctrl-C in the terminal is for the parent.
                start_new_session=True,
            )
        return self._process
