"""What of the spool a sender brings into a ledger, and what it leaves."""

import os
import sqlite3
import threading
from pathlib import Path

import pytest
from filelock import Timeout
from test_spool import RECORD, beginning

from dsml_magics.errors import LedgerError
from dsml_magics.ledger.place import digest_of
from dsml_magics.ledger.record import RunRecord
from dsml_magics.ledger.sending import Delivery, _is_being_completed, alone, deliver, wait_for_own
from dsml_magics.ledger.spool import Spool, spool
from dsml_magics.ledger.store import open_ledger

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    return open_ledger(f"sqlite:///{tmp_path_factory.mktemp('ledger')}/mlflow.db")


@pytest.fixture
def experiment(request, ledger, tmp_path, monkeypatch):
    """An experiment of the test's own, and a spool."""
    monkeypatch.setenv("DSML_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return request.node.name


def put(ledger, experiment, number, record=RECORD, /, *, artifacts=(), whole=True, **changed):
    known = {"ledger": digest_of(ledger.uri), "place": ledger.uri, "experiment": experiment}
    known["id"] = f"{experiment}{number}".encode().hex()[-32:]
    made = beginning(number, **known | changed)
    entry = spool().begin(made, dict(artifacts))
    if record is not None:
        entry.end(record)
        if whole:
            entry.close()
    return entry


def runs(ledger, experiment):
    found = ledger.client.get_experiment_by_name(experiment)
    return ledger.client.search_runs([found.experiment_id], order_by=["start_time"]) if found else []


def text_of(ledger, run, path):
    return Path(ledger.client.download_artifacts(run.info.run_id, path)).read_text()


def test_nothing_is_sent_where_nothing_waits(ledger, experiment):
    assert deliver(ledger) == Delivery(sent=0, refused=())
    put(ledger, experiment, 1, ledger="another")
    # Nor is another sender waited for.
    with alone(spool(), digest_of(ledger.uri)):
        assert deliver(ledger) == Delivery(0, ())
    assert len(spool().entries()) == 1


def test_the_runs_of_any_spool_are_sent(ledger, experiment, tmp_path):
    put(ledger, experiment, 1)
    other = Spool(tmp_path / "other")
    assert deliver(ledger, other).sent == 0
    spool().folder.replace(other.folder)
    assert deliver(ledger, other).sent == 1
    assert len(runs(ledger, experiment)) == 1


def test_runs_that_are_over_are_counted_and_removed(ledger, experiment):
    failed = RunRecord(metrics={"auc": 0.5}, status="FAILED", ended=7000)
    done, lost = put(ledger, experiment, 1), put(ledger, experiment, 2, failed)
    put(ledger, experiment, 3, None)
    assert deliver(ledger) == Delivery(sent=2)
    first, second, third = runs(ledger, experiment)
    assert [(run.info.status, run.info.end_time) for run in (first, second, third)] == [
        ("FINISHED", 2000),
        ("FAILED", 7000),
        ("RUNNING", None),
    ]
    assert spool().is_sent(done.id)
    assert spool().is_sent(lost.id)
    assert spool().run_of(done.id) == first.info.run_id
    assert [entry.run_id for entry in spool().entries()] == [third.info.run_id]


def test_a_run_that_was_begun_is_not_made_twice(ledger, experiment):
    entry = put(ledger, experiment, 1, None)
    deliver(ledger)
    entry.end(RECORD)
    entry.close()
    assert deliver(ledger).sent == 1
    (run,) = runs(ledger, experiment)
    assert run.info.status == "FINISHED"


def test_a_run_that_a_killed_sender_made_is_found_again(ledger, experiment):
    entry = put(ledger, experiment, 1, None)
    deliver(ledger)
    # It was killed before it could note the id.
    (entry.folder / "run.json").unlink()
    deliver(ledger)
    assert len(runs(ledger, experiment)) == 1


def test_runs_are_nested_in_those_above(ledger, experiment):
    above = put(ledger, experiment, 1)
    put(ledger, experiment, 2, parent=above.id)
    # A run that MLflow began by itself learns where it belongs only when it ended.
    made = ledger.client.create_run(ledger.experiment_id(experiment), 1003)
    put(ledger, experiment, 3, parent=above.id, run=made.info.run_id, resumed=True)
    assert deliver(ledger).sent == 3
    first, *nested = runs(ledger, experiment)
    assert "mlflow.parentRunId" not in first.data.tags
    assert {run.data.tags["mlflow.parentRunId"] for run in nested} == {first.info.run_id}
    assert {run.data.tags["t"] for run in nested} == {"나"}
    # Nobody else could send meanwhile.
    assert Path(alone(spool(), digest_of(ledger.uri)).lock_file).exists()
    put(ledger, experiment, 4, None, parent=above.id)
    deliver(ledger)
    assert runs(ledger, experiment)[-1].data.tags["mlflow.parentRunId"] == first.info.run_id


def test_parameters_that_a_continued_run_had_already_are_listed(ledger, experiment):
    made = ledger.client.create_run(ledger.experiment_id(experiment), 1001)
    for name in ("C", "D", "E"):
        ledger.client.log_param(made.info.run_id, name, "1")
    record = RunRecord(parameters={"C": "2", "D": "3", "E": "1", "F": "4"}, ended=5)
    put(ledger, experiment, 1, record, run=made.info.run_id, resumed=True)
    assert deliver(ledger).sent == 1
    (run,) = runs(ledger, experiment)
    assert run.data.params == {"C": "1", "D": "1", "E": "1", "F": "4"}
    heading, *names = text_of(ledger, run, "dsml/not_changed.txt").splitlines()
    assert heading == "These parameters had other values already:"
    assert sorted(names) == ["C", "D"]


def test_files_arrive_where_there_are_any(ledger, experiment):
    put(ledger, experiment, 1)
    put(ledger, experiment, 2, artifacts={"dsml/cell.py": "a = 1\n", "b.txt": "2"})
    assert deliver(ledger).sent == 2
    first, second = runs(ledger, experiment)
    assert ledger.client.list_artifacts(first.info.run_id) == []
    assert text_of(ledger, second, "dsml/cell.py") == "a = 1\n"
    assert text_of(ledger, second, "b.txt") == "2"


def test_what_earlier_runs_have_as_metrics_stays_a_metric(ledger, experiment):
    put(ledger, experiment, 1, RunRecord(metrics={"depth": 3.0}, ended=1))
    put(ledger, experiment, 2, RunRecord(parameters={"depth": "4"}, ended=2))
    deliver(ledger)
    assert [run.data.metrics for run in runs(ledger, experiment)] == [{"depth": 3.0}, {"depth": 4.0}]


def test_what_the_ledger_cannot_take_is_set_aside_until_it_is_to_be_tried_again(ledger, experiment):
    entry = put(ledger, experiment, 1, run="0" * 32, resumed=True)
    put(ledger, experiment, 2)
    found = deliver(ledger)
    assert found.sent == 1
    ((name, reason),) = found.refused
    assert name == "run 1"
    assert "0" * 32 in reason
    assert entry.refused == reason
    assert deliver(ledger) == Delivery()
    entry.retry()
    assert deliver(ledger).refused == ((name, reason),)


def test_what_a_broken_ledger_did_not_take_stays(tmp_path, experiment):
    broken = open_ledger(f"sqlite:///{tmp_path}/broken.db")
    with sqlite3.connect(tmp_path / "broken.db") as database:
        database.execute("DROP TABLE params")
    entry = put(broken, experiment, 1)
    with pytest.raises(LedgerError, match="could not be used"):
        deliver(broken)
    assert [each.id for each in spool().entries()] == [entry.id]
    assert entry.refused is None


def test_what_the_machine_cannot_read_stays(ledger, experiment):
    entry = put(ledger, experiment, 1, whole=False)
    entry.artifacts.mkdir()
    (entry.artifacts / "a.txt").symlink_to("nowhere")
    entry.close()
    with pytest.raises(LedgerError, match="could not be used"):
        deliver(ledger)
    assert entry.refused is None


@pytest.mark.parametrize(
    "left", ["", "{", "null", "{}", '{"series": 1}', '{"series": {}, "tables": [], "new": 1}']
)
def test_a_damaged_record_keeps_no_other_run_from_being_sent(ledger, experiment, left):
    damaged = put(ledger, experiment, 1)
    (damaged.folder / "record.json").write_text(left)
    put(ledger, experiment, 2)
    assert deliver(ledger).sent == 2
    first, second = runs(ledger, experiment)
    assert (first.info.status, second.info.status) == ("KILLED", "FINISHED")
    assert first.data.tags["dsml.error"] == "its record is damaged"


def test_a_run_that_is_continued_is_continued_though_what_names_it_is_damaged(ledger, experiment):
    made = ledger.client.create_run(ledger.experiment_id(experiment), 1001)
    entry = put(ledger, experiment, 1, run=made.info.run_id, resumed=True)
    (entry.folder / "run.json").write_text("{")
    assert deliver(ledger).sent == 1
    (run,) = runs(ledger, experiment)
    assert run.info.status == "FINISHED"


def test_a_run_that_is_removed_or_damaged_meanwhile_is_not_waited_for(tmp_path):
    entry = Spool(tmp_path).begin(beginning(), {})
    assert not _is_being_completed(entry)
    entry.end(RECORD)
    assert _is_being_completed(entry)
    (entry.folder / "begun.json").write_text("{")
    assert not _is_being_completed(entry)
    entry.remove()
    assert not _is_being_completed(entry)


def test_one_sender_at_a_time_sends_to_a_ledger(experiment, tmp_path):
    waiting = Spool(tmp_path)
    with alone(waiting, "a"):
        with pytest.raises(Timeout):
            alone(waiting, "a").acquire(timeout=0)
        with alone(waiting, "b"):
            pass
    with alone(waiting, "a"):
        pass
    # Nobody waits for ever for one that hangs.
    assert 0 < alone(waiting, "a").timeout < 600


def test_a_run_that_this_process_is_completing_is_waited_for(ledger, experiment):
    entry = put(ledger, experiment, 1, whole=False)
    done = threading.Timer(0.3, entry.close, kwargs={"tags": {"late": "1"}})
    done.start()
    assert deliver(ledger).sent == 1
    done.join()
    (run,) = runs(ledger, experiment)
    assert run.data.tags["late"] == "1"


def test_runs_of_others_and_runs_that_go_on_are_not_waited_for(ledger, experiment):
    elsewhere = {"host": "elsewhere", "process": os.getpid() + 1}
    put(ledger, experiment, 1, whole=False, **elsewhere)
    put(ledger, experiment, 2, None)
    put(ledger, experiment, 3, ledger="another", whole=False)
    wait_for_own(spool(), digest_of(ledger.uri))
    assert deliver(ledger).sent == 0
    assert [run.info.status for run in runs(ledger, experiment)] == ["RUNNING", "RUNNING"]
