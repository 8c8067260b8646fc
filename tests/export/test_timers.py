"""The line of cron and the units of systemd are ones, and what they start does what the notebook does."""

import json
import shutil
import sqlite3
from contextlib import closing

import pytest

import dsml_magics as dsml
from tests.export.environments import run

pytestmark = pytest.mark.slow

systemd = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")


def line_of(folder):
    [line] = [line for line in (folder / "sides.cron").read_text().splitlines() if not line.startswith("#")]
    return line.split(" ", 5)


def test_the_command_of_the_cron_line_runs_the_job_wherever_it_is(sides, tmp_path):
    folder = tmp_path / "it's 100% $HOME"
    dsml.export(sides, engine="cron", to=folder, schedule="*/30 6 * * 1-5")
    *fields, command = line_of(folder)
    assert fields == ["*/30", "6", "*", "*", "1-5"]
    # A percent sign that is not escaped would end the command.
    assert command.count("%") == command.count("\\%") == 2
    run(["sh", "-c", command.replace("\\%", "%")], tmp_path)
    assert json.loads((folder / "report.json").read_text()) == [45 + 285, "a, b", None]
    assert len(list((folder / "state").iterdir())) == 1


def test_a_run_takes_parameters_and_every_run_its_own_state(exported):
    folder = exported("cron", schedule="0 6 * * *")
    (folder / "state" / "before").mkdir(parents=True)
    words = ["sh", folder / "run.sh", "--param", "rows=20", "--param", "label=x, y=1"]
    # As a scheduler starts it: its run reaches the ledger before it ends.
    run(words, folder.parent, DSML_SENDS="")
    with closing(sqlite3.connect(folder.parent / "ledger.db")) as ledger:
        assert ledger.execute("select count(*) from runs where status = 'FINISHED'").fetchone()[0] == 5
    assert json.loads((folder / "report.json").read_text()) == [190 + 2470, "x, y=1", None]
    assert len(list((folder / "state").iterdir())) == 2


@systemd
def test_systemd_takes_the_units(exported, tmp_path):
    folder = exported("systemd", schedule="0 6 1 * 1-5")
    done = run(
        ["systemd-analyze", "verify", "--man=no", folder / "sides.service", folder / "sides.timer"], tmp_path
    )
    assert "sides" not in done.stderr
    (folder / "sides.timer").write_text((folder / "sides.timer").read_text().replace("06:", "26:"))
    assert "sides" in run(["systemd-analyze", "verify", folder / "sides.timer"], tmp_path, check=False).stderr


def test_the_service_runs_the_job(exported):
    folder = exported("systemd", schedule="0 6 * * *")
    [start] = [
        line for line in (folder / "sides.service").read_text().splitlines() if line.startswith("ExecStart")
    ]
    assert start == f'ExecStart=/bin/sh "{folder}/run.sh"'
