"""A model's digest: by it a package finds the run that fitted the model, in any process."""

import pickle as pickles
from typing import Any


def digest_of_model(model: Any) -> str | None:
    """Hash a model's content by joblib; None for a model that cannot be pickled."""
    import cloudpickle

    try:
        return digest_of_pickle(cloudpickle.dumps(model))
    except Exception:  # noqa: BLE001  pickling runs the model's own code, which may raise anything
        return None


def digest_of_pickle(pickle: bytes) -> str | None:
    """Hash the model that was pickled, by this process.

    The model is hashed as it is after a round trip through pickle, which settles what is not content:
    the memory layout of its arrays, and which equal strings are one object.
    """
    import joblib

    try:
        return str(joblib.hash(pickles.loads(pickle)))  # noqa: S301  this process pickled it
    except Exception:  # noqa: BLE001  unpickling runs the model's own code, which may raise anything
        return None
