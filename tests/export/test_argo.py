"""The workflow is one by Argo's own description of them, and its tasks do what the notebook does."""

import json
import re

import pytest
import yaml

from tests.export.environments import python_of, run

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


def test_its_tasks_in_their_order_do_what_the_notebook_does(exported, tmp_path):
    """As Argo would: each task a process, its words filled in."""
    folder = exported("argo")
    spec = workflow(folder)["spec"]
    job, step = spec["templates"]
    values = {
        f"workflow.parameters.{each['name']}": each["value"] for each in spec["arguments"]["parameters"]
    }
    values |= {"workflow.parameters.rows": "20", "workflow.name": "sides-x7k2p"}
    done = set()
    for task in job["dag"]["tasks"]:
        assert done.issuperset(task.get("dependencies", ()))
        [given] = task["arguments"]["parameters"]
        filled = {**values, "inputs.parameters.step": given["value"]}
        words = [fill(word, filled) for word in step["container"]["command"] + step["container"]["args"]]
        run([word.replace("/state/", f"{tmp_path}/state/") for word in words], folder)
        done.add(task["name"])
    assert done == {"sums-of-two-sides", "data", "left-side", "right-side", "report"}
    assert json.loads((folder / "report.json").read_text()) == [190 + 2470, "a, b", None]
