"""The workflow is one by Argo's own description of them, and its tasks run the steps."""

import json
import re

import pytest
import yaml

from tests.export.environments import python_of, run

pytestmark = pytest.mark.slow

# Hera's models are made from Argo's description of its API; here they refuse what it does not know.
PROGRAM = """
import json, sys
from hera.shared import _pydantic
_pydantic.APIBaseModel.model_config["extra"] = "forbid"
from hera.workflows.models import CronWorkflow, Workflow
for document in json.load(sys.stdin):
    {"CronWorkflow": CronWorkflow, "Workflow": Workflow}[document["kind"]].model_validate(document)
"""


@pytest.fixture(scope="module")
def schemas():
    return python_of("schemas")


def workflow(folder):
    return yaml.safe_load((folder / "sides.argo.yaml").read_text())


def fill(word, values):
    return re.sub(r"\{\{(.*?)\}\}", lambda found: values[found[1]], word)


@pytest.mark.parametrize(
    "options", [{}, {"schedule": "0 6 * * *", "state": "s3://bucket/jobs", "image": "ghcr.io/me/sides:1"}]
)
def test_it_is_a_workflow(exported, schemas, options, tmp_path):
    found = workflow(exported("argo", **options))
    assert found["kind"] == ("CronWorkflow" if options else "Workflow")
    run([schemas, "-c", PROGRAM], tmp_path, text=json.dumps([found]))
    with pytest.raises(AssertionError, match="no_such_field"):
        run([schemas, "-c", PROGRAM], tmp_path, text=json.dumps([{**found, "no_such_field": 1}]))


def test_its_tasks_wait_for_each_other_and_run_the_steps(exported, tmp_path):
    folder = exported("argo")
    spec = workflow(folder)["spec"]
    job, step = spec["templates"]
    tasks = {task["name"]: task.get("dependencies", []) for task in job["dag"]["tasks"]}
    assert tasks == {
        "data": [],
        "left-side": ["data"],
        "right-side": ["data"],
        "report": ["left-side", "right-side"],
    }
    # As Argo does, fill in the words of the first two.
    values = {
        f"workflow.parameters.{each['name']}": each["value"] for each in spec["arguments"]["parameters"]
    }
    values |= {"workflow.parameters.rows": "20", "workflow.name": "sides-x7k2p"}
    for task in job["dag"]["tasks"][:2]:
        [given] = task["arguments"]["parameters"]
        filled = {**values, "inputs.parameters.step": given["value"]}
        words = [fill(word, filled) for word in step["container"]["command"] + step["container"]["args"]]
        done = run([word.replace("/state/", f"{tmp_path}/state/") for word in words], folder)
    assert "data: kept" in done.stdout
    assert "left-side: done" in done.stdout
    assert "rows=20" in done.stdout
