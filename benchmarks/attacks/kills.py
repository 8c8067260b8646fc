"""Kills at any moment: of a tracked script, a job, a deploy. What was done is there, what was not is not there by halves."""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

Outcome = tuple[str, bool, str]
RANDOM = random.Random(0)
KILLS = 4
DSML = [sys.executable, "-m", "dsml_magics.command.cli"]
JOB = """# %% A
import time
a = list(range(1000))
time.sleep(0.3)
# %% B
b = sum(a)
time.sleep(0.3)
# %% C
with open("out.txt", "w") as file:
    file.write(str(b))
"""
TRACK = """
import time
import dsml_magics as dsml
with dsml.track("first"):
    rate = 0.5
with dsml.track("second"):
    alpha = 0.1
    time.sleep(3)
"""
DEPLOY = """
import pandas as pd
from sklearn.linear_model import LogisticRegression
import dsml_magics as dsml
frame = pd.DataFrame({"x": range(40), "z": [i % 7 for i in range(40)]})
model = LogisticRegression().fit(frame, [i > 20 for i in range(40)])
dsml.deploy(model, name="m", data=frame)
"""


def attack() -> Iterator[Outcome]:
    """Kill each of them at random moments, then do it again to the end."""
    for what, source, words, again, good in (
        ("a job", JOB, [*DSML, "run", "job.py"], [*DSML, "run", "job.py", "--resume"], _has_output),
        ("a tracked script", TRACK, [sys.executable, "job.py"], [sys.executable, "job.py"], _has_runs),
        ("a deploy", DEPLOY, [sys.executable, "job.py"], [sys.executable, "job.py"], _has_whole_packages),
    ):
        with tempfile.TemporaryDirectory(prefix="dsml-attack-", ignore_cleanup_errors=True) as folder:
            yield _killed(what, source, words, again, good, Path(folder))


def _killed(  # noqa: PLR0913, PLR0917  a row of the table above
    what: str, source: str, words: list[str], again: list[str], good: object, folder: Path
) -> Outcome:
    (folder / "job.py").write_text(source)
    env = {**os.environ, "DSML_HOME": str(folder / "home"), "OMP_NUM_THREADS": "1"}
    env.pop("MLFLOW_TRACKING_URI", None)
    begun = time.monotonic()
    subprocess.run(words, cwd=folder, env=env, capture_output=True, check=False)
    whole = time.monotonic() - begun
    for _ in range(KILLS):
        process = subprocess.Popen(
            words,
            cwd=folder,
            env=env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        time.sleep(RANDOM.uniform(0.1, 1.0) * whole)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    done = subprocess.run(again, cwd=folder, env=env, capture_output=True, check=False, text=True)
    if done.returncode:
        return what, False, f"{done.stderr.strip().splitlines()[-1:]}"
    subprocess.run([*DSML, "sync"], cwd=folder, env=env, capture_output=True, check=False)
    held, seen = good(folder, env)
    return f"{what}, killed {KILLS} times", held, seen


def _has_output(folder: Path, _env: object) -> tuple[bool, str]:
    text = (folder / "out.txt").read_text()
    return text == "499500", f"out.txt holds {text!r}"


def _has_runs(folder: Path, env: dict[str, str]) -> tuple[bool, str]:
    done = subprocess.run([*DSML, "runs"], cwd=folder, env=env, capture_output=True, check=False, text=True)
    first, second = done.stdout.count("first"), done.stdout.count("second")
    return done.returncode == 0 and first >= second > 0, f"{first} and {second} runs"


def _has_whole_packages(folder: Path, env: dict[str, str]) -> tuple[bool, str]:
    done = subprocess.run(
        [*DSML, "check", "m"], cwd=folder, env=env, capture_output=True, check=False, text=True
    )
    return done.returncode == 0, (done.stdout.strip().splitlines() or [""])[0][:80]
