"""Find a package by its reference, and check every file of it before anything in it is loaded."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dsml_magics.errors import ModelNotFound, PackageAltered
from dsml_magics.ledger.place import place
from dsml_magics.ledger.registry import Found, find
from dsml_magics.ledger.store import open_ledger
from dsml_magics.package import manifest
from dsml_magics.package.contract import FILE as CONTRACT
from dsml_magics.package.contract import Contract, Rule, read_contract
from dsml_magics.package.proof import FILE as PROOF
from dsml_magics.package.proof import Proof
from dsml_magics.package.value import Package
from dsml_magics.profile.value import Profile

BASELINE, LINEAGE = "dsml/baseline.profile", "dsml/lineage.json"


def open_package(reference: str) -> Package:
    """Open the package that a reference names.

    Parameters
    ----------
    reference
        ``name``, ``name@alias``, ``name@3``, a ``models:/`` or ``runs:/`` URI, or a folder.

    Raises
    ------
    ModelNotFound
        There is none.
    PackageAltered, PackageTooNew
        Its files are not as they were proved, or not for this release. Nothing was loaded.
    """
    folder = Path(reference).expanduser()
    if (folder / "MLmodel").is_file():
        return package_in(Found(folder.resolve(), str(folder), {}))
    if "://" not in reference and ":/" not in reference and ("/" in reference or reference.startswith(".")):
        raise ModelNotFound(f"Expected a package in the folder {reference!r}, got none.")
    return package_in(find(open_ledger(), reference))


def require_ledger(reference: str) -> None:
    """Refuse a ledger that is away before anything is started for a package of it.

    Raises
    ------
    LedgerError
        It cannot be used.
    """
    if "://" not in reference and not (Path(reference).expanduser() / "MLmodel").is_file():
        place()


def package_in(found: Found) -> Package:
    """Check the files of a package and read what stands beside the model."""
    folder = found.folder
    registered = (found.name, found.number) if found.name and found.number else None
    format_ = manifest.check(folder, sealed_as=found.tags.get("dsml.manifest_sha256"), registered=registered)
    lineage = _json(folder / LINEAGE)
    return Package(
        name=found.name or str(lineage.get("name") or folder.name),
        version=found.number,
        alias=found.alias,
        uri=found.uri,
        path=folder,
        proof=Proof.from_dict(_json(folder / PROOF)),
        contract=contract_in(folder),
        baseline=_baseline(folder, format_),
        lineage=lineage,
        sealed=manifest.seal_of(folder),
        format=format_,
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
