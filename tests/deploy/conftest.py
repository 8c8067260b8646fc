"""A small model and its rows."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

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
