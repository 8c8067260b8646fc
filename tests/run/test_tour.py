"""The tour as a job: killed in each of its steps and resumed, it ends as it does in one go."""

import shutil
import signal

import pytest

import dsml_magics as dsml
from dsml_magics.pipeline.reading import read_pipeline
from tests.run.conftest import ROOT, shell

pytestmark = pytest.mark.slow

KILL = """
if os.path.exists("kill-{name}"):
    os.remove("kill-{name}")
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(60)
"""


@pytest.mark.usefixtures("starts_with_libraries_are_cheap")
def test_the_tour_is_killed_in_each_step_and_ends_the_same(workdir):
    shutil.copy(ROOT / "notebooks/tour.ipynb", workdir)
    pipeline = read_pipeline("tour.ipynb")
    text, steps = (
        pipeline.to_script(),
        [step for step in pipeline.steps if step.cells and step.cells[0].source],
    )
    for step in steps:
        mark = f"# %% {step.title}\n"
        text = text.replace(mark, f"{mark}import os, signal, time\n{KILL.format(name=step.name)}", 1)
    (workdir / "tour.py").write_text(text)
    shell("run", "tour.py", "--state", "whole", folder=workdir)
    whole = (workdir / "sexed.csv").read_bytes()
    for name in ("sexed.csv", "mlflow.db"):
        (workdir / name).unlink()
    for step in steps:
        (workdir / f"kill-{step.name}").touch()
    for step in steps:
        dead = shell("run", "tour.py", "--resume", folder=workdir, check=False)
        assert dead.returncode == -signal.SIGKILL, dead.stderr
        assert not (workdir / f"kill-{step.name}").exists()
    done = shell("run", "tour.py", "--resume", folder=workdir)
    assert done.stdout.count(": kept") == len(steps) - 1, done.stdout
    assert (workdir / "sexed.csv").read_bytes() == whole
    assert [version.aliases for version in dsml.models("penguin_sex")] == [("champion",)]
    assert [job.state for job in dsml.jobs()] == ["finished", *["interrupted"] * len(steps)]
