"""A process that was killed in the midst of a run."""

import subprocess
import sys
import time

import pytest

from dsml_magics.ledger.spool import spool

SCRIPT = """
import time
from dataclasses import replace
import dsml_magics as dsml
with dsml.track("done"):
    rate = 0.5
with dsml.track("long"):
    alpha = 0.1
    print("begun", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def killed(workdir):
    """A process that was killed while it ran a tracked block."""
    (workdir / "train.py").write_text(SCRIPT)
    process = subprocess.Popen([sys.executable, "train.py"], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "begun\n"
    process.kill()
    process.wait()
    process.stdout.close()
    until = time.monotonic() + 90
    while time.monotonic() < until and len(spool().entries()) != 1:
        time.sleep(0.2)
    return workdir
