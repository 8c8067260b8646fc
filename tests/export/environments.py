"""The real engines, each in an environment of its own: their needs conflict with ours and with each other's."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from filelock import FileLock

from dsml_magics.ledger.outbox import SENDS
from dsml_magics.ledger.place import digest_of

ROOT = Path(__file__).parents[2]
PINS = Path(__file__).with_name("engines.txt")
ENVIRONMENTS = ROOT / ".venv" / "engines"
_PYTHON = sys.executable
"""Not what may stand in for it in a test."""


def python_of(name):
    """Give the Python that has an engine, installed anew where its versions have changed."""
    wanted, versions = pins_of(name)
    folder = ENVIRONMENTS / name
    folder.parent.mkdir(parents=True, exist_ok=True)
    said = "\n".join([sys.version, *wanted, *versions])
    with FileLock(folder.with_suffix(".lock")):
        made = folder / "made"
        if not made.exists() or made.read_text() != said:
            shutil.rmtree(folder, ignore_errors=True)
            install(folder, wanted, versions)
            made.write_text(said)
    return folder / "bin" / "python"


def pins_of(name):
    """Read what is installed for an engine, and the versions of all of it."""
    sections = PINS.read_text().split("\n[")[1:]
    heads = dict(section.split("]", 1) for section in sections)
    first, *versions = heads[name].split("\n")
    return first.split(), list(filter(None, versions))


def install(folder, wanted, versions):
    subprocess.run([_PYTHON, "-m", "venv", "--without-pip", folder], check=True)
    constraints = folder / "constraints.txt"
    constraints.write_text("\n".join(versions))
    pip = [_PYTHON, "-m", "pip", "--python", folder / "bin" / "python", "install", "--quiet"]
    options = ["--disable-pip-version-check", "--no-compile", "-c", constraints]
    done = subprocess.run([*pip, *options, *wanted], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr


def run(words, folder, check=True, text=None, **variables):
    """Run a program where `dsml` is on the path, and return what became of it."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    ledger = f"sqlite:///{folder}/ledger.db"
    # Each step would load MLflow to send its run, at which these tests do not look.
    environment |= {"MLFLOW_TRACKING_URI": ledger, SENDS: digest_of(ledger), **variables}
    words = list(map(str, words))
    done = subprocess.run(
        words, cwd=folder, env=environment, input=text, capture_output=True, text=True, timeout=300
    )
    assert not check or done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done
