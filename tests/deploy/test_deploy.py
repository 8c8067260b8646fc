"""Packages in a real MLflow: built, proved in a fresh process, registered, refused."""

import subprocess
import sys
from pathlib import Path

import joblib
import mlflow
import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

import dsml_magics as dsml
from dsml_magics.errors import (
    ColumnNotFound,
    ColumnUnusable,
    ContractBroken,
    FileNotWritten,
    ModelNotFound,
)
from tests.deploy.conftest import RNG, X, Y

pytestmark = pytest.mark.slow


def test_a_package_is_proved_registered_and_opened_by_plain_mlflow(workdir, model):
    package = dsml.deploy(model, name="income", data=X)
    assert (package.name, package.version, package.alias) == ("income", 1, "champion")
    assert (package.proof.rows, package.proof.methods) == (
        200,
        ("predict", "predict_proba", "decision_function"),
    )
    loaded = mlflow.pyfunc.load_model("models:/income@champion")
    assert (loaded.predict(X) == model.predict(X)).all()


def test_a_package_holds_its_evidence(workdir, model):
    package = dsml.deploy(model, name="income", data=X)
    ours = {path.name for path in (package.path / "dsml").iterdir()}
    assert ours == {
        "contract.json",
        "baseline.profile",
        "proof.json",
        "card.md",
        "card.html",
        "lineage.json",
        "manifest.json",
        "case.parquet",
        "case-answers.npz",
        "Dockerfile",
        "compose.yaml",
        "inferenceservice.yaml",
        "server",
    }
    assert package.baseline.rows == 200
    assert package.proof.is_equal
    assert package.proof.made_up == 200
    assert all(edge.is_kept for edge in package.proof.edges)
    assert {"age: missing", "job: an unknown category", "one row", "no rows"} <= {
        edge.name for edge in package.proof.edges
    }
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
    assert "LogisticRegression(C=0.5)" in package.lineage["cell_source"]
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
    assert list(package.baseline.columns) == ["age", "job", "prediction"]
    assert package.contract.names == ["age", "job"]


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
    with pytest.raises(ContractBroken, match="age: expected integer .*, got nothing"):
        dsml.predict("income", gaps)
    scored = dsml.predict("income", gaps, on_violation="ignore")
    assert (scored.to_numpy() == fitted.predict(gaps)).all()


def test_an_unknown_package_names_the_nearest(workdir, model):
    dsml.deploy(model, name="income", data=X)
    with pytest.raises(ModelNotFound, match="Did you mean 'income'"):
        dsml.predict("incone", X)
    with pytest.raises(ModelNotFound, match="Versions: 1; aliases: champion"):
        dsml.predict("income@7", X)


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


@pytest.mark.usefixtures("starts_with_libraries_are_cheap")
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
