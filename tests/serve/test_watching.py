"""Whatever goes wrong while an alias moves, in the end all processes serve what it names."""

import os
import re
import shutil
import signal

import pytest
from served import ROW, X, ask, ledger_of, model_of, records, serving, until

import dsml_magics as dsml

pytestmark = pytest.mark.slow


@pytest.fixture
def moving(tmp_path):
    """A folder with a ledger of our own, and two versions of ``moving`` of which the first is champion."""
    with ledger_of(tmp_path):
        paths = [dsml.deploy(model_of(rows), name="moving", data=X).path for rows in (100, 150)]
        yield tmp_path, paths


def versions(server):
    """Return which version each process says it serves, by its id."""
    found = re.findall(
        r'^dsml_worker_version\{pid="(\d+)",slot="main"\} ([\d.]+)$',
        ask(server, "/metrics")[2].decode(),
        re.MULTILINE,
    )
    return {int(pid): int(float(version)) for pid, version in found}


def agree(server, number, workers):
    return (
        server.version == number
        and len(set(server.pids)) == workers
        and versions(server) == dict.fromkeys(server.pids, number)
        and ask(server, "/health/ready")[2]
        == {"status": "ready", "ready": True, "name": "moving", "version": str(number)}
    )


def test_a_version_that_could_not_be_read_is_tried_again(moving, capfd):
    _, (_, second) = moving
    model = second / "model.pkl"
    with serving("moving@champion", workers=2) as server:
        until(lambda: agree(server, 1, 2))
        away = model.rename(model.with_suffix(".away"))
        dsml.promote("moving", 2)
        said = []
        until(lambda: said.append(capfd.readouterr().err) or "".join(said).count("swap refused") >= 2)
        assert (server.version, ask(server, "/invocations", records(ROW))[0]) == (1, 200)
        away.rename(model)
        until(lambda: agree(server, 2, 2))
    assert '"again_in_s": 2' in "".join(said)


def test_a_ledger_that_was_away_is_followed_again(moving, capfd):
    folder, _ = moving
    with serving("moving@champion") as server:
        ledger = folder / "mlflow.db"
        away, back = folder / "away.db", folder / "back.db"
        shutil.copy(ledger, back)
        ledger.rename(away)
        said = []
        until(lambda: said.append(capfd.readouterr().err) or "alias not followed" in "".join(said))
        assert ask(server, "/invocations", records(ROW))[0] == 200
        away.rename(ledger)
        dsml.promote("moving", 2)
        until(lambda: agree(server, 2, 1))
        until(lambda: said.append(capfd.readouterr().err) or "alias followed again" in "".join(said))
    assert "".join(said).count("alias not followed") == 1


def test_processes_that_are_killed_while_an_alias_moves_end_up_with_its_version(moving):
    with serving("moving@champion", workers=3) as server:
        for number in (2, 1):
            dsml.promote("moving", number)
            # In whatever step of the swap it is.
            for _ in range(2):
                before = server.pids[number]
                os.kill(before, signal.SIGKILL)
                until(lambda before=before: before not in server.pids)
            until(lambda number=number: agree(server, number, 3))
            for _ in range(20):
                assert ask(server, "/invocations", records(ROW))[0] == 200


def test_the_last_process_dies_with_its_version_and_the_next_one_is_served(moving):
    """What was served is gone and cannot be loaded again: that must not keep its successor away."""
    _, (first, _) = moving
    with serving("moving@champion") as server:
        until(lambda: agree(server, 1, 1))
        shutil.rmtree(first)
        os.kill(server.pids[0], signal.SIGKILL)
        dsml.promote("moving", 2)
        until(lambda: server.version == 2 and ask(server, "/health/ready")[0] == 200)


def test_a_killed_server_leaves_no_folder_behind_the_next_one(moving, tmp_path, monkeypatch):
    import subprocess
    import sys
    import tempfile
    import time

    here = tmp_path / "tmp"
    here.mkdir()
    monkeypatch.setenv("TMPDIR", str(here))
    monkeypatch.setattr(tempfile, "tempdir", None)
    words = [sys.executable, "-m", "dsml_magics.command.cli", "serve", "moving@1"]
    killed = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert killed.stdout.readline().startswith("moving@1 at")
    killed.kill()
    killed.communicate()
    (left,) = here.glob("dsml-serve-*")
    os.utime(left, (time.time() - 3600,) * 2)
    with serving("moving@1") as server:
        (mine,) = here.glob("dsml-serve-*")
        assert mine != left
        assert ask(server, "/ping")[0] == 200
    assert not list(here.glob("dsml-serve-*"))
