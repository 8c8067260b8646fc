"""The hashes that the ledger recorded for the versions of a name, looked up without making a ledger."""

import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from dsml_magics.errors import LedgerError
from dsml_magics.ledger.pages import all_pages
from dsml_magics.ledger.place import SQLITE, address, sqlite_path

SEAL_TAG = "dsml.manifest_sha256"
_TIMEOUT_S = 5.0


def recorded_seals(name: str) -> frozenset[str]:
    """List the SHA-256 of the manifests of all versions of a name; empty where no ledger can be asked."""
    uri = address()
    if uri.startswith(SQLITE):
        return _in_file(sqlite_path(uri), name)
    from dsml_magics.ledger.failures import failures
    from dsml_magics.ledger.store import open_ledger

    with suppress(LedgerError), failures(uri):
        ledger = open_ledger(uri, waiting=False)
        versions = all_pages(ledger.client.search_model_versions, f"name='{name}'")
        return frozenset(version.tags[SEAL_TAG] for version in versions if SEAL_TAG in version.tags)
    return frozenset()


def _in_file(path: Path, name: str) -> frozenset[str]:
    """Read MLflow's table: importing MLflow would take longer than scoring."""
    query = "SELECT value FROM model_version_tags WHERE name = ? AND key = ?"
    if path.is_file():
        address_ = f"{path.resolve().as_uri()}?mode=ro"
        with (
            suppress(sqlite3.Error),
            closing(sqlite3.connect(address_, uri=True, timeout=_TIMEOUT_S)) as store,
        ):
            return frozenset(value for (value,) in store.execute(query, (name, SEAL_TAG)))
    return frozenset()
