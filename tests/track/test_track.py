"""Tracked blocks in a real MLflow on SQLite."""

import json
import os
import subprocess
import sys
import threading

import mlflow
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

import dsml_magics as dsml
from dsml_magics.command.block import Block, given
from dsml_magics.errors import LedgerError
from dsml_magics.frames.fingerprint import fingerprint
from dsml_magics.frames.opening import open_table
from dsml_magics.ledger.spool import spool
from dsml_magics.ledger.store import open_ledger

pytestmark = pytest.mark.slow

FRAME = pd.DataFrame({"x": [0.0, 1.0, 2.0, 3.0], "y": [0, 0, 1, 1]})


def run_cell(source, names, name="baseline", **options):
    """Run source as a notebook's tracked cell does; return the run as MLflow has it."""
    with given(Block(source, lambda: names, "nb.ipynb")):
        tracking = dsml.track(name, **options)
    try:
        with tracking:
            exec(source, names)
    except ZeroDivisionError:
        pass
    return mlflow.get_run(tracking.id)


def metrics(run):
    """The metrics of the block's own."""
    return {name: value for name, value in run.data.metrics.items() if not name.startswith("dsml.")}


def artifact(run, path):
    return mlflow.artifacts.load_text(f"{run.info.artifact_uri}/{path}")


def test_a_cell_becomes_a_run(workdir):
    source = "C = 0.5\nmodel = LogisticRegression(C=C, max_iter=50).fit(df[['x']], df['y'])\nscore = model.score(df[['x']], df['y'])\n"
    run = run_cell(
        source, {"LogisticRegression": LogisticRegression, "df": FRAME.copy()}, experiment="income"
    )
    assert run.data.params == {
        "C": "0.5",
        "model": "LogisticRegression",
        "LogisticRegression.C": "0.5",
        "LogisticRegression.max_iter": "50",
    }
    assert metrics(run) == {"score": 1.0}
    assert run.info.status == "FINISHED"
    assert mlflow.get_experiment(run.info.experiment_id).name == "income"
    assert run.data.tags["dsml.notebook"] == "nb.ipynb"
    assert artifact(run, "dsml/cell.py") == source
    (read,) = run.inputs.dataset_inputs
    assert (read.dataset.name, read.dataset.digest) == ("df", fingerprint(open_table(FRAME)))


def test_a_table_is_fingerprinted_as_it_was_read_not_as_it_was_left(workdir):
    run = run_cell("df['x'] = 0.0\n", {"df": FRAME.copy()})
    assert run.inputs.dataset_inputs[0].dataset.digest == fingerprint(open_table(FRAME))


def test_a_table_that_the_cell_loads_is_recorded(workdir):
    FRAME.to_csv("t.csv", index=False)
    run = run_cell("t = pd.read_csv('t.csv')\n", {"pd": pd})
    assert [each.dataset.digest for each in run.inputs.dataset_inputs] == [fingerprint(open_table("t.csv"))]


def test_numpy_floats_are_metrics_and_counts_are_not(workdir):
    run = run_cell(
        "a = np.float32(0.25)\nb = np.mean([1.0, 2.0])\nn = len('abc')\n_hidden = np.mean([1.0])\n",
        {"np": np},
    )
    assert metrics(run) == {"a": 0.25, "b": 1.5}


def test_a_model_fitted_before_is_not_this_cells(workdir):
    model = LogisticRegression(C=3.0).fit(FRAME[["x"]], FRAME["y"])
    run = run_cell("score = model.score(df[['x']], df['y'])\n", {"model": model, "df": FRAME})
    assert "model" not in run.data.params


def test_what_a_cell_raised_comes_out_and_fails_the_run(workdir):
    names = {}
    with given(Block("depth = 3\n1 / 0\n", lambda: names)):
        tracking = dsml.track("broken")
    with pytest.raises(ZeroDivisionError), tracking:
        exec("depth = 3\n1 / 0\n", names)
    run = mlflow.get_run(tracking.id)
    assert run.info.status == "FAILED"
    assert run.data.params == {"depth": "3"}
    assert run.data.tags["dsml.error"] == "ZeroDivisionError: division by zero"
    assert "Traceback (most recent call last)" in artifact(run, "dsml/traceback.txt")
    assert mlflow.active_run() is None


def test_an_interrupt_fails_the_run(workdir):
    with pytest.raises(KeyboardInterrupt), dsml.track("stopped") as tracking:
        raise KeyboardInterrupt
    assert mlflow.get_run(tracking.id).info.status == "FAILED"


def test_a_with_block_records_its_own_lines(workdir):
    with dsml.track("with") as tracking:
        rate = 0.5
        loss = rate * np.float64(2)
    run = mlflow.get_run(tracking.id)
    assert (run.data.params, metrics(run)) == ({"rate": "0.5"}, {"loss": 1.0})
    assert artifact(run, "dsml/cell.py") == "rate = 0.5\nloss = rate * np.float64(2)\n"


def test_a_cell_and_the_same_with_block_have_one_digest(workdir):
    cell = run_cell("rate = 0.5\n", {})
    with dsml.track("with") as tracking:
        rate = 0.5
    assert mlflow.get_run(tracking.id).data.tags["dsml.cell_sha256"] == cell.data.tags["dsml.cell_sha256"]


def test_the_users_own_logging_lands_in_the_run(workdir):
    with dsml.track("own") as tracking:
        mlflow.log_metric("mine", 4.0)
    assert mlflow.get_run(tracking.id).data.metrics["mine"] == 4.0


def test_runs_can_be_nested(workdir):
    with dsml.track("outer") as outer, dsml.track("inner") as inner:
        pass
    assert mlflow.get_run(inner.id).data.tags["mlflow.parentRunId"] == outer.id


def test_secrets_do_not_reach_the_ledger(workdir):
    source = "api_key = 'hunter2'\nurl = 'postgresql://me:hunter3@db/x'\n"
    run = run_cell(source, {})
    assert run.data.params == {"api_key": "***", "url": "postgresql://***@db/x"}
    assert "hunter" not in artifact(run, "dsml/cell.py")


def test_secrets_of_the_repository_and_of_errors_do_not_reach_the_ledger(workdir, monkeypatch):
    monkeypatch.setenv("MY_TOKEN", "hunter2-of-env")
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@t"]
    subprocess.run(["git", "init", "-q"], check=True)
    for name in ("config.yaml", "tool.py"):
        (workdir / name).write_text("")
    subprocess.run(["git", "add", "."], check=True)
    subprocess.run([*git, "commit", "-q", "-m", "first"], check=True)
    (workdir / "config.yaml").write_text("db_password: hunter2-a\nAuthorization: Bearer hunter2-b\n")
    (workdir / "tool.py").write_text('token = "hunter2-c"\npassword = ask()\n')
    source = (
        "user, api_key = 'me', 'hunter2-d' + ''\n"
        "import os\nprint('sent', api_key, os.environ['MY_TOKEN'])\n"
        "raise ValueError('refused ' + api_key)\n"
    )
    with pytest.raises(ValueError, match="hunter2-d"):
        run_cell(source, {})
    dsml.sync()
    runs = mlflow.search_runs(output_format="list")
    assert "refused ***" in runs[0].data.tags["dsml.error"]
    assert "password = ask()" in artifact(runs[0], "dsml/diff.patch")
    assert "sent *** ***" in artifact(runs[0], "dsml/output.txt")
    kept = [
        path for path in workdir.rglob("*") if path.is_file() and path.name not in ("config.yaml", "tool.py")
    ]
    assert [path.name for path in kept if b"hunter2" in path.read_bytes()] == []


def test_a_table_that_cannot_be_read_is_said_and_harms_nothing(workdir):
    odd = pd.DataFrame(index=range(3))
    run = run_cell("n = odd.shape\n", {"odd": odd})
    (said,) = json.loads(artifact(run, "dsml/cell.json"))["not_recorded"]
    assert "odd" in said
    assert "columns" in said


def test_the_commit_is_recorded_in_a_repository(workdir):
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@t"]
    subprocess.run(["git", "init", "-q"], check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "first"], check=True)
    head = subprocess.run(
        ["git", "rev-parse", "HEAD"], check=True, capture_output=True, text=True
    ).stdout.strip()
    assert run_cell("a = 1\n", {}).data.tags["dsml.git_commit"] == head


def test_an_unreadable_ledger_costs_the_cell_nothing(workdir, capfd):
    (workdir / "mlflow.db").write_bytes(b"no database, certainly not one of the size that SQLite likes" * 50)
    with dsml.track("x") as tracking:
        rate = 0.5
    with pytest.raises(LedgerError, match=r"Expected an MLflow database.*Move that file away"):
        _ = tracking.id
    (workdir / "mlflow.db").unlink()
    assert dsml.sync().sent == 1
    assert mlflow.get_run(tracking.id).data.params == {"rate": "0.5"}


def test_a_server_that_is_away_is_told_and_nothing_is_lost(workdir, monkeypatch, capfd):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://me:hunter2@127.0.0.1:9")
    with dsml.track("x") as tracking:
        rate = 0.5
    with pytest.raises(LedgerError, match=r"Expected an MLflow server.*`dsml sync` sends them") as caught:
        _ = tracking.id
    (left,) = dsml.sync().left
    assert (left.name, left.reason.startswith("Expected an MLflow server")) == ("x", True)
    said = f"{caught.value}{left}{capfd.readouterr().err}"
    assert "hunter2" not in said
    stored = [path.read_text() for path in spool().folder.rglob("*.json")]
    assert stored
    assert not any("hunter2" in text for text in stored)


@pytest.mark.usefixtures("starts_with_libraries_are_cheap")
def test_a_script_is_tracked_by_the_shell(workdir):
    (workdir / "train.py").write_text("import sys\nalpha = 0.5\nloss = float(sys.argv[1])\n")
    words = [
        sys.executable,
        "-m",
        "dsml_magics.command.cli",
        "track",
        "job",
        "--experiment",
        "e",
        "--",
        "train.py",
        "0.25",
    ]
    subprocess.run(words, check=True, env=dict(os.environ))
    mlflow.set_tracking_uri(f"sqlite:///{workdir}/mlflow.db")
    (run,) = mlflow.search_runs(experiment_names=["e"], output_format="list")
    assert (run.data.params, metrics(run)) == ({"alpha": "0.5"}, {"loss": 0.25})


class Broken:
    """An object of the user that answers nothing."""

    def __getattr__(self, name):
        raise RuntimeError(name)

    def __repr__(self):
        raise RuntimeError("no words")


def test_a_broken_object_in_the_notebook_harms_no_run(workdir):
    run = run_cell("copy = broken\nloss = sum([0.25])\n", {"broken": Broken()})
    assert (run.info.status, metrics(run)) == ("FINISHED", {"loss": 0.25})


def test_more_values_than_mlflow_takes_at_once_are_all_recorded(workdir):
    source = "".join(f"p{n} = {n}\nm{n} = float('{n}.5')\n" for n in range(150))
    run = run_cell(source, {})
    assert (len(run.data.params), len(metrics(run))) == (150, 150)


def test_runs_in_threads_keep_apart(workdir):
    open_ledger()
    found = {}

    def work(number):
        with dsml.track(f"thread {number}") as tracking:
            half = float(np.mean([number / 2]))
        found[number] = (half, metrics(mlflow.get_run(tracking.id)))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: (number / 2, {"half": number / 2}) for number in range(3)}
