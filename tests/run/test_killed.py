"""A job that is killed at any moment goes on as if nothing had been."""

import random
import signal
import subprocess
import time

import psutil
import pytest

import dsml_magics as dsml
from tests.run.conftest import fates, shell, started

pytestmark = pytest.mark.slow

STEPS = ["settings", "data", "left", "right", "report"]
KILLED = """
if os.path.exists("kill-{step}"):
    os.remove("kill-{step}")
    os.kill(os.getppid() if {parent} else os.getpid(), signal.SIGKILL)
    time.sleep(60)
"""


def with_kills(text, *, parent):
    """Have each step kill a process in its middle, if a file says so."""
    for step in STEPS:
        title = f"# %% {step.capitalize()}\n"
        text = text.replace(
            title, title + "import os, signal, time\n" + KILLED.format(step=step, parent=parent)
        )
    return text


@pytest.mark.parametrize(
    "step", [pytest.param(step, marks=[pytest.mark.whole] * (step == "left")) for step in STEPS]
)
@pytest.mark.parametrize("parent", [True, False], ids=["the job", "its process"])
def test_a_job_killed_in_a_step_goes_on_there(job, step, parent):
    (job / "job.py").write_text(with_kills((job / "job.py").read_text(), parent=parent))
    (job / f"kill-{step}").touch()
    dead = shell("run", "job.py", folder=job, check=False)
    assert dead.returncode == (-signal.SIGKILL if parent else 1)
    found = dsml.run("job.py", resume=True)
    at = STEPS.index(step)
    assert [fates(found)[name] for name in STEPS] == ["kept"] * at + ["done"] * (len(STEPS) - at)
    assert (job / "report.txt").read_text() == "18 1.0"


def test_a_killed_job_leaves_no_process(job):
    (job / "job.py").write_text(
        "# %% A\nimport os, time\nopen('pid', 'w').write(str(os.getpid()))\ntime.sleep(120)"
    )
    process = started("run", "job.py", folder=job, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    pid = _waited(job / "pid")
    process.kill()
    process.wait()
    until = time.monotonic() + 20
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie" and time.monotonic() < until:
        time.sleep(0.05)
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == "zombie"


def test_a_job_that_is_asked_to_stop_says_so(job):
    (job / "job.py").write_text(
        "# %% A\nx = 1\n# %% B\nimport os, time\nopen('pid', 'w').write(str(os.getpid()))\ntime.sleep(120)"
    )
    process = started("run", "job.py", folder=job, stderr=subprocess.PIPE, text=True)
    _waited(job / "pid")
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 2 and "Stopped. Steps that are done are kept" in said
    assert dsml.jobs()[0].state == "killed"
    assert fates(dsml.run("job.py", resume=True, dry_run=True)) == {"a": "kept", "b": "runs"}


def _waited(path):
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if path.exists() and path.read_text():
            return int(path.read_text())
        time.sleep(0.02)
    raise AssertionError(path)


def test_kills_at_any_moment_leave_a_state_to_go_on_from(job):
    """The whole group dies at random moments; the job that is resumed at last ends as one without a kill."""
    (job / "job.py").write_text(
        "# %% A\nimport numpy as np, time\nrng = np.random.default_rng(1)\na = rng.normal(size=200_000)\ntime.sleep(0.1)\n"
        "# %% B\nb = a[::2]\nb += rng.normal(size=len(b))\ntime.sleep(0.1)\n"
        "# %% C\nc = a.sum(), rng.random()\nnames = {str(n): n for n in range(50_000)}\ntime.sleep(0.1)\n"
        "# %% D\nopen('out.txt', 'w').write(repr((c, b.sum(), len(names))))"
    )
    dsml.run("job.py", state="whole")
    whole = (job / "out.txt").read_text()
    (job / "out.txt").unlink()
    chance = random.Random(5)
    for _ in range(6):
        process = started(
            "run", "job.py", "--resume", folder=job, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(chance.uniform(0.5, 2.5))
        for each in [*psutil.Process(process.pid).children(recursive=True), process]:
            try:
                each.kill()
            except psutil.NoSuchProcess:
                continue
        process.wait()
    dsml.run("job.py", resume=True)
    assert (job / "out.txt").read_text() == whole
