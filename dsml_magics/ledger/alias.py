"""Where an alias is, asked often and cheaply: without MLflow, which confirms it when it has moved."""

import json
import sqlite3
import urllib.parse
import urllib.request
from contextlib import closing
from pathlib import Path

from dsml_magics.ledger.place import SQLITE, sqlite_path

_PATIENCE_S = 5.0


def try_version(uri: str, name: str, alias: str) -> int | None:
    """Return the number of the version that an alias names; None if that cannot be found out in this way.

    A SQLite ledger is read directly; a server is asked by MLflow's REST API.
    """
    try:
        if uri.startswith(SQLITE):
            return _in_file(sqlite_path(uri), name, alias)
        if uri.startswith(("http://", "https://")):
            return _at_server(uri, name, alias)
    except (OSError, sqlite3.Error, ValueError, KeyError, TypeError):
        return None
    return None


def _in_file(path: Path, name: str, alias: str) -> int | None:
    with closing(
        sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=_PATIENCE_S)
    ) as connection:
        found = connection.execute(
            "SELECT version FROM registered_model_aliases WHERE name = ? AND alias = ?", (name, alias)
        ).fetchone()
    return int(found[0]) if found else None


def _at_server(uri: str, name: str, alias: str) -> int | None:
    import base64

    parts = urllib.parse.urlsplit(uri)
    query = urllib.parse.urlencode({"name": name, "alias": alias})
    host = parts.netloc.rpartition("@")[2]
    address = (
        f"{parts.scheme}://{host}{parts.path.rstrip('/')}/api/2.0/mlflow/registered-models/alias?{query}"
    )
    request = urllib.request.Request(address)  # noqa: S310  the scheme was checked
    if parts.username:
        user = urllib.parse.unquote(parts.username), urllib.parse.unquote(parts.password or "")
        request.add_header("Authorization", f"Basic {base64.b64encode(':'.join(user).encode()).decode()}")
    with urllib.request.urlopen(request, timeout=_PATIENCE_S) as reply:  # noqa: S310
        return int(json.load(reply)["model_version"]["version"])
