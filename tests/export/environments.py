"""The real engines, each in an environment of its own: their needs conflict with ours and with each other's.

    python tests/export/environments.py

Makes those that are missing, or whose versions have changed; so do the tests that need one.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from filelock import FileLock

from dsml_magics.ledger.outbox import SENDS
from dsml_magics.ledger.place import digest_of

ROOT = Path(__file__).parents[2]
PINS = Path(__file__).with_name("engines.txt")
ENVIRONMENTS = ROOT / ".venv" / "engines"
_PYTHON = sys.executable
"""Not what may stand in for it in a test."""
_BESIDE = ("kserve",)
"""They find our packages too, behind their own: only what they need otherwise is installed."""


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
            install(folder, wanted, versions, is_beside=name in _BESIDE)
            made.write_text(said)
    return folder / "bin" / "python"


def pins_of(name):
    """Read what is installed for an engine, and the versions of all of it."""
    first, *versions = _sections()[name].split("\n")
    return first.split(), list(filter(None, versions))


def _sections():
    return dict(section.split("]", 1) for section in PINS.read_text().split("\n[")[1:])


def install(folder, wanted, versions, *, is_beside=False):
    subprocess.run([_PYTHON, "-m", "venv", "--without-pip", folder], check=True)
    if is_beside:
        (site,) = folder.glob("lib/python*/site-packages")
        (site / "beside.pth").write_text(sysconfig.get_path("purelib"))
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


if __name__ == "__main__":
    for each in _sections():
        python_of(each)
