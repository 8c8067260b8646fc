"""The file that MLflow writes into a registered model when it brings it: no part of the package, so the manifest leaves it out."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from dsml_magics.errors import PackageAltered

REGISTERED_META = "registered_model_meta"
_MAX_BYTES = 1000
_WITHOUT_NAME = b"model_name: null\nmodel_version: null\n"
"""What MLflow writes where a model was asked for by its identifier."""


def check_registered_meta(folder: Path, registered: tuple[str, int] | None) -> None:
    """Accept the file only as MLflow writes it: the name and the version of this package, nothing else.

    Parameters
    ----------
    registered
        Name and version in the ledger; without them the name is that of the lineage, and the version any.

    Raises
    ------
    PackageAltered
        It says something else.
    """
    path = folder / REGISTERED_META
    # MLflow empties the file before it writes it anew, maybe at this moment.
    if not path.is_file() or not (content := _content(path)):
        return
    name, version = registered or (_name(folder), None)
    if content != _WITHOUT_NAME and content not in _expected(name, version, content):
        raise PackageAltered(
            f"Expected {REGISTERED_META!r} as MLflow writes it for this package, got another. Delete this file."
        )


def _content(path: Path) -> bytes:
    with suppress(OSError), path.open("rb") as file:
        return file.read(_MAX_BYTES)
    return b""


def _expected(name: str | None, version: int | None, content: bytes) -> set[bytes]:
    """List what MLflow may have written."""
    import yaml

    try:
        found: Any = yaml.safe_load(content)
        names = {name} if name else {found["model_name"]}
        numbers = {version} if version else {int(found["model_version"])} - {0}
    except (yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError, ValueError):
        return set()
    return {
        yaml.safe_dump({"model_name": each, "model_version": written}).encode()
        for each in names
        for number in numbers
        for written in (number, str(number))
    }


def _name(folder: Path) -> str | None:
    try:
        return str(json.loads((folder / "dsml/lineage.json").read_text(encoding="utf-8"))["name"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
