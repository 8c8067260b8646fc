"""Bring a package elsewhere, whole or not at all."""

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dsml_magics.deploy.container import write_container
from dsml_magics.deploy.published import Published
from dsml_magics.errors import FileNotWritten, LedgerError
from dsml_magics.ledger.place import address
from dsml_magics.ledger.registry import register
from dsml_magics.ledger.settings import tracking
from dsml_magics.ledger.store import open_ledger
from dsml_magics.package import manifest
from dsml_magics.package.opening import open_package
from dsml_magics.package.registered_meta import REGISTERED_META
from dsml_magics.package.value import Package
from dsml_magics.redaction import redact

_CONTEXT = "oci:"
_SERVER = re.compile(r"(https?|sqlite|postgresql|mysql|mssql)(\+\w+)?://")


def published(reference: str, *, to: str) -> Published:
    """Bring the package that `reference` names to `to`.

    Raises
    ------
    ModelNotFound, PackageAltered
        There is no such package, or it is not as it was proved.
    FileNotWritten, LedgerError
        The folder exists or cannot be written; the server does not answer.
    """
    package = open_package(reference)
    if _SERVER.match(to):
        return _to_server(package, to)
    if to.startswith(_CONTEXT):
        return _to_context(package, Path(to.removeprefix(_CONTEXT)).expanduser())
    return _to_folder(package, Path(to).expanduser())


def _to_folder(package: Package, folder: Path) -> Published:
    with _appearing(folder) as made:
        _copy(package.path, made)
        manifest.check(made, sealed_as=package.sealed)
    return Published(package.uri, str(folder), "folder", f"Score with it: dsml predict {folder} DATA")


def _to_context(package: Package, folder: Path) -> Published:
    with _appearing(folder) as made:
        _copy(package.path, made / "package")
        manifest.check(made / "package", sealed_as=package.sealed)
        shutil.copy(package.path / "requirements.txt", made / "requirements.txt")
        (made / ".dockerignore").write_text(
            "**/__pycache__\ncompose.yaml\ninferenceservice.yaml\n", encoding="utf-8"
        )
        write_container(made, name=package.name, copied="package")
    return Published(
        package.uri, str(folder), "context", f"Build it: docker build -t {package.name} {folder}"
    )


def _to_server(package: Package, uri: str) -> Published:
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
    with tempfile.TemporaryDirectory(prefix="dsml-package-") as work:
        folder = Path(work) / "package"
        _copy(package.path, folder)
        with tracking(uri):
            version = register(ledger, folder, name=package.name, run_id=None, tags=tags)
    advice = f"It is {version.alias} there: MLFLOW_TRACKING_URI={redact(uri)} dsml check {version.name}@{version.number}"
    return Published(package.uri, f"{version.uri} on {redact(uri)}", "server", advice)


def _copy(source: Path, target: Path) -> None:
    shutil.copytree(source, target, ignore=shutil.ignore_patterns(REGISTERED_META, "__pycache__"))


@contextmanager
def _appearing(folder: Path) -> Iterator[Path]:
    """Give a folder that takes its place only when it is complete."""
    if folder.exists():
        raise FileNotWritten(
            f"Expected a folder that does not exist yet, got {str(folder)!r}. Nothing was changed."
        )
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as work:
            made = Path(work) / "made"
            yield made
            made.replace(folder)
    except OSError as error:
        raise FileNotWritten(f"Cannot write {str(folder)!r}: {error.strerror or error}.") from None
