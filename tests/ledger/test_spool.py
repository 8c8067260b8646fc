"""Runs on their way to the ledger: they outlive whoever began them."""

import os
import socket
import subprocess
import sys

import psutil
import pytest

from dsml_magics.ledger.record import Beginning, RunRecord, TableRead
from dsml_magics.ledger.spool import Spool, is_alive


def beginning(number=0, **changed):
    values = {
        "id": f"{number:032x}",
        "name": f"run {number}",
        "ledger": "a",
        "place": "sqlite:///x",
        "folder": "/",
        "started": 1000 + number,
        "process": os.getpid(),
        "process_started": psutil.Process().create_time(),
        "host": socket.gethostname(),
        "user": "me",
    }
    return Beginning(**{**values, **changed})


@pytest.fixture
def kept(tmp_path):
    return Spool(tmp_path / "spool")


RECORD = RunRecord(
    parameters={"C": "0.5"},
    metrics={"auc": 0.9, "nan": float("inf")},
    series={"loss": (3.0, 2.0)},
    tags={"t": "나"},
    tables=(TableRead("df", "f" * 32, 3, {"a": "int64"}, None, "dsml/profiles/df.profile"),),
    ended=2000,
)


def test_a_run_comes_back_as_it_was_written(kept):
    entry = kept.begin(beginning(), {"dsml/cell.py": "a = 1\n"})
    entry.end(RECORD)
    entry.put("dsml/figures/1.png", b"\x89PNG")
    (found,) = kept.entries()
    assert (found.beginning, found.record) == (beginning(), RECORD)
    assert (found.artifacts / "dsml/cell.py").read_text() == "a = 1\n"
    assert (found.artifacts / "dsml/figures/1.png").read_bytes() == b"\x89PNG"


def test_runs_are_listed_in_the_order_in_which_they_began(kept):
    for number in (3, 1, 2):
        kept.begin(beginning(number), {})
    kept.begin(beginning(4, ledger="b"), {})
    assert [entry.beginning.name for entry in kept.entries("a")] == ["run 1", "run 2", "run 3"]
    assert len(kept.entries()) == 4


def test_a_run_is_whole_once_it_is_closed(kept):
    entry = kept.begin(beginning(), {})
    assert not entry.is_whole
    entry.end(RECORD)
    assert not entry.is_whole
    entry.close(tags={"more": "1"})
    assert entry.is_whole
    assert entry.record.tags == {"more": "1"}


def test_a_run_whose_process_is_gone_is_as_whole_as_it_gets(kept):
    gone = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True
    )
    dead = beginning(process=int(gone.stdout))
    entry = kept.begin(dead, {})
    assert (entry.is_interrupted, entry.is_whole) == (True, False)
    entry.end(RECORD)
    assert (entry.is_interrupted, entry.is_whole) == (False, True)


def test_another_process_of_the_same_number_is_another(kept):
    assert is_alive(beginning())
    assert not is_alive(beginning(process_started=1.0))
    assert is_alive(beginning(process_started=1.0, host="elsewhere"))


def test_what_is_sent_leaves_its_mark(kept):
    entry = kept.begin(beginning(), {})
    entry.sent_to("abc")
    entry.remove()
    assert kept.entries() == []
    assert (kept.run_of(entry.id), kept.is_sent(entry.id)) == ("abc", True)


def test_nobody_else_can_read_what_is_kept(kept):
    entry = kept.begin(beginning(), {})
    assert entry.folder.stat().st_mode & 0o077 == 0


def test_a_damaged_run_does_not_hide_the_others(kept):
    kept.begin(beginning(1), {})
    broken = kept.begin(beginning(2), {})
    (broken.folder / "begun.json").write_text("{")
    assert [entry.beginning.name for entry in kept.entries()] == ["run 1"]


def test_a_run_that_another_process_removes_meanwhile_is_neither_whole_nor_interrupted(kept):
    entry = kept.begin(beginning(process=2**22 + 1), {})
    assert entry.is_interrupted
    entry.end(RECORD)
    assert entry.is_whole
    # As removing a folder does it: one file after the other.
    (entry.folder / "begun.json").unlink()
    assert not entry.is_whole
    (entry.folder / "record.json").unlink()
    assert not entry.is_interrupted


def test_no_secret_reaches_a_record(kept):
    entry = kept.begin(beginning(tags={"url": "https://me:hunter2@h"}), {"a.txt": "token=hunter2"})
    table = TableRead("t", "f", 1, {}, source="s3://k:hunter2@bucket/a.csv")
    entry.end(RunRecord(parameters={"api_key": "hunter2", "note": "hunter2!"}, tables=(table,)), ["hunter2"])
    entry.close(tags={"dsml.error": "Authorization: Bearer hunter2"})
    entry.put("b.json", '{"password": "hunter2"}')
    texts = [path.read_text() for path in entry.folder.rglob("*") if path.is_file()]
    assert not any("hunter2" in text for text in texts)
    assert entry.record.parameters == {"api_key": "***", "note": "***!"}
