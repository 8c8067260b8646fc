"""Temporary folders: gone with their owner, however it ended, and never before."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from dsml_magics.process.work_folder import WorkFolder, sweep

OWNER = """
from dsml_magics.process.work_folder import WorkFolder
folder = WorkFolder("test")
(folder.path / "file").write_text("x")
print(folder.path, flush=True)
input()
"""


@pytest.fixture(autouse=True)
def own_temporary_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    yield
    tempfile.tempdir = None


def owner():
    process = subprocess.Popen(
        [sys.executable, "-c", OWNER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    return process, Path(process.stdout.readline().strip())


def age(folder):
    past = time.time() - 3600
    os.utime(folder, (past, past))


def test_the_folder_of_a_killed_owner_is_swept_and_that_of_a_living_one_is_not():
    (killed, left), (living, kept) = owner(), owner()
    killed.kill()
    killed.communicate()
    young = kept.with_name("dsml-test-young")
    young.mkdir()
    (young / "owner.lock").touch()
    for folder in (left, kept):
        age(folder)
    with WorkFolder("test") as mine:
        age(mine)
        assert sweep("test") == []
        assert sorted(mine.parent.iterdir()) == sorted([mine, kept, young])
    living.communicate("\n")
    assert not mine.exists()


def test_other_folders_are_left_alone(tmp_path):
    for name in ("dsml-test", "dsml-tests-x", "dsml-other-x", "dsml-test-unlocked"):
        (tmp_path / name).mkdir()
    (tmp_path / "dsml-other-x" / "owner.lock").touch()
    target = tmp_path / "target"
    target.mkdir()
    (target / "owner.lock").touch()
    (tmp_path / "dsml-test-link").symlink_to(target)
    before = sorted(tmp_path.iterdir())
    for folder in before:
        age(folder)
    assert sweep("test") == []
    assert sorted(tmp_path.iterdir()) == before
