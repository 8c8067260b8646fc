"""The real Airflow loads the DAG and runs it to success."""

import json

import pytest

from tests.export.environments import python_of, run

pytestmark = pytest.mark.slow

PROGRAM = """
import json, sys
from airflow.utils.db import initdb
initdb()
from airflow.dag_processing.dagbag import DagBag
bag = DagBag(sys.argv[1])
dag = bag.dags[sys.argv[2]]
after = {task.task_id: sorted(task.upstream_task_ids) for task in dag.tasks}
ran = dag.test(run_conf=json.loads(sys.argv[3]))
states = {task.task_id: task.state for task in ran.get_task_instances()}
print()
print(json.dumps([bag.import_errors, sorted(bag.dags), after, ran.state, states]))
"""


@pytest.fixture(scope="module")
def airflow(tmp_path_factory):
    """A function that runs a DAG of a folder; what is found of it, and the state of each of its tasks."""
    python, home = python_of("airflow"), tmp_path_factory.mktemp("airflow")

    def ran(folder, name, **given):
        settings = {
            "CORE__LOAD_EXAMPLES": "False",
            "CORE__DAGS_FOLDER": folder,
            "LOGGING__LOGGING_LEVEL": "WARNING",
        }
        variables = {f"AIRFLOW__{name}": str(value) for name, value in settings.items()}
        words = [python, "-c", PROGRAM, folder, name, json.dumps(given)]
        done = run(words, home, AIRFLOW_HOME=str(home), **variables)
        errors, dags, after, state, states = json.loads(done.stdout.splitlines()[-1])
        assert (errors, dags, state) == ({}, [name], "success")
        assert set(states.values()) == {"success"}
        return after

    return ran


def test_the_dag_loads_and_runs_with_other_parameters(exported, airflow):
    folder = exported("airflow", schedule="0 6 * * 1-5")
    after = airflow(folder, "sides", rows=20, loud=True)
    assert after["report"] == ["left_side", "right_side"]
    assert after["left_side"] == after["right_side"] == ["data"]
    assert json.loads((folder / "report.json").read_text()) == [190 + 2470, "A, B", None]
    [kept] = (folder / "state").iterdir()
    assert kept.name.startswith("manual__")


def test_the_tour_as_a_dag_predicts_what_its_script_predicts(tour, airflow):
    folder, expected = tour("airflow")
    assert len(airflow(folder, "tour")) > 3
    assert (folder / "sexed.csv").read_bytes() == expected
