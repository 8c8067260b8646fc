"""A real table, from the fitted model to scored files: two versions, a refused third, promotion and rollback."""

import mlflow
import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

import dsml_magics as dsml
from dsml_magics.errors import ProofFailed

pytestmark = pytest.mark.slow


@pytest.fixture
def adult(shared_data):
    return pd.read_csv(shared_data / "adult.csv")


def fitted(adult, iterations):
    features = adult.drop(columns="income")
    texts = features.select_dtypes(exclude="number").columns.tolist()
    encode = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), texts), remainder="passthrough"
    )
    model = make_pipeline(encode, HistGradientBoostingClassifier(max_iter=iterations, random_state=0))
    return model.fit(features[:25_000], adult["income"][:25_000])


def test_a_model_goes_all_the_way(workdir, adult):
    test, gates = adult[25_000:].reset_index(drop=True), ["roc_auc>=0.91", "size_mb<=50"]
    options = {"name": "income", "data": test, "target": "income", "gate": gates}
    with dsml.track("boosting", experiment="adult") as run:
        second = fitted(adult, 40)
    dsml.deploy(fitted(adult, 20), **options)
    package = dsml.deploy(second, **options)
    assert (package.version, package.alias, package.run_id) == (2, "challenger", run.id)
    with pytest.raises(ProofFailed, match=r"1 of 2 gates failed: roc_auc>=0.91: 0\.\d+, failed; size_mb<=50"):
        dsml.deploy(fitted(adult, 1), **options)
    assert len(dsml.models("income")) == 2

    dsml.promote("income", "challenger", why="more iterations")
    features = test.drop(columns="income")
    loaded = mlflow.pyfunc.load_model("models:/income@champion")
    assert (loaded.predict(features) == second.predict(features)).all()
    features.to_csv("new.csv", index=False)
    scored = dsml.predict("income@champion", "new.csv", out="scored.parquet")
    assert (np.asarray(scored) == second.predict(features)).all()

    assert dsml.rollback("income", why="complaints").to == 1
    assert dsml.predict("income", features.head(3)).model == "models:/income/1"
    assert dsml.check("income@champion", data=test, target="income").left == ()
    assert {"race", "sex"} <= {each.column for each in package.proof.slices}
    assert "sex: predicted_rate from" in package.card
