"""A real PostgreSQL and a real MLflow server, started for the tests and ended with them."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port, process, seconds=300):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        assert process.poll() is None, "it ended before it answered"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(f"nothing answers on port {port}")


def _program(name):
    found = shutil.which(name) or next(
        map(str, sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))), None
    )
    assert found, f"the tests need PostgreSQL's {name}: apt-get install postgresql"
    return found


@contextmanager
def postgres():
    """Run PostgreSQL on a free port; give the URI of an empty database."""
    # Not below pytest's folder, which only its owner may enter.
    folder = Path(tempfile.mkdtemp(prefix="dsml-postgres-"))
    # It refuses to run as root; the package makes a user for it.
    other = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    if other:
        shutil.chown(folder, "postgres")
    data, port = folder / "data", free_port()
    initdb = [
        _program("initdb"),
        "-D",
        data,
        "-U",
        "postgres",
        "-A",
        "trust",
        "-N",
        "--locale=C",
        "-E",
        "UTF8",
    ]
    subprocess.run([*other, *initdb], check=True, capture_output=True, cwd=folder)
    options = [
        "-p",
        str(port),
        "-c",
        "listen_addresses=127.0.0.1",
        "-c",
        f"unix_socket_directories={folder}",
        "-F",
    ]
    server = subprocess.Popen(
        [*other, _program("postgres"), "-D", data, *options], stderr=subprocess.DEVNULL, cwd=folder
    )
    try:
        wait_for(port, server)
        yield f"postgresql+psycopg2://postgres@127.0.0.1:{port}/postgres"
    finally:
        stop = [*other, _program("pg_ctl"), "-D", data, "-m", "immediate", "stop"]
        subprocess.run(stop, check=False, capture_output=True, cwd=folder)
        server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


class Server:
    """An MLflow server that can be killed and started again."""

    def __init__(self, store, folder):
        self.store, self.folder, self.port = store, folder, free_port()
        self.uri = f"http://127.0.0.1:{self.port}"
        self.process = None

    def start(self, *options, **environment):
        words = [
            sys.executable,
            "-m",
            "mlflow",
            "server",
            "--backend-store-uri",
            self.store,
            "--workers",
            "1",
        ]
        words += [
            "--host",
            "127.0.0.1",
            "--port",
            str(self.port),
            "--artifacts-destination",
            str(self.folder),
            *options,
        ]
        inherited = {name: value for name, value in os.environ.items() if name != "MLFLOW_TRACKING_URI"}
        self.process = subprocess.Popen(
            words,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            # It would start several processes more, which import MLflow each and have nothing to do.
            env={**inherited, **environment, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"},
        )
        wait_for(self.port, self.process)

    def kill(self):
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(30)
            self.process = None
