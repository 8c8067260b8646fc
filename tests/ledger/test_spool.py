"""Runs on their way to the ledger: they outlive whoever began them."""

import os
import socket
import subprocess
import sys
import time

import psutil
import pytest

from dsml_magics.ledger.record import Beginning, RunRecord, TableRead
from dsml_magics.ledger.spool import Spool, is_alive, spool


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


def test_what_is_not_known_of_a_run_yet_is_none(kept):
    entry = kept.begin(beginning(), {})
    assert (entry.record, entry.run_id, entry.refused, entry.id) == (None, None, None, beginning().id)
    assert kept.begin(beginning(1, run="abc"), {}).run_id == "abc"


def test_a_run_may_be_closed_without_anything_more(kept):
    entry = kept.begin(beginning(), {})
    entry.end(RECORD)
    entry.close()
    assert (entry.is_whole, entry.record) == (True, RECORD)
    # One that was removed meanwhile has no record to be completed.
    other = kept.begin(beginning(1), {})
    other.close(tags={"more": "1"})
    assert other.record is None


def test_a_refused_run_may_be_tried_again(kept):
    entry = kept.begin(beginning(), {})
    entry.retry()
    entry.refuse("no such experiment")
    assert entry.refused == "no such experiment"
    entry.retry()
    assert entry.refused is None


def test_whether_a_run_was_tried_before_is_known(kept):
    entry = kept.begin(beginning(), {})
    assert [entry.try_again() for _ in range(3)] == [False, True, True]


def test_texts_are_written_whatever_they_hold_and_files_with_their_folders(kept):
    entry = kept.begin(beginning(), {"cell.py": "token = first\n", "cell.txt": "token = hunter2abc\n"})
    entry.put("deep/er/note.txt", "half \ud83d of a pair, 나", ["of a"])
    entry.put("deep/bytes", b"\xff of a")
    found = {
        path.relative_to(entry.artifacts).as_posix(): path.read_bytes()
        for path in entry.artifacts.rglob("*")
        if path.is_file()
    }
    assert found == {
        "cell.py": b"token = first\n",
        "cell.txt": b"token = ***\n",
        "deep/er/note.txt": "half \\ud83d *** pair, 나".encode(),
        "deep/bytes": b"\xff of a",
    }


def test_a_file_that_could_not_be_written_leaves_nothing(kept):
    entry = kept.begin(beginning(), {"a/b.txt": "1"})
    with pytest.raises(OSError):
        entry.put("a", b"2")
    assert [path.name for path in entry.artifacts.iterdir()] == ["a"]
    entry.remove()
    with pytest.raises(FileNotFoundError) as raised:
        entry.sent_to("abc")
    # What is left of it to remove is no error of its own.
    assert raised.value.__context__ is None


def test_what_is_removed_leaves_nothing_but_the_id_of_a_run_that_was_sent(kept):
    sent, unsent = kept.begin(beginning(1), {"a.txt": "1"}), kept.begin(beginning(2), {})
    sent.sent_to("abc")
    for entry in (sent, unsent, sent):
        entry.remove()
    assert sorted(path.relative_to(kept.folder).as_posix() for path in kept.folder.rglob("*")) == [
        "sent",
        f"sent/{sent.id}",
    ]
    assert (kept.run_of(unsent.id), kept.is_sent(unsent.id)) == (None, False)
    another = kept.begin(beginning(3), {})
    another.sent_to("def")
    assert (kept.run_of(another.id), kept.is_sent(another.id)) == ("def", False)
    another.remove()
    assert (kept.run_of(sent.id), kept.run_of(another.id)) == ("abc", "def")


def test_a_run_that_is_being_made_or_removed_is_not_listed(kept):
    for number in range(4):
        folder = kept.begin(beginning(number), {}).folder
        if number in (0, 3):
            folder.rename(folder.with_name(f".{folder.name}-gone"))
    assert [entry.beginning.name for entry in kept.entries()] == ["run 1", "run 2"]
    assert Spool(kept.folder / "none").entries() == []


@pytest.mark.parametrize("content", ["{", "[]", '{"id": "a"}', '{"no such": 1}'])
def test_whatever_a_run_is_damaged_by_it_does_not_hide_the_others(kept, content):
    for number in range(3):
        kept.begin(beginning(number), {})
    damaged = kept.folder / beginning(1).id / "begun.json"
    damaged.write_text(content)
    assert [entry.beginning.name for entry in kept.entries("a")] == ["run 0", "run 2"]
    damaged.unlink()
    damaged.mkdir()
    assert [entry.beginning.name for entry in kept.entries("a")] == ["run 0", "run 2"]


@pytest.mark.parametrize("content", ["", "\0\0", '{"parameters": '])
def test_what_was_lost_of_a_run_is_told_in_its_record_and_other_notes_are_made_again(kept, content):
    entry = kept.begin(beginning(), {})
    for path in ("record.json", "run.json", "refused.json"):
        (entry.folder / path).write_text(content)
    os.utime(entry.folder / "record.json", (7, 7))
    lost = RunRecord(tags={"dsml.error": "its record is damaged"}, status="KILLED", ended=7000)
    assert (entry.record, entry.run_id, entry.refused) == (lost, None, None)
    entry.close()
    assert entry.is_whole


def test_runs_that_began_in_one_millisecond_are_in_the_order_in_which_they_were_written(kept):
    for number, at in ((3, 30), (1, 10), (2, 20), (4, 30)):
        entry = kept.begin(beginning(number, started=1), {})
        os.utime(entry.folder / "begun.json", ns=(at, at))
    kept.begin(beginning(0, started=0), {})
    *names, one, other = [entry.beginning.name for entry in kept.entries()]
    assert (names, {one, other}) == (["run 0", "run 1", "run 2"], {"run 3", "run 4"})


def test_marks_of_runs_are_kept_for_a_day(kept):
    now = time.time()
    for number, age in ((1, 86_400 + 600), (2, 86_400 - 600), (3, 0)):
        entry = kept.begin(beginning(number), {})
        entry.sent_to("abc")
        entry.remove()
        os.utime(kept.folder / "sent" / entry.id, (now - age, now - age))
    # Another process may remove a mark meanwhile.
    (kept.folder / "sent" / "gone").symlink_to("nowhere")
    kept.prune()
    assert [kept.is_sent(beginning(number).id) for number in (1, 2, 3)] == [False, True, True]
    Spool(kept.folder / "none").prune()


@pytest.mark.parametrize(
    ("seconds", "alive"), [(0.5, True), (-0.5, True), (1.0, False), (1.5, False), (-1.5, False)]
)
def test_clocks_may_differ_by_less_than_a_second(seconds, alive):
    began = psutil.Process().create_time()
    assert is_alive(beginning(process_started=began + seconds)) == alive


def test_the_spool_is_below_the_users_home(tmp_path, monkeypatch):
    monkeypatch.setenv("DSML_HOME", str(tmp_path / "home"))
    entry = spool().begin(beginning(tags={"a": "나"}), {})
    assert entry.folder == tmp_path / "home" / "spool" / beginning().id
    assert entry.beginning.tags == {"a": "나"}
    assert (tmp_path / "home" / "spool").stat().st_mode & 0o777 == 0o700
    assert entry.folder.stat().st_mode & 0o777 == 0o700
