"""A model's digest: by it a package finds the run that fitted the model, in any process."""

import pickle
from typing import Any


def digest_of_model(model: Any) -> str | None:
    """Hash a model's content by joblib; None for a model that cannot be pickled.

    The model is hashed as it is after a round trip through pickle, which settles what is not content:
    the memory layout of its arrays, and which equal strings are one object.
    """
    import cloudpickle
    import joblib

    try:
        return str(joblib.hash(pickle.loads(cloudpickle.dumps(model))))  # noqa: S301  pickled one call before
    except Exception:  # noqa: BLE001  pickling runs the model's own code, which may raise anything
        return None
