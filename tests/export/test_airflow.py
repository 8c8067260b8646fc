"""The real Airflow loads the DAG and runs it to success."""

import json

import pytest

from tests.export.environments import python_of, run

PROGRAM = """
import json, sys
from airflow.utils.db import initdb
initdb()
from airflow.dag_processing.dagbag import DagBag
bag = DagBag(sys.argv[1])
dag = bag.dags["sides"]
after = {task.task_id: sorted(task.upstream_task_ids) for task in dag.tasks}
ran = dag.test(run_conf={"rows": 20, "loud": True})
states = {task.task_id: task.state for task in ran.get_task_instances()}
print()
print(json.dumps([bag.import_errors, sorted(bag.dags), after, ran.state, states]))
"""


@pytest.fixture(scope="module")
def airflow():
    return python_of("airflow")


def test_the_dag_loads_and_runs_with_other_parameters(exported, airflow, tmp_path):
    folder = exported("airflow", schedule="0 6 * * 1-5")
    settings = {
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__DAGS_FOLDER": folder,
        "LOGGING__LOGGING_LEVEL": "WARNING",
    }
    variables = {f"AIRFLOW__{name}": str(value) for name, value in settings.items()}
    home = tmp_path / "airflow"
    home.mkdir()
    done = run([airflow, "-c", PROGRAM, folder], home, AIRFLOW_HOME=str(home), **variables)
    errors, dags, after, state, states = json.loads(done.stdout.splitlines()[-1])
    assert (errors, dags, state) == ({}, ["sides"], "success")
    assert set(states.values()) == {"success"}
    assert after["report"] == ["left_side", "right_side"]
    assert after["left_side"] == after["right_side"] == ["data"]
    assert json.loads((folder / "report.json").read_text()) == [190 + 2470, "A, B", None]
    [kept] = (folder / "state").iterdir()
    assert kept.name.startswith("manual__")
