"""Versions come and go under load, without a failed request."""

import json
import os
import signal
import socket
import time

import pytest
from served import ROW, Load, X, ask, figure, ledger_of, model_of, records, serving, until

import dsml_magics as dsml
from dsml_magics.serve.settings import Settings

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("workers", [1, 2])
def test_a_promotion_is_followed_under_load_without_a_failed_request(ledger, workers):
    expected = {number: tuple(ledger.models[number].predict(X[:20]).tolist()) for number in (1, 2)}
    assert expected[1] != expected[2]
    with serving(workers=workers) as server, Load(server, X[:20]) as load:
        for number in (2, 1):
            dsml.promote("income", number)
            until(lambda number=number: server.version == number)
            # All processes serve it by now.
            assert {ask(server, "/health/ready")[2]["version"] for _ in range(20)} == {str(number)}
            time.sleep(0.5)
        dsml.rollback("income")
        until(lambda: server.version == 2)
        time.sleep(0.5)
    assert not load.failures
    assert set(load.statuses) == {200}
    assert len(load.statuses) > 100
    assert load.answers == set(expected.values())


def test_a_version_that_cannot_be_loaded_is_not_swapped_in(ledger, capfd):
    dsml.deploy(model_of(100), name="broken", data=X)
    second = dsml.deploy(model_of(150), name="broken", data=X).path / "model.pkl"
    with serving("broken@champion") as server:
        assert server.version == 1
        second.write_bytes(second.read_bytes()[:-10])
        dsml.promote("broken", 2)
        until(lambda: "swap refused" in capfd.readouterr().err)
        assert (server.version, ask(server, "/invocations", records(ROW))[0]) == (1, 200)


def test_policies_warn_and_clip(ledger):
    with serving("income@3") as server:
        status, headers, _ = ask(server, "/invocations", records({**ROW, "job": "spy", "age": 500}))
        assert status == 200
        assert headers.get_all("x-dsml-warning") == [
            "1 beyond the range in age",
            "1 unknown categories in job",
        ]
        assert figure(server, "dsml_violations_total", 'column="job",refused="false"') == 1
        far, near = ({**ROW, "hours": hours} for hours in (1e9, server.contract["hours"].max))
        assert ask(server, "/invocations", records(far))[2] == ask(server, "/invocations", records(near))[2]


def test_a_process_that_dies_is_replaced(ledger):
    with serving("income@1", workers=2) as server:
        victim, other = server.pids
        ended = server._pool._processes[0]._child
        os.kill(victim, signal.SIGKILL)
        until(lambda: victim not in server.pids)
        assert other in server.pids
        assert ended.stdin.closed and ended.stdout.closed
        for _ in range(20):
            assert ask(server, "/invocations", records(ROW))[0] == 200


def test_a_process_that_replaces_another_takes_no_requests_before_it_can_answer(ledger):
    with serving("income@1") as server:
        (stopped,) = server.pids
        os.kill(stopped, signal.SIGSTOP)
        try:
            # Nobody takes this request but the one that is made.
            with socket.create_connection(
                ("127.0.0.1", int(server.url.rsplit(":", 1)[1])), timeout=60
            ) as client:
                client.sendall(b"GET /ping HTTP/1.1\r\nHost: localhost\r\n\r\n")
                made = server._pool._ready_process(server._pool.places)
                assert client.recv(1000).startswith(b"HTTP/1.1 200")
            made.end()
            made.wait(60)
        finally:
            os.kill(stopped, signal.SIGCONT)


def test_a_process_whose_server_is_gone_while_it_loads_a_version_ends(tmp_path):
    """It cannot say what it did any more."""
    import subprocess
    import sys

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        number = listening.fileno()
        process = subprocess.Popen(
            [sys.executable, "-c", "from dsml_magics.serve.worker import main; main()", str(number)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=(number,),
            env={**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)},
        )
        process.stdout.close()
        place = {"folder": str(tmp_path), "name": "gone", "number": 1, "sealed": ""}
        orders = [Settings("gone").to_json(), json.dumps({"do": "load", "slot": "main", "place": place})]
        process.stdin.write("".join(f"{order}\n" for order in orders).encode())
        process.stdin.flush()
        try:
            # Its input stays open: what ends it is that nobody hears it.
            assert process.wait(120) == 0
        finally:
            process.kill()
            process.stdin.close()


def test_all_processes_end_with_the_one_that_started_them(made, tmp_path):
    import subprocess
    import sys

    import psutil

    script = (
        "import os, dsml_magics as dsml\ns = dsml.serve('income@1')\nprint(*s.pids, flush=True)\n"
        "import time; time.sleep(600)\n"
    )
    with ledger_of(made.folder):
        process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
        (pid,) = map(int, process.stdout.readline().split())
        process.kill()
        process.wait()
        process.stdout.close()
        until(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == "zombie", 20)


def test_the_shell_serves_until_it_is_told_to_end(made):
    import subprocess
    import sys

    with ledger_of(made.folder):
        words = [
            sys.executable,
            "-m",
            "dsml_magics.command.cli",
            "serve",
            "income@champion",
            "--workers",
            "1",
        ]
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = process.stdout.readline()
        assert line.startswith("income@1 at http://127.0.0.1:")
        url = line.split()[2]

        class Server:
            pass

        Server.url = url
        assert ask(Server, "/invocations", records(ROW), headers={"X-Request-Id": "mine"})[0] == 200
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=60)
    (said,) = [json.loads(each) for each in err.splitlines() if '"mine"' in each]
    assert (said["route"], said["status"], said["version"], said["rows"]) == ("/invocations", 200, "1", 1)
    assert "clerk" not in err


def test_a_server_that_is_told_to_end_while_it_starts_leaves_nothing(made, tmp_path):
    import subprocess
    import sys

    words = [sys.executable, "-m", "dsml_magics.command.cli", "serve", "income@1"]
    with ledger_of(made.folder):
        process = subprocess.Popen(words, stdout=subprocess.PIPE, env={**os.environ, "TMPDIR": str(tmp_path)})
        until(lambda: list(tmp_path.glob("dsml-serve-*")))
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert not said
    assert not list(tmp_path.glob("dsml-*"))
