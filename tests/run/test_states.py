"""States of jobs: whose they are, where they are, and what happens where they cannot be written."""

import json
import subprocess
import time

import pytest

import dsml_magics as dsml
from dsml_magics.errors import MissingPackage, NotebookError, StateUnusable, StepFailed, UsageError
from tests.run.conftest import fates, shell, started

pytestmark = pytest.mark.slow


def test_a_state_of_another_script_is_refused(job):
    dsml.run("job.py", state="s")
    (job / "other.py").write_text("# %% A\nx = 1")
    with pytest.raises(StateUnusable, match="Expected the state of other.py, but .* is that of job.py"):
        dsml.run("other.py", state="s")
    (job / "s/job.json").write_text("{")
    with pytest.raises(StateUnusable, match=r"job.json is damaged"):
        dsml.run("job.py", state="s")
    (job / "s/job.json").write_text(json.dumps({"format": 99, "script": "job.py"}))
    with pytest.raises(StateUnusable, match="later release"):
        dsml.run("job.py", state="s")


def test_two_jobs_cannot_work_on_one_state(job):
    (job / "job.py").write_text("# %% A\nx = 1\n# %% B\nimport time\nopen('on', 'w').close()\ntime.sleep(60)")
    process = started("run", "job.py", folder=job, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 60
        while not (job / "on").exists() and time.monotonic() < until:
            time.sleep(0.02)
        with pytest.raises(StateUnusable, match="another job works on"):
            dsml.run("job.py", resume=True)
        with pytest.raises(StateUnusable, match="another job works on"):
            dsml.run("job.py", only=["b"])
        assert fates(dsml.run("job.py", resume=True, dry_run=True))["a"] == "kept"
    finally:
        process.terminate()
        process.wait(60)


def test_a_place_that_cannot_be_written_is_told(job):
    (job / "file").write_text("")
    with pytest.raises(StateUnusable, match="Expected a folder for the state"):
        dsml.run("job.py", state="file/s")
    with pytest.raises((StateUnusable, MissingPackage), match="nosuch"):
        dsml.run("job.py", state="nosuch://bucket/s")


@pytest.mark.whole
def test_a_full_disk_is_told_and_what_was_kept_stays(job):
    (job / "job.py").write_text(
        "# %% A\nimport numpy as np\nx = 1\n# %% B\nbig = np.random.default_rng(0).normal(size=4_000_000)\n# %% C\ny = x"
    )
    # No file may be larger than 8 MB here, as on a disk that is full.
    import resource

    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (8 << 20, 8 << 20))  # noqa: E731
    done = shell("run", "job.py", folder=job, check=False, preexec_fn=limit)
    assert done.returncode == 2
    assert "What step 'b' left cannot be kept" in done.stderr and "--resume goes on" in done.stderr
    assert fates(dsml.run("job.py", resume=True)) == {"a": "kept", "b": "done", "c": "done"}


def test_a_state_may_lie_behind_a_url(job, tmp_path_factory):
    place = tmp_path_factory.mktemp("bucket")
    dsml.run("job.py", state=f"file://{place}/jobs/one")
    assert fates(dsml.run("job.py", resume=True, state=f"file://{place}/jobs/one")) == dict.fromkeys(
        ["settings", "data", "left", "right", "report"], "kept"
    )
    found = dsml.run("job.py", only=["left"], state=f"file://{place}/jobs/one")
    assert fates(found)["left"] == "done" and list((place / "jobs/one/steps").glob("*.json"))


def test_nothing_to_run_is_told(workdir):
    (workdir / "empty.py").write_text("")
    with pytest.raises(UsageError, match=r"Expected a script with steps, got empty.py"):
        dsml.run("empty.py")
    with pytest.raises(NotebookError):
        dsml.run("gone.py")
    with pytest.raises(NotebookError):
        dsml.run("gone.ipynb")


def test_secrets_of_the_process_are_in_no_state_and_no_ledger(job, monkeypatch):
    monkeypatch.setenv("MY_TOKEN", "sesame-4711")
    dsml.run("job.py")
    dsml.jobs()
    for path in job.rglob("*"):
        assert not path.is_file() or b"sesame-4711" not in path.read_bytes()
    assert (job / ".dsml/job").stat().st_mode & 0o077 == 0


SECRETIVE = """# %% Login
import os
api_key = "sesame-4711-key"
os.environ["MY_TOKEN"] = "sesame-" + str(4000 + 711)
os.environ["DEPTH"] = "3"
print("logged in with", api_key, os.environ["MY_TOKEN"])
# %% Work
depth = int(os.environ["DEPTH"])
# %% Use
used = len(os.environ["MY_TOKEN"]) * depth
# %% Fail
import warnings
warnings.warn("token " + os.environ["MY_TOKEN"])
if not os.path.exists("go"):
    raise ValueError("refused " + os.environ["MY_TOKEN"])
"""


def test_secrets_a_script_sets_or_prints_are_in_no_state_log_or_ledger(job):
    (job / "job.py").write_text(SECRETIVE)
    with pytest.raises(StepFailed, match=r"ValueError: refused \*\*\*"):
        dsml.run("job.py")
    dsml.jobs()
    found = [
        path.name
        for path in job.rglob("*")
        if path.is_file() and b"sesame-4711" in path.read_bytes().replace(b"sesame-4711-key", b"")
    ]
    assert found == []
    assert "logged in with *** ***" in next((job / ".dsml").rglob("*-login.out")).read_text()
    # The key is a variable of the script, and so in its source and its state; nothing else says it.
    texts = [path for path in job.rglob("*") if path.suffix in (".out", ".err", ".json", ".db", ".txt")]
    assert not any(b"sesame-4711-key" in path.read_bytes() for path in texts)


def test_a_step_that_sets_a_secret_runs_again_where_a_later_one_runs(job):
    (job / "job.py").write_text(SECRETIVE)
    with pytest.raises(StepFailed):
        dsml.run("job.py")
    (job / "go").touch()
    resumed = dsml.run("job.py", resume=True)
    assert resumed.state == "finished"
    assert fates(resumed)["work"] == "kept"
    # Nothing runs, so nothing needs it.
    assert set(fates(dsml.run("job.py", resume=True)).values()) == {"kept"}
