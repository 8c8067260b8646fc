"""Scripts run as jobs, in folders of their own."""

import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from nbformat import v4

import dsml_magics as dsml
from dsml_magics.ledger.outbox import SENDS
from dsml_magics.ledger.place import address, digest_of
from dsml_magics.pipeline.proof.bootstrap import COMMAND
from dsml_magics.pipeline.proof.comparing import differences_of
from dsml_magics.pipeline.reading import pipeline_of
from dsml_magics.run.doing import Doing
from tests.pipeline.conftest import _cell

ROOT = Path(__file__).parents[2]

DIAMOND = """# %% Settings
depth = 3  # how deep
share = 0.5

if __name__ == "__main__":
    import argparse

    parser = argparse.ArgumentParser()
    parser.add_argument("--params", dest="--params")
    parser.add_argument("--depth", type=int, default=depth)
    parser.add_argument("--share", type=float, default=share)
    given = parser.parse_args()
    if getattr(given, "--params"):
        import yaml

        parser.set_defaults(**yaml.safe_load(open(getattr(given, "--params"))))
        given = parser.parse_args()
    depth, share = given.depth, given.share

# %% Data
import pandas as pd

df = pd.read_csv("data.csv")

# %% Left
total = df.x.sum() * depth

# %% Right
mean = df.x.mean() * share

# %% Report
with open("report.txt", "w") as file:
    file.write(f"{total} {mean}")
print("the report is written")
"""


@pytest.fixture(autouse=True)
def _is_cheap(request, workdir, monkeypatch):
    """Leave runs in the spool, and have workers start by the stand-in: most tests look at neither.

    Tests that are marked ``whole`` have both as users have them.
    """
    if request.node.get_closest_marker("whole") is None:
        request.getfixturevalue("starts_are_cheap")
        monkeypatch.setenv(SENDS, digest_of(address()))


@pytest.fixture
def job(workdir):
    """A folder with data and the script `job.py`: a diamond of steps."""
    (workdir / "data.csv").write_text("x\n1\n2\n3\n")
    (workdir / "job.py").write_text(DIAMOND)
    return workdir


def started(*words, folder, env=None, **more):
    """Start ``dsml`` as a shell does, in a folder."""
    own = {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore", "PYTHONHASHSEED": "0", **(env or {})}
    return subprocess.Popen(
        [sys.executable, "-m", "dsml_magics.command.cli", *map(str, words)],
        cwd=folder,
        env={**os.environ, **own},
        **more,
    )


def shell(*words, folder, check=True, **more):
    """Call ``dsml`` as a shell does, in a folder."""
    with started(
        *words, folder=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more
    ) as process:
        try:
            out, err = process.communicate(timeout=600)
        finally:
            process.kill()
    assert not check or process.returncode == 0, out + err
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def fates(job):
    return {step.name: step.fate for step in job.steps}


class Forgetful(Doing):
    """Loses its process after each step, once: what is not kept is not there for the next."""

    def run(self, need, state, why, hand):
        is_first = need.name not in self.steps
        super().run(need, state, why, hand)
        if is_first and need.name != "witness":
            hand.drop()


def in_steps(cells, name="trap"):
    """Convert cells to a script in which each is a step."""
    parts = [part for at, cell in enumerate(cells) for part in ({"md": f"## S{at}"}, cell)]
    return pipeline_of(v4.new_notebook(cells=[_cell(part) for part in parts]), name)


def witness(dump, root, left):
    """Write a step that describes all names there are."""
    return (
        "\n\n# %% Witness\n"
        "from dsml_magics.pipeline.proof.witness import write as __write__\n"
        f"__write__({str(dump)!r}, {str(root)!r}, globals(), {sorted(left)!r})\n"
    )


def plainly(source, left, folder):
    """Run a script by Python alone and describe what its names end as."""
    folder.mkdir(exist_ok=True)
    (folder / "trap.py").write_text(source, encoding="utf-8")
    dump = folder.parent / f"{folder.name}.pickle"
    command = [sys.executable, "-c", COMMAND, dump, folder, ",".join(sorted(left)), folder / "trap.py"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0"}
    subprocess.run(
        list(map(str, command)), cwd=folder, env=environment, check=True, capture_output=True, timeout=120
    )
    return pickle.loads(dump.read_bytes())["names"]


def differing(first, second):
    return {str(each) for each in differences_of(first, second)}


def ran(job):
    """Return the steps that ran, or would run, and why."""
    return {step.name: step.why for step in job.steps if step.fate in ("done", "runs")}


@pytest.fixture
def done(job):
    """A folder in which the job `job.py` has run."""
    dsml.run("job.py")
    return job


def again(**options):
    """Resume the job; return the steps that ran, and why."""
    return ran(dsml.run("job.py", resume=True, **options))
