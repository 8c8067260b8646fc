"""Kernels and servers that go away in the midst of a run: nothing is lost, nothing is there twice."""

import subprocess
import sys
import time
from dataclasses import replace

import mlflow
import pytest
from cells import runs

import dsml_magics as dsml
from dsml_magics.ledger.here import beginning_here
from dsml_magics.ledger.place import address
from dsml_magics.ledger.spool import spool
from dsml_magics.ledger.store import open_ledger

pytestmark = pytest.mark.slow


def test_what_a_killed_process_had_done_is_in_the_ledger(killed):
    found = {run.name: run.state for run in dsml.runs()}
    assert found == {"done": "finished", "long": "interrupted"}
    assert runs()["done"].data.params == {"rate": "0.5"}


def test_an_interrupted_run_can_be_dropped(killed):
    assert dsml.sync(drop=["all"]).dropped == 1
    assert spool().entries() == []
    assert list(runs()) == ["done"]


def test_the_shell_says_what_is_left(killed):
    done = subprocess.run(
        [sys.executable, "-m", "dsml_magics.command.cli", "sync"], capture_output=True, text=True, check=True
    )
    assert "nothing to send" in done.stdout
    assert "long: interrupted" in done.stdout


def test_a_killed_kernel_loses_nothing(own_process):
    manager, kernel = own_process
    kernel.run("%load_ext dsml_magics")
    assert (
        kernel.run(
            "%%dsml_track first\nrate = 0.5\nhits = [1, 1, 1, 0]\nscore = sum(hits) / len(hits)"
        ).status
        == "ok"
    )
    kernel.client.execute("%%dsml_track second\nalpha = 0.1\nimport time; time.sleep(60)")
    until = time.monotonic() + 60
    while time.monotonic() < until and "second" not in {entry.beginning.name for entry in spool().entries()}:
        time.sleep(0.1)
    manager.shutdown_kernel(now=True)
    dsml.sync()
    found = {run.name: run.state for run in dsml.runs()}
    assert found == {"first": "finished", "second": "interrupted"}
    assert runs()["first"].data.metrics["score"] == 0.75


@pytest.mark.usefixtures("starts_with_libraries_are_cheap")
def test_two_kernels_write_to_one_ledger(workdir):
    code = "import dsml_magics as dsml\nfor n in range(5):\n    with dsml.track(f'{NAME} {n}'):\n        value = n / 2\n"
    processes = [
        subprocess.Popen([sys.executable, "-c", f"NAME = {name!r}\n{code}"]) for name in ("one", "two")
    ]
    assert [process.wait(120) for process in processes] == [0, 0]
    dsml.sync()
    assert sorted(run.name for run in dsml.runs()) == sorted(
        f"{name} {n}" for name in ("one", "two") for n in range(5)
    )


def test_a_run_is_dropped_from_the_ledger_it_is_for(killed, monkeypatch):
    runs()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{killed}/other.db")
    mlflow.set_tracking_uri(None)
    assert dsml.sync(drop=["all"]).dropped == 1
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{killed}/mlflow.db")
    assert list(runs()) == ["done"]


def test_a_run_whose_process_went_away_before_it_was_tagged_is_interrupted(workdir):
    run = open_ledger(address()).client.create_run("0", run_name="early")
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    beginning = replace(beginning_here("early", address()), run=run.info.run_id, process=gone.pid)
    spool().begin(beginning, {})
    assert [(each.name, each.state) for each in dsml.runs()] == [("early", "interrupted")]
