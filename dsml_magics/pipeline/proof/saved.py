"""Models and other objects that were saved: told by what they hold, as equal objects have several pickles."""

import os
import pickle
from pathlib import Path
from typing import Any

import psutil

from dsml_magics.pipeline.proof.contents import Contents
from dsml_magics.pipeline.proof.description import Description, Walk

_ENDINGS = (".pkl", ".pickle", ".joblib", ".sav")
_LARGEST = 200 * 2**20


def saved_models(root: str, contents: Contents | None = None) -> dict[str, Description]:
    """Read the pickles this process wrote under a folder, by path; one that cannot be read is left to its bytes."""
    began = psutil.Process().create_time()
    found: dict[str, Description] = {}
    for path in sorted(Path(root).rglob("*")):
        if path.suffix in _ENDINGS and path.is_file() and _is_new(path, began):
            try:
                held = _read(path)
            except Exception:  # noqa: BLE001, S112  any code may run in a pickle, and fail
                continue
            found[os.fspath(path.relative_to(root))] = Walk((root,), contents).variable(path.name, held)
    return found


def _is_new(path: Path, began: float) -> bool:
    return path.stat().st_mtime >= began and path.stat().st_size < _LARGEST


def _read(path: Path) -> Any:
    # The notebook itself wrote it a moment ago, in this very process.
    if path.suffix == ".joblib":
        import joblib

        return joblib.load(path)
    with path.open("rb") as file:
        return pickle.load(file)  # noqa: S301
