"""Runs of the spool reach a real MLflow: in order, each once, whatever is away meanwhile."""

import sqlite3
import threading
import time
from pathlib import Path

import mlflow
import pytest
from servers import Server, postgres
from test_spool import RECORD, beginning

from dsml_magics.errors import LedgerError
from dsml_magics.ledger.outbox import Outbox
from dsml_magics.ledger.place import digest_of
from dsml_magics.ledger.sending import deliver
from dsml_magics.ledger.spool import spool
from dsml_magics.ledger.store import open_ledger

pytestmark = pytest.mark.slow


@pytest.fixture
def home(workdir, monkeypatch):
    monkeypatch.setenv("DSML_HOME", str(workdir / "home"))
    return workdir


@pytest.fixture(params=["sqlite", "server"])
def ledger(request, home):
    """A new ledger: a SQLite file, or a server over HTTP with PostgreSQL behind it."""
    if request.param == "sqlite":
        yield open_ledger(f"sqlite:///{home}/mlflow.db")
        return
    yield open_ledger(request.getfixturevalue("server").uri)


@pytest.fixture(scope="module")
def server(database, tmp_path_factory):
    made = Server(database, tmp_path_factory.mktemp("server"))
    made.start()
    yield made
    made.kill()


@pytest.fixture(scope="module")
def database():
    with postgres() as uri:
        yield uri


def put(uri, number, record=RECORD, **changed):
    """Put a run into the spool; `number` must be its own in a ledger."""
    key = f"{uri}{number}".encode().hex()[-32:].rjust(32, "0")
    made = beginning(number, id=key, ledger=digest_of(uri), place=uri, folder=str(Path.cwd()), **changed)
    entry = spool().begin(made, {"dsml/cell.py": "a = 1\n"})
    if record is not None:
        entry.end(record)
        entry.close()
    return entry


def runs(ledger, experiment):
    found = ledger.client.get_experiment_by_name(experiment)
    return ledger.client.search_runs([found.experiment_id], order_by=["start_time"])


def test_all_of_a_run_arrives(ledger):
    put(ledger.uri, 1, experiment="whole")
    assert deliver(ledger).sent == 1
    (run,) = runs(ledger, "whole")
    assert (run.info.run_name, run.info.status, run.info.start_time, run.info.end_time) == (
        "run 1",
        "FINISHED",
        1001,
        2000,
    )
    assert run.data.params == {"C": "0.5"}
    assert run.data.metrics["auc"] == 0.9
    history = ledger.client.get_metric_history(run.info.run_id, "loss")
    assert [(metric.step, metric.value) for metric in history] == [(0, 3.0), (1, 2.0)]
    assert run.data.tags["t"] == "나"
    assert [(each.dataset.name, each.dataset.digest) for each in run.inputs.dataset_inputs] == [
        ("df", "f" * 32)
    ]
    assert [file.path for file in ledger.client.list_artifacts(run.info.run_id, "dsml")] == ["dsml/cell.py"]
    assert spool().entries() == []


def test_what_is_sent_again_is_there_once(ledger):
    """A sender may be killed after each of its steps: the next one does them again."""
    entry = put(ledger.uri, 1, experiment="again")
    copies = {path: path.read_bytes() for path in entry.folder.rglob("*") if path.is_file()}
    deliver(ledger)
    for path, content in copies.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    entry.try_again()
    assert deliver(ledger).sent == 1
    (run,) = runs(ledger, "again")
    assert len(ledger.client.get_metric_history(run.info.run_id, "loss")) == 2
    assert len(run.inputs.dataset_inputs) == 1


def test_the_order_is_kept_and_a_nested_run_finds_the_one_above(ledger):
    above = put(ledger.uri, 1, experiment="order")
    put(ledger.uri, 3, experiment="order")
    put(ledger.uri, 2, experiment="order", parent=above.id)
    deliver(ledger)
    found = runs(ledger, "order")
    assert [run.info.run_name for run in found] == ["run 1", "run 2", "run 3"]
    assert found[1].data.tags["mlflow.parentRunId"] == found[0].info.run_id


def test_a_run_that_goes_on_is_shown_as_running(ledger):
    put(ledger.uri, 1, record=None, experiment="going")
    assert deliver(ledger).sent == 0
    (run,) = runs(ledger, "going")
    assert run.info.status == "RUNNING"


def test_a_parameter_that_a_continued_run_has_keeps_its_value(ledger):
    put(ledger.uri, 1, experiment="first")
    deliver(ledger)
    (run,) = runs(ledger, "first")
    put(
        ledger.uri,
        2,
        RECORD.__class__(parameters={"C": "2", "D": "1"}, ended=9),
        run=run.info.run_id,
        resumed=True,
    )
    deliver(ledger)
    (again,) = runs(ledger, "first")
    assert again.data.params == {"C": "0.5", "D": "1"}


def test_values_beyond_mlflows_limits_arrive_cut(ledger):
    record = RECORD.__class__(
        parameters={"p" * 300: "v" * 9000, "p" * 300 + "q": "w", "a(b)": "1", "a[b]": "2"},
        metrics={f"m{n}": float(n) for n in range(1100)},
        tags={"t": "x" * 9000},
        ended=5,
    )
    put(ledger.uri, 1, record, experiment="limits")
    assert deliver(ledger).refused == ()
    (run,) = runs(ledger, "limits")
    assert len(run.data.metrics) == 1100
    assert sorted(run.data.params.values())[:2] == ["1", "2"]
    assert len(run.data.params) == 4


def test_what_the_ledger_will_never_take_is_set_aside(ledger):
    put(ledger.uri, 1, run="0" * 32, resumed=True)
    put(ledger.uri, 2, experiment="after")
    found = deliver(ledger)
    assert found.sent == 1
    ((name, reason),) = found.refused
    assert name == "run 1"
    assert "0" * 32 in reason
    assert deliver(ledger).refused == ()


def test_two_senders_at_once_send_each_run_once(ledger):
    for number in range(12):
        put(ledger.uri, number, experiment="both")
    senders = [threading.Thread(target=deliver, args=(ledger,)) for _ in range(3)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert [run.info.run_name for run in runs(ledger, "both")] == [f"run {number}" for number in range(12)]


def test_a_server_that_dies_loses_nothing(home, database):
    server = Server(database, home / "artifacts")
    server.start()
    put(server.uri, 1, experiment="died")
    outbox = Outbox(server.uri, spool())
    assert outbox.run_of(spool().entries()[0].id, whole=True, patience=60)
    server.kill()
    put(server.uri, 2, experiment="died")
    with pytest.raises(LedgerError, match="Expected an MLflow server"):
        outbox.run_of(spool().entries()[0].id, whole=True, patience=30)
    assert len(spool().entries()) == 1
    server.start()
    deliver(open_ledger(server.uri))
    outbox.close()
    assert [run.info.run_name for run in runs(open_ledger(server.uri), "died")] == ["run 1", "run 2"]
    server.kill()


def test_the_sender_waits_for_a_locked_file(home):
    uri = f"sqlite:///{home}/mlflow.db"
    open_ledger(uri)
    locked = sqlite3.connect(home / "mlflow.db", isolation_level=None)
    locked.execute("BEGIN EXCLUSIVE")
    put(uri, 1, experiment="locked")
    outbox = Outbox(uri, spool())
    outbox.wake()
    time.sleep(8)
    assert len(spool().entries()) == 1
    locked.execute("ROLLBACK")
    locked.close()
    until = time.monotonic() + 60
    while spool().entries() and time.monotonic() < until:
        time.sleep(0.2)
    outbox.close()
    (run,) = runs(open_ledger(uri), "locked")
    assert run.data.params == {"C": "0.5"}


def test_the_sender_makes_a_new_ledger_by_itself(home):
    uri = f"sqlite:///{home}/mlflow.db"
    entry = put(uri, 1)
    outbox = Outbox(uri, spool())
    run_id = outbox.run_of(entry.id, whole=True, patience=90)
    outbox.close()
    mlflow.set_tracking_uri(uri)
    assert mlflow.get_run(run_id).data.metrics["auc"] == 0.9
