"""A short-lived process that finds versions in the ledger: MLflow stays out of those that serve."""

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from dsml_magics.errors import DsmlError
from dsml_magics.package.opening import open_package
from dsml_magics.serve.place import Place


def main() -> None:
    """Find the references given as a JSON list in the first argument, signed by the key in the second; print their places, or one error."""
    verify_key = sys.argv[2] if len(sys.argv) > 2 else None
    try:
        found: Mapping[str, Any] = {
            "places": [asdict(_place(each, verify_key)) for each in json.loads(sys.argv[1])]
        }
    except DsmlError as error:
        found = {"error": type(error).__name__, "message": str(error)}
    sys.stdout.write(json.dumps(found) + "\n")


def _place(reference: str, verify_key: str | None) -> Place:
    package = open_package(reference, verify_key=verify_key)
    return Place(str(package.path), package.name, package.version, package.sealed)


if __name__ == "__main__":
    main()
