"""The SHA-256 of every file of a package: a model file is code, so it is checked before it is loaded."""

import hashlib
import json
from pathlib import Path
from typing import Any

from dsml_magics.errors import PackageAltered
from dsml_magics.package.release import FORMAT, check_format
from dsml_magics.version import __version__

MANIFEST = "dsml/manifest.json"
SCHEMA = "dsml.manifest/1"
# MLflow writes this one when it brings a registered model from a server.
_FOREIGN = {"registered_model_meta"}


def seal(folder: Path) -> str:
    """Write the manifest of a finished folder; return its own SHA-256."""
    manifest = {"schema": SCHEMA, "format": FORMAT, "made_by": __version__, "files": _digests(folder)}
    content = _text({**manifest, "seal": hashlib.sha256(_text(manifest).encode()).hexdigest()})
    (folder / MANIFEST).write_text(content, encoding="utf-8", newline="\n")
    return hashlib.sha256(content.encode()).hexdigest()


def seal_of(folder: Path) -> str:
    """Return the SHA-256 of a package's manifest."""
    return hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()


def check(folder: Path, *, sealed_as: str | None = None) -> int:
    """Compare every file with the manifest, and the manifest with its recorded SHA-256 if given; return the format.

    Raises
    ------
    PackageAltered
        A file was changed, added or taken away, or there is no manifest. Nothing was loaded.
    PackageTooNew
        A later release made it.
    """
    content, manifest = _manifest(folder)
    if sealed_as and hashlib.sha256(content).hexdigest() != sealed_as:
        raise PackageAltered(
            f"Expected the manifest the ledger knows, got another in {str(folder)!r}. Deploy it again."
        )
    format_, files = check_format(manifest), manifest["files"]
    _check_seal(content, manifest, folder)
    found = _digests(folder)
    for path in sorted({*files, *found}):
        if files.get(path) != found.get(path):
            what = "was added" if path not in files else "is gone" if path not in found else "was changed"
            raise PackageAltered(
                f"Expected the package as it was proved, but {path!r} {what}. Deploy it again."
            )
    return format_


def _check_seal(content: bytes, manifest: dict[str, Any], folder: Path) -> None:
    """Find what was changed in the manifest itself, where no ledger knows it. Packages of format 1 have no seal."""
    if manifest.get("format", 1) == 1:
        return
    own = {key: value for key, value in manifest.items() if key != "seal"}
    own["seal"] = hashlib.sha256(_text(own).encode()).hexdigest()
    if _text(own).encode() != content:
        raise PackageAltered(
            f"Expected the manifest as it was sealed, got another in {str(folder)!r}. Deploy it again."
        )


def _text(manifest: dict[str, Any]) -> str:
    return json.dumps(manifest, indent=2) + "\n"


def _manifest(folder: Path) -> tuple[bytes, dict[str, Any]]:
    try:
        content = (folder / MANIFEST).read_bytes()
        manifest = json.loads(content)
    except (OSError, ValueError, RecursionError):
        manifest = None
    if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), dict):
        raise PackageAltered(
            f"Expected a package with {MANIFEST}, got none in {str(folder)!r}. Was it made by `dsml deploy`?"
        )
    return content, manifest


def _digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file() or path.is_symlink())
    names = {path: path.relative_to(folder).as_posix() for path in files}
    return {name: _digest(path) for path, name in names.items() if name != MANIFEST and name not in _FOREIGN}


def _digest(path: Path) -> str:
    # A link could lead to another file later.
    if path.is_symlink():
        return "a link"
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
