"""What a killed deploy leaves is removed by the next one."""

import os
import subprocess
import sys
import tempfile
import time

import pytest

from dsml_magics.deploy.proving import prover
from dsml_magics.deploy.recipe import _building

WAITING = """
import sys
from dsml_magics.deploy.proving import prover
from dsml_magics.deploy.recipe import _building
with prover(), _building():
    print("ready", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


def kinds(folder):
    return sorted(path.name.rpartition("-")[0] for path in folder.glob("dsml-*"))


def test_folders_of_a_killed_deploy_are_swept_and_those_of_a_running_one_kept(temporary):
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    killed, running = (subprocess.Popen([sys.executable, "-c", WAITING], **pipes) for _ in range(2))
    try:
        assert killed.stdout.readline() == running.stdout.readline() == "ready\n"
        assert kinds(temporary) == ["dsml-package", "dsml-package", "dsml-proof", "dsml-proof"]
        killed.kill()
        killed.communicate()
        for folder in temporary.glob("dsml-*"):
            os.utime(folder, (time.time() - 3600,) * 2)
        with prover(), _building():
            pass
        assert kinds(temporary) == ["dsml-package", "dsml-proof"]
    finally:
        running.communicate("")
    assert kinds(temporary) == []
