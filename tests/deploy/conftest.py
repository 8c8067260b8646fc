"""A small model and its rows."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

import dsml_magics as dsml
from dsml_magics.ledger.store import open_ledger

RNG = np.random.default_rng(0)
X = pd.DataFrame({"age": RNG.integers(18, 80, 200), "job": RNG.choice(["a", "b", "c"], 200)})
Y = (X["age"] > 40) & (X["job"] != "a")


@pytest.fixture
def model():
    encode = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), ["job"]), remainder="passthrough", sparse_threshold=0
    )
    return make_pipeline(encode, HistGradientBoostingClassifier(max_iter=5)).fit(X, Y)


class Dice:
    """A model that is random when it predicts."""

    def predict(self, frame):
        return np.random.default_rng().normal(size=len(frame))


def refused(error, match, model, **changes):
    """Deploy a model; it is refused with an error, and nothing is registered."""
    client = open_ledger().client
    with pytest.raises(error, match=match):
        dsml.deploy(model, **{"name": "income", "data": X, **changes})
    assert client.search_registered_models() == []
    assert client.search_logged_models(["0"]) == []
    assert not list(Path("mlruns").rglob("MLmodel"))
