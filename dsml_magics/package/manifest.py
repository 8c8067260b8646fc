"""The SHA-256 of every file of a package: a model file is code, so it is checked before it is loaded."""

import hashlib
import json
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dsml_magics.errors import PackageAltered
from dsml_magics.package.registered_meta import REGISTERED_META, check_registered_meta
from dsml_magics.package.release import FORMAT, check_format
from dsml_magics.package.signature import SIGNATURE
from dsml_magics.version import __version__

MANIFEST = "dsml/manifest.json"
SCHEMA = "dsml.manifest/1"
_KINDS = {
    stat.S_IFLNK: "a link",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFBLK: "a device",
    stat.S_IFCHR: "a device",
}


@dataclass(frozen=True)
class Manifest:
    """A manifest that was read once: what is hashed, compared and signed are the same bytes."""

    content: bytes
    fields: Mapping[str, Any]

    @property
    def sha256(self) -> str:
        """Its own SHA-256."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def format(self) -> int:
        """Its format; one that this release does not read raises."""
        return check_format(self.fields)


def seal(folder: Path) -> str:
    """Write the manifest of a finished folder; return its own SHA-256. Empty folders go: a manifest lists files only."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink() and not any(path.iterdir()):
            path.rmdir()
    manifest = {"schema": SCHEMA, "format": FORMAT, "made_by": __version__, "files": _digests(folder)}
    content = _sealed(manifest)
    (folder / MANIFEST).write_bytes(content)
    return hashlib.sha256(content).hexdigest()


def check(
    folder: Path, *, sealed_as: str | None = None, registered: tuple[str, int] | None = None
) -> Manifest:
    """Compare every file with the manifest, and the manifest with its recorded SHA-256 if given; return the manifest.

    Parameters
    ----------
    registered
        Name and version in the ledger, where they are known: MLflow may have written them into the folder.

    Raises
    ------
    PackageAltered
        A file was changed, added or taken away, or there is no manifest. Nothing was loaded.
    PackageTooNew
        A later release made it.
    """
    found, folders = _entries(folder)
    manifest = _read(folder)
    if sealed_as and manifest.sha256 != sealed_as:
        raise PackageAltered(
            f"Expected the manifest the ledger knows, got another in {str(folder)!r}. Deploy it again."
        )
    check_format(manifest.fields)
    _check_seal(manifest, folder)
    _compare(manifest.fields["files"], {name: _digest(folder / name) for name in found}, folders)
    check_registered_meta(folder, registered)
    return manifest


def _compare(files: dict[str, Any], found: dict[str, str], folders: set[str]) -> None:
    """Compare what the manifest lists with what is there."""
    empty = folders - {parent.as_posix() for name in (*files, *found) for parent in Path(name).parents}
    for path in sorted({*files, *found, *empty}):
        if path in empty or files.get(path) != found.get(path):
            what = "was added" if path not in files else "is gone" if path not in found else "was changed"
            raise PackageAltered(
                f"Expected the package as it was proved, but {path!r} {what}. Deploy it again."
            )


def _check_seal(manifest: Manifest, folder: Path) -> None:
    """Find what was changed in the manifest itself, where no ledger knows it. Packages of format 1 have no seal."""
    if manifest.format == 1:
        return
    own = {key: value for key, value in manifest.fields.items() if key != "seal"}
    if _sealed(own) != manifest.content:
        raise PackageAltered(
            f"Expected the manifest as it was sealed, got another in {str(folder)!r}. Deploy it again."
        )


def _sealed(manifest: dict[str, Any]) -> bytes:
    """Write a manifest, with the SHA-256 of what it is without it."""
    return _text({**manifest, "seal": hashlib.sha256(_text(manifest)).hexdigest()})


def _text(manifest: dict[str, Any]) -> bytes:
    return (json.dumps(manifest, indent=2) + "\n").encode()


def _read(folder: Path) -> Manifest:
    try:
        content = (folder / MANIFEST).read_bytes()
        fields = json.loads(content)
    except (OSError, ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict) or not isinstance(fields.get("files"), dict):
        raise PackageAltered(
            f"Expected a package with {MANIFEST}, got none in {str(folder)!r}. Was it made by `dsml deploy`?"
        )
    return Manifest(content, fields)


def _entries(folder: Path) -> tuple[list[str], set[str]]:
    """List the files to hash and the folders, by their paths in the package; nothing is read.

    Raises
    ------
    PackageAltered
        Something is neither: a link may lead elsewhere later, a named pipe never ends.
    """
    files, folders = [], set()
    for path in sorted(folder.rglob("*")):
        name, mode = path.relative_to(folder).as_posix(), path.lstat().st_mode
        if stat.S_ISDIR(mode):
            folders.add(name)
        elif not stat.S_ISREG(mode):
            kind = _KINDS[stat.S_IFMT(mode)]
            raise PackageAltered(
                f"Expected only files and folders in a package, but {name!r} is {kind}. Deploy it again."
            )
        elif name not in (MANIFEST, SIGNATURE, REGISTERED_META):
            files.append(name)
    return files, folders


def _digests(folder: Path) -> dict[str, str]:
    return {name: _digest(folder / name) for name in _entries(folder)[0]}


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
