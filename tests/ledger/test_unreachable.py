"""A ledger that is away: told before MLflow, which takes seconds to load and tries for minutes, is even asked."""

import socket
import subprocess
import sys

import pytest
from servers import postgres

import dsml_magics as dsml
from dsml_magics.errors import LedgerError
from dsml_magics.ledger import place
from dsml_magics.ledger.place import check
from dsml_magics.ledger.store import open_ledger

pytestmark = pytest.mark.slow


@pytest.fixture
def dead_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        # Bound, but nobody listens.
        yield taken.getsockname()[1]


@pytest.mark.parametrize(
    ("uri", "message"),
    [
        ("http://user:secret@127.0.0.1:{port}", "Expected an MLflow server at .*refused"),
        (
            "postgresql://user:secret@127.0.0.1:{port}/runs",
            "Expected a database server for the ledger.*refused",
        ),
        (
            "mysql+pymysql://user:secret@127.0.0.1:{port}/runs",
            "Expected a database server for the ledger.*refused",
        ),
    ],
)
def test_a_server_that_is_not_there_is_told(dead_port, uri, message):
    with pytest.raises(LedgerError, match=message) as raised:
        open_ledger(uri.format(port=dead_port))
    assert "secret" not in str(raised.value)


def test_an_address_that_leads_nowhere_is_told(monkeypatch):
    """A connection that is never made: the limit is reached, whatever the network here does with such addresses."""
    monkeypatch.setattr(place, "_CONNECT_TIMEOUT_S", 0.05)
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        try:
            for each in waiting:
                each.setblocking(False)
                each.connect_ex(full.getsockname())
            with pytest.raises(LedgerError, match="timed out|no answer within"):
                check(f"http://127.0.0.1:{full.getsockname()[1]}")
        finally:
            for each in waiting:
                each.close()


def test_it_is_told_before_mlflow_is_loaded(dead_port, tmp_path):
    script = (
        "import sys\nfrom dsml_magics.errors import LedgerError\nfrom dsml_magics.ledger.store import open_ledger\n"
        "try: open_ledger()\nexcept LedgerError: print('mlflow' in sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={"MLFLOW_TRACKING_URI": f"http://127.0.0.1:{dead_port}", "PATH": "", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip() == "False"


def test_a_login_that_is_refused_is_told():
    with postgres() as uri:
        check(uri)
        with pytest.raises(LedgerError, match='database "absent" does not exist') as raised:
            check(f"{uri.rpartition('/')[0]}/absent")
        assert len(str(raised.value).splitlines()) == 1
        nobody = uri.replace("postgres@", "nobody:secret@")
        with pytest.raises(LedgerError, match='role "nobody" does not exist') as raised:
            check(nobody)
        assert "secret" not in str(raised.value)


def test_a_server_that_speaks_no_word_is_told(monkeypatch):
    monkeypatch.setattr(place, "_CONNECT_TIMEOUT_S", 0.3)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with pytest.raises(LedgerError, match="no answer within"):
            check(f"postgresql+psycopg2://user:secret@127.0.0.1:{silent.getsockname()[1]}/runs")


def test_a_driver_that_is_not_installed_is_told():
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with pytest.raises(LedgerError, match="Install that driver"):
            check(f"postgresql+pg8000://user:secret@127.0.0.1:{silent.getsockname()[1]}/runs")


def test_a_check_and_a_server_tell_it_before_they_start_a_process(dead_port, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{dead_port}")
    monkeypatch.setattr(subprocess, "Popen", None)
    for command in (dsml.check, dsml.serve):
        with pytest.raises(LedgerError, match="Expected an MLflow server"):
            command("income")


def test_a_database_by_a_socket_of_this_machine_is_left_to_its_driver():
    check("postgresql:///runs")
