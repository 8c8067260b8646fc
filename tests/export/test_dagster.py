"""The real Dagster loads the job and runs it to success."""

import json

import pytest

from tests.export.environments import python_of, run

pytestmark = pytest.mark.slow

PROGRAM = """
import importlib, json, sys
sys.path.insert(0, ".")
name, given = sys.argv[1], json.loads(sys.argv[2])
defs = importlib.import_module(f"{name}_dagster").defs
job = defs.resolve_job_def(name)
ran = job.execute_in_process(run_config={"resources": {"parameters": {"config": given}}})
inputs = job.graph.dependency_structure.input_to_upstream_outputs_for_node
after = {
    node.name: sorted(output.node_name for outputs in inputs(node.name).values() for output in outputs)
    for node in job.graph.nodes
}
print(json.dumps([ran.success, ran.run_id, after, [each.cron_schedule for each in defs.schedules or ()]]))
"""


@pytest.fixture(scope="module")
def dagster():
    """A function that runs the job of a folder; the run, what each step waits for, and its schedules."""
    python = python_of("dagster")

    def ran(folder, name, **given):
        done = run([python, "-c", PROGRAM, name, json.dumps(given)], folder)
        success, *found = json.loads(done.stdout.splitlines()[-1])
        assert success
        return found

    return ran


def test_the_job_loads_and_runs_with_other_parameters(exported, dagster):
    folder = exported("dagster", schedule="*/30 * * * *")
    run_id, after, schedules = dagster(folder, "sides", rows=20, loud=True)
    assert schedules == ["*/30 * * * *"]
    assert after["report"] == ["left_side", "right_side"]
    assert after["left_side"] == after["right_side"] == ["data"]
    assert json.loads((folder / "report.json").read_text()) == [190 + 2470, "A, B", None]
    assert [kept.name for kept in (folder / "state").iterdir()] == [run_id]


def test_the_tour_as_a_job_predicts_what_its_script_predicts(tour, dagster):
    folder, expected = tour("dagster")
    _, after, schedules = dagster(folder, "tour")
    assert len(after) > 3 and not schedules
    assert (folder / "sexed.csv").read_bytes() == expected
