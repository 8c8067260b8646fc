"""A short-lived process that finds versions in the ledger: MLflow stays out of those that serve.

It reads a line of JSON: the references, and the key that must have signed them, if any. It answers with their places, or one error.
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dsml_magics.errors import DsmlError
from dsml_magics.ledger.lean_mlflow import load_mlflow
from dsml_magics.package.opening import open_package
from dsml_magics.serve.place import Place


def main() -> None:
    """Find what is asked for."""
    asked = json.loads(sys.stdin.readline())
    try:
        found: Mapping[str, Any] = {
            "places": [asdict(_place(each, asked["verify_key"])) for each in asked["references"]]
        }
    except DsmlError as error:
        found = {"error": type(error).__name__, "message": str(error)}
    sys.stdout.write(json.dumps(found) + "\n")


def _place(reference: str, verify_key: str | None) -> Place:
    # A folder is opened without it.
    if not (Path(reference).expanduser() / "MLmodel").is_file():
        load_mlflow()
    package = open_package(reference, verify_key=verify_key)
    return Place(str(package.path), package.name, package.version, package.sealed)
