"""A real table, a real kernel: three tracked cells, and all that MLflow then knows."""

import json
import time

import mlflow
import pytest

import dsml_magics as dsml

pytestmark = pytest.mark.slow

DATA = """%load_ext dsml_magics
%matplotlib inline
import pandas as pd
import matplotlib.pyplot as plt
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
adult = pd.read_csv({path!r}).sample(3000, random_state=0).reset_index(drop=True)
features = ["age", "fnlwgt", "education_num", "hours_per_week"]
train, test = adult[:2000], adult[2000:]"""
MODEL = """%%dsml_track {name} --experiment adult
C = {C}
model = make_pipeline(StandardScaler(), LogisticRegression(C=C)).fit(train[features], train["income"])
accuracy = model.score(test[features], test["income"])
print("accuracy", accuracy)
plt.plot([0, accuracy]);"""
SEARCH = """%%dsml_track search --experiment adult --nested
search = GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=3).fit(train[features[:1]], train["income"])"""


@pytest.fixture
def tracked(own_process, shared_data):
    _, kernel = own_process
    cells = [DATA.format(path=str(shared_data / "adult.csv"))]
    cells += [MODEL.format(name="weak", C=0.001), MODEL.format(name="strong", C=1.0), SEARCH]
    for cell in cells:
        answer = kernel.run(cell)
        assert (answer.status, answer.errors) == ("ok", [])
    # The kernel finds out the rest beside its next cell; this process does not wait for it.
    until = time.monotonic() + 120
    found = dsml.runs(experiment="adult")
    while any(run.state == "waiting" for run in found):
        assert time.monotonic() < until
        time.sleep(0.2)
        found = dsml.runs(experiment="adult")
    return {run.name: run for run in found if "mlflow.parentRunId" not in run.tags}


def artifacts(run):
    client = mlflow.MlflowClient()
    folders = ("dsml", "dsml/figures", "dsml/profiles")
    return {
        file.path for folder in folders for file in client.list_artifacts(run.id, folder) if not file.is_dir
    }


def test_three_cells_are_in_mlflow_without_a_logging_line(tracked):
    assert set(tracked) == {"weak", "strong", "search"}
    run = tracked["strong"]
    assert (run.state, run.params["C"], run.params["model"]) == ("finished", "1.0", "Pipeline")
    assert 0.7 < run.metrics["accuracy"] < 1
    assert set(run.inputs) == {"train", "test"}
    assert {
        "dsml/cell.py",
        "dsml/cell.json",
        "dsml/output.txt",
        "dsml/random.json",
        "dsml/figures/1.png",
    } <= artifacts(run)
    assert {"dsml/profiles/train.profile", "dsml/profiles/test.profile"} <= artifacts(run)
    facts = json.loads(mlflow.artifacts.load_text(f"runs:/{run.id}/dsml/cell.json"))
    assert facts["execution_count"] == 3
    assert [cell["count"] for cell in facts["history"]] == [1, 2, 3]
    assert "scikit-learn" in facts["packages"]
    assert "from sklearn.preprocessing._data import StandardScaler" in facts["imports"]
    assert facts["overlaps"] == []
    assert "accuracy 0." in mlflow.artifacts.load_text(f"runs:/{run.id}/dsml/output.txt")
    search = tracked["search"]
    assert search.params["GridSearchCV.best_params_.C"] in ("0.1", "1.0")
    assert "search.best_score_" in search.metrics
    children = dsml.runs(experiment="adult", filter=f"tags.mlflow.parentRunId = '{search.id}'")
    assert {run.params["C"] for run in children} == {"0.1", "1.0"}
    found = dsml.compare("weak", "strong")
    assert {row.name for row in found.params} == {"C", "Pipeline.logisticregression__C"}
    assert (found.lines_changed, found.data, found.packages) == (1, (), ())
