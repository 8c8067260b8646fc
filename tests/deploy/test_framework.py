"""Every kind of model that people fit."""

import numpy as np
import pandas as pd
import pytest
from sklearn import (
    cluster,
    decomposition,
    discriminant_analysis,
    ensemble,
    linear_model,
    model_selection,
    naive_bayes,
    neighbors,
    neural_network,
    svm,
    tree,
)
from sklearn.compose import TransformedTargetRegressor, make_column_transformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

import dsml_magics as dsml
from dsml_magics.errors import ColumnUnusable
from tests.deploy.conftest import RNG, X, Y

pytestmark = pytest.mark.slow

NUMBERS = pd.DataFrame(RNG.normal(size=(120, 3)), columns=["a", "b", "c"])
TARGET = (NUMBERS["a"] + NUMBERS["b"] > 0).astype(int)

EVERYDAY = [
    linear_model.LogisticRegression(),
    linear_model.LinearRegression(),
    linear_model.Ridge(),
    linear_model.Lasso(0.01),
    linear_model.SGDClassifier(),
    linear_model.PoissonRegressor(),
    tree.DecisionTreeClassifier(),
    ensemble.RandomForestClassifier(5),
    ensemble.RandomForestRegressor(5),
    ensemble.ExtraTreesClassifier(5),
    ensemble.GradientBoostingClassifier(n_estimators=5),
    ensemble.HistGradientBoostingRegressor(max_iter=5),
    ensemble.IsolationForest(n_estimators=5),
    neighbors.KNeighborsClassifier(),
    svm.SVC(),
    naive_bayes.GaussianNB(),
    neural_network.MLPClassifier((4,), max_iter=30),
    cluster.KMeans(3),
    model_selection.GridSearchCV(linear_model.LogisticRegression(), {"C": [0.1, 1.0]}, cv=2),
    discriminant_analysis.LinearDiscriminantAnalysis(),
    make_pipeline(StandardScaler(), decomposition.PCA(2), linear_model.LogisticRegression()),
    make_pipeline(FunctionTransformer(lambda frame: frame * 2), linear_model.Ridge()),
    TransformedTargetRegressor(linear_model.Ridge(), func=np.log1p, inverse_func=np.expm1),
    ensemble.VotingClassifier(
        [("one", linear_model.LogisticRegression()), ("other", tree.DecisionTreeClassifier())], voting="soft"
    ),
]


def deployed(model, data, name="everyday"):
    """Deploy a model; from the registry it must answer as it does here."""
    package = dsml.deploy(model, name=name, data=data)
    assert package.proof.is_equal
    return package


@pytest.mark.parametrize("estimator", EVERYDAY, ids=lambda each: type(each).__name__)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_an_everyday_estimator_is_packaged(workdir, estimator):
    fitted = estimator.fit(NUMBERS, TARGET)
    deployed(fitted, NUMBERS)
    assert (dsml.predict("everyday", NUMBERS).to_numpy() == fitted.predict(NUMBERS)).all()


def test_skops_is_chosen_where_it_knows_all_types(workdir):
    simple = deployed(linear_model.Ridge().fit(NUMBERS, TARGET), NUMBERS)
    trees = deployed(tree.DecisionTreeClassifier().fit(NUMBERS, TARGET), NUMBERS, "trees")
    assert (simple.proof.format, trees.proof.format) == ("skops", "cloudpickle")
    assert "skops does not know sklearn.tree" in trees.proof.reason
    pins = (simple.path / "requirements.txt").read_text()
    assert "skops==" in pins


def test_texts_are_an_input_too(workdir):
    texts = pd.DataFrame({"text": [f"word{at % 7} and word{at % 3} with more to say" for at in range(60)]})
    target = [at % 2 for at in range(60)]
    fitted = make_pipeline(
        make_column_transformer((TfidfVectorizer(), "text")), linear_model.LogisticRegression()
    ).fit(texts, target)
    assert deployed(fitted, texts).contract["text"].type == "string"
    assert (dsml.predict("everyday", texts).to_numpy() == fitted.predict(texts)).all()


def test_xgboost_is_written_in_its_own_format(workdir):
    import xgboost

    fitted = xgboost.XGBClassifier(n_estimators=5).fit(NUMBERS, TARGET)
    package = deployed(fitted, NUMBERS)
    assert package.proof.format == "ubj"
    assert "predict_proba" in package.proof.methods
    assert not list(package.path.rglob("*.pkl"))
    assert (dsml.predict("everyday", NUMBERS).to_numpy() == fitted.predict(NUMBERS)).all()


def test_a_booster_of_xgboost_is_packaged(workdir):
    import xgboost

    booster = xgboost.train({"objective": "binary:logistic"}, xgboost.DMatrix(NUMBERS, TARGET), 5)
    deployed(booster, NUMBERS)
    ours = dsml.predict("everyday", NUMBERS).to_numpy()
    assert (ours == booster.predict(xgboost.DMatrix(NUMBERS))).all()


@pytest.mark.parametrize("kind", ["estimator", "booster"])
def test_lightgbm_is_packaged(workdir, kind):
    import lightgbm

    if kind == "estimator":
        fitted = lightgbm.LGBMClassifier(n_estimators=5, verbose=-1).fit(NUMBERS, TARGET)
    else:
        fitted = lightgbm.train({"verbose": -1}, lightgbm.Dataset(NUMBERS, TARGET), 5)
    deployed(fitted, NUMBERS)
    assert (dsml.predict("everyday", NUMBERS).to_numpy() == fitted.predict(NUMBERS)).all()


@pytest.mark.parametrize("form", ["frame", "array", "images"])
def test_torch_is_packaged_in_evaluation_mode(workdir, form):
    import torch

    torch.manual_seed(0)
    layers = [torch.nn.Flatten(), torch.nn.Linear(3 if form != "images" else 16, 4), torch.nn.Dropout(0.5)]
    network = torch.nn.Sequential(*layers, torch.nn.Linear(4, 2))
    network.train()
    data = {
        "frame": NUMBERS,
        "array": NUMBERS.to_numpy("float32"),
        "images": RNG.normal(size=(30, 1, 4, 4)).astype("float32"),
    }[form]
    deployed(network, data)
    assert network.training
    values = torch.from_numpy(np.asarray(data, "float32"))
    with torch.no_grad():
        expected = network.eval()(values).numpy()
    assert np.array_equal(dsml.predict("everyday", data).to_numpy(), expected)


def test_a_network_defined_in_a_notebook_travels(own_process):
    """Its class is in `__main__`, which no other process has."""
    _, kernel = own_process
    cells = [
        "%load_ext dsml_magics\nimport numpy as np, torch, dsml_magics as dsml",
        "class Net(torch.nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.layer = torch.nn.Linear(3, 1)\n    def forward(self, x):\n        return self.layer(x).relu()",
        "X = np.random.default_rng(0).normal(size=(20, 3)).astype('float32')\nnet = Net()",
        "p = %dsml_deploy net --name net --data X\nassert p.proof.is_equal",
        "assert dsml.predict('net', X).to_numpy().shape == (20, 1)",
    ]
    for cell in cells:
        answer = kernel.run(cell)
        assert (answer.status, answer.errors) == ("ok", []), answer


def test_models_of_mlflow_are_packaged(workdir):
    import mlflow

    class Double(mlflow.pyfunc.PythonModel):
        def predict(self, context, model_input, params=None):
            return model_input["a"].to_numpy() * 2

    deployed(Double(), NUMBERS, "python")
    mlflow.sklearn.save_model(
        linear_model.Ridge().fit(NUMBERS, TARGET),
        "plain",
        serialization_format="cloudpickle",
        pip_requirements=[],
    )
    deployed("plain", NUMBERS, "folder")
    deployed(mlflow.pyfunc.load_model("plain"), NUMBERS, "loaded")
    assert (dsml.predict("python", NUMBERS).to_numpy() == NUMBERS["a"].to_numpy() * 2).all()


def test_an_array_that_does_not_fit_is_told(workdir):
    data = RNG.normal(size=(40, 3))
    deployed(linear_model.Ridge().fit(data, data[:, 0]), data)
    with pytest.raises(ColumnUnusable, match=r"of shape \(rows, 3\), got float64 of shape \(40, 2\)"):
        dsml.predict("everyday", data[:, :2])
    frame = pd.DataFrame(data, columns=["x", "y", "z"])
    assert (dsml.predict("everyday", frame).to_numpy() == dsml.predict("everyday", data).to_numpy()).all()


def test_what_encoders_remember_is_in_the_contract(workdir, model):
    """The rows of the proof hold two of the three jobs the model was fitted on."""
    package = deployed(model, X[X["job"] != "c"])
    assert package.contract["job"].categories == ("a", "b", "c")
    assert (dsml.predict("everyday", X).to_numpy() == model.predict(X)).all()


def test_metrics_need_a_target_and_are_those_of_scikit_learn(workdir, model):
    from sklearn.metrics import roc_auc_score

    package = dsml.deploy(model, name="income", data=X.assign(rich=Y), target="rich", gate="roc_auc>=0.9")
    assert package.proof.metrics["roc_auc"] == pytest.approx(roc_auc_score(Y, model.predict_proba(X)[:, 1]))
    assert package.proof.metrics["accuracy"] == pytest.approx(model.score(X, Y))
    assert {(each.column, each.value) for each in package.proof.slices} == {
        ("job", "a"),
        ("job", "b"),
        ("job", "c"),
    }
    assert [gate.passed for gate in package.proof.gates] == [True]


def test_a_regression_has_its_own_metrics(workdir):
    fitted = linear_model.Ridge().fit(NUMBERS, NUMBERS["a"])
    package = dsml.deploy(fitted, name="a", data=NUMBERS, target=NUMBERS["a"], gate=["r2>0.9", "mae<1"])
    assert set(package.proof.metrics) == {"r2", "mae", "rmse", "mape", "medae", "max_error"}
