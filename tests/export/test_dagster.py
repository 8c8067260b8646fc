"""The real Dagster loads the job and runs it to success."""

import json

import pytest

from tests.export.environments import python_of, run

PROGRAM = """
import json, sys
sys.path.insert(0, ".")
from sides_dagster import defs
job = defs.resolve_job_def("sides")
config = {"resources": {"parameters": {"config": {"rows": 20, "loud": True}}}}
ran = job.execute_in_process(run_config=config)
inputs = job.graph.dependency_structure.input_to_upstream_outputs_for_node
after = {
    node.name: sorted(output.node_name for outputs in inputs(node.name).values() for output in outputs)
    for node in job.graph.nodes
}
[schedule] = defs.schedules
print(json.dumps([ran.success, ran.run_id, after, schedule.cron_schedule]))
"""


@pytest.fixture(scope="module")
def dagster():
    return python_of("dagster")


def test_the_job_loads_and_runs_with_other_parameters(exported, dagster):
    folder = exported("dagster", schedule="*/30 * * * *")
    done = run([dagster, "-c", PROGRAM], folder)
    success, run_id, after, schedule = json.loads(done.stdout.splitlines()[-1])
    assert success
    assert schedule == "*/30 * * * *"
    assert after["report"] == ["left_side", "right_side"]
    assert after["left_side"] == after["right_side"] == ["data"]
    assert json.loads((folder / "report.json").read_text()) == [190 + 2470, "A, B", None]
    assert [kept.name for kept in (folder / "state").iterdir()] == [run_id]
