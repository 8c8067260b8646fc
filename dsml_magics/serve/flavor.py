"""How the model of a package is loaded: without MLflow where that is the same, which saves a second and a hundred megabytes."""

import os
import pickle
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dsml_magics.errors import PackageAltered

_SKOPS = "dsml_magics.package.lean_skops"


def libraries_of(folder: Path) -> Sequence[str]:
    """Name the modules that loading the model will import, whatever the model is.

    Raises
    ------
    PackageAltered
        MLmodel cannot be read.
    """
    flavors = _flavors(folder)
    sklearn = flavors.get("sklearn") or {}
    own = (
        [_SKOPS if sklearn.get("serialization_format") == "skops" else "sklearn.pipeline"] if sklearn else []
    )
    loader = str((flavors.get("python_function") or {}).get("loader_module"))
    if _is_plain(flavors) or not loader.startswith("mlflow."):
        return own
    return [*own, "mlflow.pyfunc", loader]


def try_model(folder: Path) -> Any:
    """Load a scikit-learn model as MLflow would, but without it; None if it is another, or MLflow has more to say.

    Raises
    ------
    PackageAltered
        MLmodel cannot be read.
    """
    flavors = _flavors(folder)
    if not _is_plain(flavors):
        return None
    own = flavors["sklearn"]
    path = folder / own["pickled_model"]
    if own["serialization_format"] == "skops":
        from dsml_magics.package.lean_skops import io

        return io.load(path, trusted=own.get("skops_trusted_types"))
    with path.open("rb") as file:
        return pickle.load(file)  # noqa: S301  the manifest was checked


def _flavors(folder: Path) -> Mapping[str, Any]:
    import yaml

    try:
        found: Mapping[str, Any] = yaml.safe_load((folder / "MLmodel").read_text(encoding="utf-8"))["flavors"]
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise PackageAltered(f"Expected MLmodel in the package, but: {error}.") from None
    return found


def _is_plain(flavors: Mapping[str, Any]) -> bool:
    """Whether MLflow would do no more than read the file of a scikit-learn model."""
    own = flavors.get("sklearn") or {}
    return (
        flavors.get("python_function", {}).get("loader_module") == "mlflow.sklearn"
        and not own.get("code")
        and own.get("serialization_format") in ("pickle", "cloudpickle", "skops")
        # Who has forbidden MLflow to load models is told so by MLflow.
        and os.environ.get("MLFLOW_ALLOW_PICKLE_DESERIALIZATION", "true").lower() in ("true", "1")
    )
