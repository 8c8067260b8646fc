"""Find a package by its reference, and check every file of it before anything in it is loaded."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dsml_magics.errors import ModelNotFound, PackageAltered
from dsml_magics.ledger.place import place
from dsml_magics.ledger.registry import Found, find
from dsml_magics.ledger.seals import SEAL_TAG, recorded_seals
from dsml_magics.ledger.store import open_ledger
from dsml_magics.package import manifest
from dsml_magics.package.contract import FILE as CONTRACT
from dsml_magics.package.contract import Contract, Rule, read_contract
from dsml_magics.package.proof import FILE as PROOF
from dsml_magics.package.proof import Proof
from dsml_magics.package.signature import check_signature, read_public_key
from dsml_magics.package.value import Package
from dsml_magics.profile.value import Profile

BASELINE, LINEAGE = "dsml/baseline.profile", "dsml/lineage.json"


def open_package(reference: str, *, verify_key: str | os.PathLike[str] | None = None) -> Package:
    """Open the package that a reference names.

    Parameters
    ----------
    reference
        ``name``, ``name@alias``, ``name@3``, a ``models:/`` or ``runs:/`` URI, or a folder.
    verify_key
        A public key: the package must be signed by it.

    Raises
    ------
    ModelNotFound
        There is none.
    PackageAltered, PackageTooNew
        Its files are not as they were proved, or not for this release. Nothing was loaded.
    """
    public_key = None if verify_key is None else read_public_key(Path(verify_key))
    folder = Path(reference).expanduser()
    if (folder / "MLmodel").is_file():
        package = package_in(Found(folder.resolve(), str(folder), {}), public_key=public_key)
        if public_key is None:
            _check_recorded(package)
        return package
    if "://" not in reference and ":/" not in reference and ("/" in reference or reference.startswith(".")):
        raise ModelNotFound(f"Expected a package in the folder {reference!r}, got none.")
    return package_in(find(open_ledger(), reference), public_key=public_key)


def require_ledger(reference: str) -> None:
    """Refuse a ledger that is away before anything is started for a package of it.

    Raises
    ------
    LedgerError
        It cannot be used.
    """
    if "://" not in reference and not (Path(reference).expanduser() / "MLmodel").is_file():
        place()


def _check_recorded(package: Package) -> None:
    """Compare a package in a folder with the versions of its name in the ledger, if that knows the name."""
    seals = recorded_seals(str(package.lineage.get("name") or ""))
    if seals and package.sealed not in seals:
        raise PackageAltered(
            f"Expected a manifest that the ledger has for {package.name!r}, got another in {str(package.path)!r}: it was "
            "altered, or comes from elsewhere. If it comes from elsewhere, have it signed (`dsml publish --sign KEY`) and "
            "give --verify-key."
        )


def package_in(found: Found, *, public_key: bytes | None = None) -> Package:
    """Check the files of a package and read what stands beside the model.

    Parameters
    ----------
    public_key
        The key that must have signed it.
    """
    folder = found.folder
    registered = (found.name, found.number) if found.name and found.number else None
    checked = manifest.check(folder, sealed_as=found.tags.get(SEAL_TAG), registered=registered)
    check_signature(folder, checked.content, public_key=public_key)
    lineage = _json(folder / LINEAGE)
    return Package(
        name=found.name or str(lineage.get("name") or folder.name),
        version=found.number,
        alias=found.alias,
        uri=found.uri,
        path=folder,
        proof=Proof.from_dict(_json(folder / PROOF)),
        contract=contract_in(folder),
        baseline=_baseline(folder, checked.format),
        lineage=lineage,
        sealed=checked.sha256,
        format=checked.format,
    )


def _baseline(folder: Path, format_: int) -> Profile:
    path = folder / ("dsml/baseline.json" if format_ == 1 else BASELINE)
    if not path.is_file():
        raise PackageAltered(f"Expected {path.name} in the package, got none. Deploy it again.")
    if format_ == 1:
        return Profile.from_json(path.read_text(encoding="utf-8"))
    return Profile.from_bytes(path.read_bytes())


def contract_in(folder: Path) -> Contract:
    """Read the contract of a package, of any format."""
    if (folder / CONTRACT).exists():
        return read_contract(folder / CONTRACT)
    return _contract_of_format_1(folder)


def _contract_of_format_1(folder: Path) -> Contract:
    """Read the columns that packages had before there were contracts."""
    content = _json(folder / "dsml/input.json")
    categories = {name: tuple(values) for name, values in content.get("categories", {}).items()}
    rules = [
        Rule(name, categories=categories.get(name), categorical=name in categories, policy="warn")
        for name in content.get("names", ())
    ]
    return Contract(tuple(rules), form="frame" if rules else "array")


def _json(path: Path) -> Mapping[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PackageAltered(f"Expected {path.name} in the package, but: {error}.") from None
    if not isinstance(content, dict):
        raise PackageAltered(f"Expected an object in {path.name} of the package, got something else.")
    return content
