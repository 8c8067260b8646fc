"""The SHA-256 of every file of a package: a model file is code, so it is checked before it is loaded."""

import hashlib
import json
from pathlib import Path

from dsml_magics.errors import PackageAltered

MANIFEST = "dsml/manifest.json"
SCHEMA = "dsml.manifest/1"
# MLflow writes this one when it brings a registered model from a server.
_FOREIGN = {"registered_model_meta"}


def seal(folder: Path) -> str:
    """Write the manifest of a finished folder; return its own SHA-256."""
    content = json.dumps({"schema": SCHEMA, "files": _digests(folder)}, indent=2) + "\n"
    (folder / MANIFEST).write_text(content, encoding="utf-8", newline="\n")
    return hashlib.sha256(content.encode()).hexdigest()


def check(folder: Path, *, sealed_as: str | None = None) -> None:
    """Compare every file with the manifest, and the manifest with its recorded SHA-256 if given.

    Raises
    ------
    PackageAltered
        A file was changed, added or taken away, or there is no manifest. Nothing was loaded.
    """
    try:
        content = (folder / MANIFEST).read_bytes()
        files = json.loads(content)["files"]
    except (OSError, ValueError, KeyError, TypeError):
        raise PackageAltered(
            f"Expected a package with {MANIFEST}, got none in {str(folder)!r}. Was it made by `dsml deploy`?"
        ) from None
    if sealed_as and hashlib.sha256(content).hexdigest() != sealed_as:
        raise PackageAltered(
            f"Expected the manifest the ledger knows, got another in {str(folder)!r}. Deploy it again."
        )
    found = _digests(folder)
    for path in sorted({*files, *found}):
        if files.get(path) != found.get(path):
            what = "was added" if path not in files else "is gone" if path not in found else "was changed"
            raise PackageAltered(
                f"Expected the package as it was proved, but {path!r} {what}. Deploy it again."
            )


def _digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    names = {path: path.relative_to(folder).as_posix() for path in files}
    return {
        name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path, name in names.items()
        if name != MANIFEST and name not in _FOREIGN
    }
