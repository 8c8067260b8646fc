"""A model's digest: by it a package finds the run that fitted the model, in any process."""

from typing import Any


def digest_of_model(model: Any) -> str | None:
    """Hash a model's content by joblib; None for a model that cannot be pickled."""
    import joblib

    try:
        return str(joblib.hash(model))
    except Exception:  # noqa: BLE001  pickling runs the model's own code, which may raise anything
        return None
