"""Bring a package elsewhere, whole or not at all."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from dsml_magics.deploy.container import write_container
from dsml_magics.deploy.published import Published
from dsml_magics.deploy.server_files import SERVER, write_server
from dsml_magics.errors import FileNotWritten, LedgerError
from dsml_magics.files import reason_of, refusals_told
from dsml_magics.ledger.place import address
from dsml_magics.ledger.registry import register
from dsml_magics.ledger.settings import tracking
from dsml_magics.ledger.store import open_ledger
from dsml_magics.package import manifest
from dsml_magics.package.opening import open_package
from dsml_magics.package.registered_meta import REGISTERED_META
from dsml_magics.package.signature import read_private_key
from dsml_magics.package.signature import sign as sign_manifest
from dsml_magics.package.value import Package
from dsml_magics.process.work_folder import WorkFolder
from dsml_magics.redaction import redact

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey as Key

_CONTEXT = "oci:"
_SERVER = re.compile(r"(https?|sqlite|postgresql|mysql|mssql)(\+\w+)?://")


def published(
    reference: str,
    *,
    to: str,
    sign: str | os.PathLike[str] | None = None,
    verify_key: str | os.PathLike[str] | None = None,
) -> Published:
    """Bring the package that `reference` names to `to`.

    Parameters
    ----------
    sign
        A private key to sign the copy with.
    verify_key
        A public key: the package must be signed by it.

    Raises
    ------
    ModelNotFound, PackageAltered
        There is no such package, or it is not as it was proved.
    FileNotWritten, LedgerError
        The folder exists or cannot be written; the server does not answer.
    """
    key = None if sign is None else read_private_key(Path(sign))
    package = open_package(reference, verify_key=verify_key)
    if _SERVER.match(to):
        return _to_server(package, to, key)
    if to.startswith(_CONTEXT):
        return _to_context(package, Path(to.removeprefix(_CONTEXT)).expanduser(), key)
    return _to_folder(package, Path(to).expanduser(), key)


def _to_folder(package: Package, folder: Path, key: "Key | None") -> Published:
    with _appearing(folder) as made:
        _copy(package, made, key)
    return Published(package.uri, str(folder), "folder", f"Score with it: dsml predict {folder} DATA")


def _to_context(package: Package, folder: Path, key: "Key | None") -> Published:
    with _appearing(folder) as made:
        _copy(package, made / "package", key)
        shutil.copy(package.path / "requirements.txt", made / "requirements.txt")
        (made / ".dockerignore").write_text(
            "**/__pycache__\ncompose.yaml\ninferenceservice.yaml\n", encoding="utf-8"
        )
        server = f"package/{SERVER}"
        if not (made / server).is_dir():
            # Packages of earlier releases have none.
            server = "server"
            write_server(made / server, (made / "requirements.txt").read_text(encoding="utf-8").splitlines())
        write_container(made, name=package.name, copied="package", server=server)
    return Published(
        package.uri, str(folder), "context", f"Build it: docker build -t {package.name} {folder}"
    )


def _to_server(package: Package, uri: str, key: "Key | None") -> Published:
    if uri.rstrip("/") == address().rstrip("/"):
        raise LedgerError(f"Expected another server than the one the package is on, got {redact(uri)}.")
    ledger = open_ledger(uri, waiting=False)
    tags = {
        "dsml.manifest_sha256": package.sealed,
        "dsml.data_fingerprint": str(package.lineage.get("data_fingerprint") or ""),
        "dsml.proof": package.proof.summary[:500],
        "dsml.published_from": redact(f"{address()} {package.uri}")[:500],
        "dsml.deployed_by": str(package.lineage.get("made", {}).get("by", "")),
        **{f"dsml.metric.{name}": f"{value:.6g}" for name, value in package.proof.metrics.items()},
    }
    with refusals_told(redact(uri)), WorkFolder("package") as work:
        folder = work / "package"
        _copy(package, folder, key)
        with tracking(uri):
            version = register(ledger, folder, name=package.name, run_id=None, tags=tags)
    advice = f"It is {version.alias} there: MLFLOW_TRACKING_URI={redact(uri)} dsml check {version.name}@{version.number}"
    return Published(package.uri, f"{version.uri} on {redact(uri)}", "server", advice)


def _copy(package: Package, target: Path, key: "Key | None") -> None:
    """Copy a package, check the copy, and sign it if there is a key to sign with."""
    shutil.copytree(package.path, target, ignore=shutil.ignore_patterns(REGISTERED_META, "__pycache__"))
    checked = manifest.check(target, sealed_as=package.sealed)
    if key is not None:
        sign_manifest(target, checked.content, key)


@contextmanager
def _appearing(folder: Path) -> Iterator[Path]:
    """Give a folder that takes its place only when it is complete."""
    if folder.exists():
        raise FileNotWritten(
            f"Expected a folder that does not exist yet, got {str(folder)!r}. Nothing was changed."
        )
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with WorkFolder("publish", beside=folder) as work:
            made = work / "made"
            yield made
            made.replace(folder)
    except OSError as error:
        raise FileNotWritten(f"Cannot write {str(folder)!r}: {reason_of(error)}.") from None
