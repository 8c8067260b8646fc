"""The attacks of `benchmarks/attack.py`, as many of them as take seconds; `serve/test_bombs.py` has those on a server."""

import importlib.util
import runpy

import pytest

import dsml_magics as dsml
from tests.conftest import ROOT

pytestmark = pytest.mark.slow


def load_attack(part):
    spec = importlib.util.spec_from_file_location(
        f"attack_{part}", ROOT / "benchmarks/attacks" / f"{part}.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def failed(outcomes, *, least):
    """What did not hold; that much was tried."""
    outcomes = list(outcomes)
    assert len(outcomes) >= least
    return [outcome for outcome in outcomes if not outcome[1]]


def test_hostile_tables_are_taken_or_refused():
    # With every allocation traced, these take longer than all others.
    assert failed(load_attack("tables").attack(left_out=["2,000 columns"]), least=38) == []


def test_hostile_notebooks_are_converted_or_refused():
    assert failed(load_attack("notebooks").attack(), least=29) == []


def test_altered_and_forged_packages_are_refused(workdir, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "")
    assert failed(load_attack("package").attack(bytes_per_file=5), least=40) == []


def test_no_secret_is_in_what_a_run_leaves_in_a_folder_with_an_odd_name(workdir, monkeypatch):
    attack = load_attack("ledger")
    folder = workdir / "c#p e?f 50% 한글"
    attack.write_scripts(folder)
    monkeypatch.setenv("DSML_HOME", str(folder / "home"))
    monkeypatch.chdir(folder)
    runpy.run_path("track.py", run_name="__main__")
    dsml.run("job.py")
    dsml.sync()
    assert attack.leaks(folder)[0], attack.leaks(folder)[1]
    assert {run.name for run in dsml.runs()} >= {"attack", "fails", "login", "work"}


def test_kills_at_any_moment_leave_nothing_by_halves():
    operations = ("promote", "publish to a folder", "publish to a ledger")
    assert failed(load_attack("kills").attack(operations, points=4), least=len(operations) + 1) == []
