"""What no job needs is removed, and nothing else."""

import os
import time

import pytest
from filelock import FileLock

import dsml_magics as dsml
from dsml_magics.errors import StateUnusable, UsageError
from dsml_magics.ledger.spool import spool
from dsml_magics.run import shelf
from tests.run.conftest import fates, shell

pytestmark = pytest.mark.slow


@pytest.fixture
def done(job):
    """A job that ran, with data no step left, and logs of twelve earlier runs."""
    dsml.run("job.py")
    (job / ".dsml/job/blobs/00").mkdir(exist_ok=True)
    (job / ".dsml/job/blobs/00/00ff").write_bytes(b"x" * 5000)
    for at in range(12):
        folder = job / f".dsml/job/logs/2020{at:04}-000000-aaaaaaaa"
        folder.mkdir()
        (folder / "01-a.out").write_text("a" * 100)
    return job


def whats(pruned):
    return sorted({each.what for each in pruned.removals})


def test_data_and_old_logs_go_and_the_job_goes_on_as_before(done):
    dry = dsml.jobs(prune=True, dry_run=True)
    assert dry.bytes >= 5300 and (done / ".dsml/job/blobs/00/00ff").exists()
    assert str(dry).startswith("Would remove 5.3 kB in 4 files and folders.")
    pruned = dsml.jobs(prune=True)
    assert pruned.removals == dry.removals and whats(pruned) == ["a log", "data that no step left"]
    assert str(pruned).startswith("Removed 5.3 kB")
    assert len(list((done / ".dsml/job/logs").iterdir())) == 10
    assert dsml.jobs(prune=True).bytes == 0
    assert set(fates(dsml.run("job.py", resume=True)).values()) == {"kept"}


def test_how_many_logs_stay_and_how_old_they_may_be_is_said(done):
    dsml.jobs(prune=True, keep=1)
    assert len(list((done / ".dsml/job/logs").iterdir())) == 1
    dsml.jobs(prune=True, keep=0)
    assert not list((done / ".dsml/job/logs").iterdir())


def test_a_state_that_nobody_used_for_long_goes_wholly(done):
    (done / "other.py").write_text("# %% A\nx = 1")
    dsml.run("other.py")
    old = time.time() - 40 * 86_400
    for path in (done / ".dsml/job", *(done / ".dsml/job").rglob("*")):
        os.utime(path, (old, old))
    assert whats(dsml.jobs(prune=True, older="50d")) == ["a log", "data that no step left"]
    for path in (done / ".dsml/job", *(done / ".dsml/job").rglob("*")):
        os.utime(path, (old, old))
    dsml.jobs(prune=True, older="30d")
    assert not (done / ".dsml/job").exists() and (done / ".dsml/other").exists()


def test_a_state_that_a_job_works_on_is_left_alone(done):
    with FileLock(done / ".dsml/job/locks/step-left.lock"):
        pruned = dsml.jobs(prune=True)
    assert pruned.removals == () and pruned.in_use == (".dsml/job",)
    assert "left alone, a job works on it: .dsml/job" in str(pruned)
    assert (done / ".dsml/job/blobs/00/00ff").exists()


def test_no_job_begins_while_its_state_is_pruned(done, monkeypatch):
    monkeypatch.setattr(shelf, "_PRUNING_S", 0.1)
    with FileLock(done / ".dsml/job/locks/pruning.lock"), pytest.raises(StateUnusable, match="another job"):
        dsml.run("job.py", only=["left"])
    assert fates(dsml.run("job.py", only=["left"]))["left"] == "done"


def test_a_step_whose_data_are_gone_is_forgotten(done):
    for path in (done / ".dsml/job/blobs").rglob("*"):
        if path.is_file():
            path.unlink()
    pruned = dsml.jobs(prune=True, keep=99)
    assert whats(pruned) == ["a step whose data are gone"]
    assert set(fates(dsml.run("job.py", resume=True)).values()) == {"done"}


def test_marks_of_runs_that_were_sent_go_after_a_day(done):
    marks = spool().folder / "sent"
    marks.mkdir(parents=True, exist_ok=True)
    (marks / "old").write_text("1")
    os.utime(marks / "old", (1, 1))
    (marks / "new").write_text("1")
    dsml.jobs(prune=True)
    assert not (marks / "old").exists() and (marks / "new").exists()


def test_the_shell_says_what_was_removed(done):
    told = shell("jobs", "--prune", "--keep", "3", "--dry-run", folder=done).stdout
    assert "Would remove" in told and "a log" in told


@pytest.mark.parametrize("options", [{"keep": -1}, {"older": "soon"}, {"older": "30"}])
def test_what_cannot_be_meant_is_told(done, options):
    with pytest.raises(UsageError, match="Expected --"):
        dsml.jobs(prune=True, **options)


def test_options_of_pruning_alone_are_refused(workdir):
    with pytest.raises(UsageError, match="Expected --prune"):
        dsml.jobs(keep=3)
