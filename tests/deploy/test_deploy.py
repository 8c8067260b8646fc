"""Packages in a real MLflow: built, proved in a fresh process, registered, refused."""

import json
import pickle
import subprocess
import sys
import threading
from pathlib import Path

import joblib
import mlflow
import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, IsolationForest, RandomForestRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder
from sklearn.svm import SVC

import dsml_magics as dsml
from dsml_magics.errors import (
    ColumnNotFound,
    ColumnUnusable,
    FileNotWritten,
    ModelNotFound,
    ModelUnusable,
    PackageAltered,
    ProofFailed,
    TableEmpty,
)
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


def test_a_package_is_proved_registered_and_opened_by_plain_mlflow(workdir, model):
    package = dsml.deploy(model, name="income", data=X)
    assert (package.name, package.version, package.alias) == ("income", 1, "champion")
    assert (package.proof.rows, package.proof.methods) == (200, ("predict", "predict_proba"))
    loaded = mlflow.pyfunc.load_model("models:/income@champion")
    assert (loaded.predict(X) == model.predict(X)).all()


def test_a_package_holds_its_evidence(workdir, model):
    package = dsml.deploy(model, name="income", data=X)
    ours = {path.name for path in (package.path / "dsml").iterdir()}
    assert ours == {"baseline.json", "input.json", "lineage.json", "manifest.json", "proof.json", "card.md"}
    assert json.loads((package.path / "dsml/baseline.json").read_text())["rows"] == 200
    assert package.baseline.columns["age"].max == X["age"].max()
    pins = (package.path / "requirements.txt").read_text().splitlines()
    assert f"scikit-learn=={__import__('sklearn').__version__}" in pins
    assert all("==" in pin for pin in pins)
    assert "# income" in package.card


def test_the_run_that_fitted_the_model_is_its_lineage(workdir):
    with dsml.track("fit") as run:
        fitted = LogisticRegression(C=0.5).fit(X[["age"]], Y)
    package = dsml.deploy(fitted, name="income", data=X[["age"]])
    assert package.run_id == run.id
    (output,) = mlflow.get_run(run.id).outputs.model_outputs
    assert mlflow.MlflowClient().get_model_version("income", "1").source == f"models:/{output.model_id}"


def test_the_lineage_is_found_after_the_model_was_saved_and_loaded(workdir):
    with dsml.track("fit") as run:
        fitted = LogisticRegression(C=0.5).fit(X[["age"]], Y)
    joblib.dump(fitted, "model.joblib")
    assert dsml.deploy("model.joblib", name="income", data=X[["age"]]).run_id == run.id


def test_later_versions_are_challengers(workdir, model):
    assert [dsml.deploy(model, name="income", data=X).alias for _ in range(2)] == ["champion", "challenger"]
    assert dsml.predict("income", X).model == "models:/income/1"
    assert dsml.predict("income@challenger", X).model == "models:/income/2"
    assert dsml.predict("income@2", X).model == "models:/income/2"


def test_predictions_are_the_models_own_however_the_rows_come(workdir, model):
    dsml.deploy(model, name="income", data=X)
    X.to_parquet("x.parquet")
    X.to_csv("x.csv", index=False)
    for data in (X, X[["job", "age"]], X.assign(extra=1), "x.parquet", "x.csv", X.to_dict("list")):
        assert (dsml.predict("income", data).to_numpy() == model.predict(X)).all()


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_rows_and_predictions_are_written_together(workdir, model, ending):
    dsml.deploy(model, name="income", data=X)
    scored = dsml.predict("income", X, out=f"scored.{ending}")
    frame = pd.read_parquet("scored.parquet") if ending == "parquet" else pd.read_csv("scored.csv")
    assert list(frame.columns) == ["age", "job", "prediction"]
    assert (frame["prediction"] == model.predict(X)).all()
    assert (np.asarray(scored) == model.predict(X)).all()
    assert len(scored) == 200


def test_a_function_is_a_model_too(workdir):
    def doubled(frame):
        return frame["age"].to_numpy() * 2

    dsml.deploy(doubled, name="double", data=X)
    assert (np.asarray(dsml.predict("double", X)) == X["age"].to_numpy() * 2).all()


def test_an_array_model_takes_arrays(workdir):
    data = RNG.normal(size=(50, 3))
    forest = RandomForestRegressor(5).fit(data, data[:, 0])
    dsml.deploy(forest, name="forest", data=data)
    assert (np.asarray(dsml.predict("forest", data)) == forest.predict(data)).all()


def test_a_column_that_the_model_was_not_fitted_on_is_left_out(workdir, model):
    package = dsml.deploy(model, name="income", data=X.assign(income=Y))
    assert list(package.baseline.columns) == ["age", "job"]


def test_classes_from_a_file_beside_the_notebook_travel_with_the_model(workdir, monkeypatch):
    (workdir / "mine_only_here.py").write_text("def half(x):\n    return x / 2\n")
    monkeypatch.syspath_prepend(str(workdir))
    import mine_only_here

    fitted = make_pipeline(FunctionTransformer(mine_only_here.half), LogisticRegression()).fit(X[["age"]], Y)
    assert dsml.deploy(fitted, name="mine", data=X[["age"]]).proof.rows == 200


def test_a_model_of_categorical_columns_scores_files_that_hold_text(workdir):
    frame = pd.DataFrame({"age": X["age"], "job": pd.Categorical(X["job"])})
    fitted = HistGradientBoostingClassifier(max_iter=5, categorical_features="from_dtype").fit(frame, Y)
    dsml.deploy(fitted, name="income", data=frame)
    frame.to_csv("x.csv", index=False)
    assert (mlflow.pyfunc.load_model("models:/income/1").predict(frame) == fitted.predict(frame)).all()
    for data in (frame, "x.csv", frame.astype({"job": str}), frame.head(3)):
        assert (
            dsml.predict("income", data).to_numpy()
            == fitted.predict(frame)[: len(dsml.predict("income", data))]
        ).all()


def test_an_integer_column_may_lack_a_value_if_the_model_allows_it(workdir):
    fitted = HistGradientBoostingClassifier(max_iter=5).fit(X[["age"]], Y)
    dsml.deploy(fitted, name="income", data=X[["age"]])
    gaps = X[["age"]].astype(float).where(X["age"] > 30)
    assert (dsml.predict("income", gaps).to_numpy() == fitted.predict(gaps)).all()


@pytest.mark.parametrize(
    "estimator",
    [
        GridSearchCV(LogisticRegression(), {"C": [1.0, 2.0]}, cv=2),
        KNeighborsClassifier(),
        SVC(),
        MLPClassifier(max_iter=3),
        IsolationForest(n_estimators=5),
        make_pipeline(FunctionTransformer(lambda frame: frame * 2), Ridge()),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_an_everyday_estimator_is_packaged(workdir, estimator):
    fitted = estimator.fit(X[["age"]], Y)
    dsml.deploy(fitted, name="everyday", data=X[["age"]])
    assert (dsml.predict("everyday", X).to_numpy() == fitted.predict(X[["age"]])).all()


def refused(error, match, model, **changes):
    client = open_ledger().client
    with pytest.raises(error, match=match):
        dsml.deploy(model, **{"name": "income", "data": X, **changes})
    assert client.search_registered_models() == []
    assert client.search_logged_models(["0"]) == []
    assert not list(Path("mlruns").rglob("MLmodel"))


def test_a_model_that_cannot_be_pickled_is_refused(workdir, model):
    model.lock = threading.Lock()
    refused(ModelUnusable, r"can be pickled, got Pipeline: cannot pickle '_thread.lock'", model)


def test_an_unfitted_model_is_refused(workdir):
    refused(ModelUnusable, "Expected a fitted model.*NotFittedError", LogisticRegression())


def test_something_that_cannot_predict_is_refused(workdir):
    refused(ModelUnusable, "`predict` method, or a function, got int", 3)


def test_a_class_instead_of_a_model_is_refused(workdir):
    refused(ModelUnusable, "`predict` method, or a function, got type LogisticRegression", LogisticRegression)


def test_other_columns_than_the_model_was_fitted_on_are_refused(workdir, model):
    refused(ColumnNotFound, "none named 'job'", model, data=X[["age"]])


def test_a_single_column_is_refused_with_what_to_do(workdir, model):
    refused(ColumnUnusable, "Choose the column inside the pipeline", model, data=X["job"])


def test_no_rows_are_refused(workdir, model):
    refused(TableEmpty, "Expected rows", model, data=X.head(0))


def test_a_name_with_a_slash_is_refused(workdir, model):
    refused(ModelUnusable, "Expected a name of letters", model, name="a/b")


class Dice:
    """A model that is random when it predicts."""

    def predict(self, frame):
        return np.random.default_rng().normal(size=len(frame))


def test_a_model_that_is_random_is_refused_with_the_first_difference(workdir):
    refused(ProofFailed, "predict differs in 200 of 200 values, first .* Is the model random", Dice())


def test_a_missing_model_file_is_told(workdir):
    with pytest.raises(ModelNotFound, match="No model file 'gone.pkl'"):
        dsml.deploy("gone.pkl", name="x", data=X)


def test_a_damaged_model_file_is_told(workdir):
    Path("bad.pkl").write_bytes(b"\x80\x04not a pickle")
    with pytest.raises(ModelUnusable, match="Expected a pickled model"):
        dsml.deploy("bad.pkl", name="x", data=X)


def test_an_unknown_package_names_the_nearest(workdir, model):
    dsml.deploy(model, name="income", data=X)
    with pytest.raises(ModelNotFound, match="Did you mean 'income'"):
        dsml.predict("incone", X)
    with pytest.raises(ModelNotFound, match="Versions: 1; aliases: champion"):
        dsml.predict("income@7", X)


class Bomb:
    """A pickle that leaves a trace when it is loaded."""

    def __reduce__(self):
        return (Path.touch, (Path("exploded"),))


def test_an_altered_package_is_refused_before_it_is_loaded(workdir, model):
    package = dsml.deploy(model, name="income", data=X)
    (package.path / "model.pkl").write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(PackageAltered, match=r"'model.pkl' was changed"):
        dsml.predict("income", X)
    assert not Path("exploded").exists()


def test_an_altered_manifest_is_refused(workdir, model):
    package = dsml.deploy(model, name="income", data=X)
    (package.path / "model.pkl").write_bytes(b"other")
    from dsml_magics.deploy.manifest import seal

    seal(package.path)
    with pytest.raises(PackageAltered, match="the manifest the ledger knows"):
        dsml.predict("income", X)


@pytest.mark.parametrize("change", ["add", "remove"])
def test_an_added_or_removed_file_is_refused(workdir, model, change):
    package = dsml.deploy(model, name="income", data=X)
    if change == "add":
        (package.path / "extra.py").write_text("")
    else:
        (package.path / "conda.yaml").unlink()
    with pytest.raises(PackageAltered, match="was added|is gone"):
        dsml.predict("income", X)


def test_a_folder_that_is_no_package_of_ours_is_refused(workdir, model):
    mlflow.sklearn.save_model(model, "foreign", serialization_format="cloudpickle", pip_requirements=[])
    with pytest.raises(PackageAltered, match="Was it made by `dsml deploy`"):
        dsml.predict("foreign", X)


def test_a_missing_column_is_told_by_name(workdir, model):
    dsml.deploy(model, name="income", data=X)
    with pytest.raises(ColumnNotFound, match="Expected the column 'job'.*Did you mean 'jobs'"):
        dsml.predict("income", X.rename(columns={"job": "jobs"}))


def test_a_failed_scoring_leaves_no_file(workdir, model):
    dsml.deploy(model, name="income", data=X)
    before = sorted(Path().iterdir())
    with pytest.raises(FileNotWritten, match=r"ending in .parquet or .csv"):
        dsml.predict("income", X, out="scored.xlsx")
    with pytest.raises(ColumnUnusable, match="without a column 'prediction'"):
        dsml.predict("income", X.assign(prediction=1), out="scored.csv")
    assert sorted(Path().iterdir()) == before


def test_the_shell_deploys_and_predicts(workdir, model):
    joblib.dump(model, "model.joblib")
    X.to_csv("x.csv", index=False)
    dsml_ = [sys.executable, "-m", "dsml_magics.command.cli"]
    said = subprocess.run(
        [*dsml_, "deploy", "model.joblib", "--name", "income", "--data", "x.csv"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert "income version 1 (champion)" in said.stdout
    subprocess.run([*dsml_, "predict", "income", "x.csv", "--out", "scored.csv"], check=True)
    assert (pd.read_csv("scored.csv")["prediction"] == model.predict(X)).all()
