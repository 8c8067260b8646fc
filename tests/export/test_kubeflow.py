"""The real Kubeflow Pipelines compile the pipeline, and run it by their local runner."""

import json

import pytest
import yaml

from tests.export.environments import python_of, run

pytestmark = pytest.mark.slow

PROGRAM = """
import sys
sys.path.insert(0, ".")
from kfp import local
from sides_kubeflow import pipeline
local.init(runner=local.SubprocessRunner(use_venv=False), raise_on_error=True)
pipeline(rows=20, loud=True)
"""


@pytest.fixture(scope="module")
def kubeflow():
    return python_of("kubeflow")


def test_the_pipeline_compiles_and_runs_with_other_parameters(exported, kubeflow, tmp_path):
    state = tmp_path / "state"
    folder = exported("kubeflow", state=state.as_uri(), image="ghcr.io/me/sides:1")
    run([kubeflow, "sides_kubeflow.py"], folder)
    found, *_ = yaml.safe_load_all((folder / "sides.kubeflow.yaml").read_text())
    tasks = found["root"]["dag"]["tasks"]
    waits = {task["taskInfo"]["name"]: task.get("dependentTasks", []) for task in tasks.values()}
    names = {key: task["taskInfo"]["name"] for key, task in tasks.items()}
    assert [names[each] for each in waits["Report"]] == ["Left side", "Right side"]
    images = {each["container"]["image"] for each in found["deploymentSpec"]["executors"].values()}
    assert images == {"ghcr.io/me/sides:1"}
    run([kubeflow, "-c", PROGRAM], folder)
    assert json.loads((folder / "report.json").read_text()) == [190 + 2470, "A, B", None]
    assert len(list(state.iterdir())) == 1
