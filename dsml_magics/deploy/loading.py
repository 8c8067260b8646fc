"""Models that are given by a path or a URI."""

import os
import pickle
from pathlib import Path
from typing import Any

from dsml_magics.errors import ModelNotFound, ModelUnusable

_PICKLES = (".pkl", ".pickle", ".joblib")


def model_of(model: Any) -> Any:
    """Return a live model: itself, or the one that a path or an MLflow URI names.

    A model file is code. A path is loaded because its user named it, as `pickle.load` would.

    Raises
    ------
    ModelNotFound
        Nothing is there, or it is no model.
    """
    if not isinstance(model, str | os.PathLike):
        return model
    path = Path(model)
    if path.suffix in _PICKLES:
        return _unpickled(path)
    text = os.fspath(model)
    if path.is_dir() or ":/" in text:
        return _from_mlflow(text)
    raise ModelNotFound(
        f"Expected a model, a file ending in {', '.join(_PICKLES)}, an MLflow folder or URI, got {text!r}."
    )


def _unpickled(path: Path) -> Any:
    import joblib

    if not path.is_file():
        raise ModelNotFound(f"No model file {str(path)!r}.")
    try:
        return joblib.load(path)
    except (pickle.UnpicklingError, EOFError, ValueError, KeyError, ImportError, AttributeError) as error:
        raise ModelUnusable(f"Expected a pickled model in {str(path)!r}, but: {error}.") from None


def _from_mlflow(uri: str) -> Any:
    import mlflow
    from mlflow.exceptions import MlflowException

    from dsml_magics.ledger.place import place

    try:
        mlflow.set_tracking_uri(place())
        loaded = mlflow.pyfunc.load_model(uri)
    except (MlflowException, OSError) as error:
        raise ModelNotFound(f"Expected an MLflow model at {uri!r}, but: {str(error)[:200]}") from None
    return raw_model_of(loaded)


def raw_model_of(loaded: Any) -> Any:
    """Return the model inside a loaded MLflow model, or itself where it does not give it away."""
    from mlflow.exceptions import MlflowException

    try:
        return loaded.get_raw_model()
    except (MlflowException, NotImplementedError, AttributeError):
        return loaded
