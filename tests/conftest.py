"""What the tests of all rooms share: a folder of their own, a shell, a kernel, and every kind of table."""

import datetime as dt
import json
import os
import queue
import re
import signal
import sqlite3
import sys
import tempfile
import threading
from contextlib import chdir, closing
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pyarrow as pa
import pytest
from no_skips import pytest_runtest_makereport
from warm_python import WarmPython

__all__ = ["pytest_runtest_makereport"]

# A spin barrier per tree costs more than the trees; set before anything loads OpenMP.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# What Spark runs is short: code that is compiled for the long run, and collectors in threads, cost a third of it.
os.environ.setdefault("SPARK_SUBMIT_OPTS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
os.environ.setdefault("SPARK_LAUNCHER_OPTS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
# A shell that starts the tests in the background has them, and all that they start, ignore interrupts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
# Nothing of the tests is kept among the user's own runs.
os.environ["DSML_HOME"] = tempfile.mkdtemp(prefix="dsml-home-")

ROOT = Path(__file__).parents[1]
# What every ledger begins with is made once for all tests.
os.environ.setdefault("DSML_CACHE", str(ROOT / ".pytest_cache" / "dsml"))
SHARED = ROOT.parent / "shared" / "data"


@pytest.fixture(scope="session", autouse=True)
def _template():
    """Let the template of provers, senders and resolvers load what tests of models need: once, not in each of them.

    It is started by the first test that needs it.
    """
    from dsml_magics.ledger.lean_mlflow import libraries_of
    from dsml_magics.process import child

    modules = ["mlflow.sklearn", "dsml_magics.package.lean_skops", *libraries_of("sqlite:///")]
    find = child._template

    def find_warm(loaded):
        is_new = (os.getpid(), loaded) not in child._templates
        template = find(loaded)
        if is_new and loaded == child.PROVING:
            template.load(modules)
        return template

    child._template = find_warm


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Give all tests of an engine to one process of ``pytest -n``, as each would start it anew; other files as usual."""
    from engines import engine_of
    from xdist.scheduler import LoadFileScheduling

    class Scheduling(LoadFileScheduling):
        def _split_scope(self, nodeid):
            return engine_of(nodeid) or super()._split_scope(nodeid)

    return Scheduling(config, log) if config.getoption("dist") == "loadfile" else None


@pytest.fixture
def workdir(tmp_path, tmp_path_factory, monkeypatch):
    """An empty working directory, where the default ledger is made too."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setenv("DSML_HOME", str(tmp_path_factory.mktemp("home")))
    monkeypatch.chdir(tmp_path)
    _forget_ledger()
    _remember_revision()
    yield tmp_path
    _end_senders()
    _forget_ledger()


@pytest.fixture(scope="session")
def _ledgers():
    return {}


@pytest.fixture
def ledger_after(workdir, tmp_path_factory, _ledgers):
    """A function that puts the ledger which another function leaves into the test's folder; it is called but once.

    The packages stay where they were made: the ledger tells their whole paths. Not for tests that alter them.
    """

    def put(make):
        key = f"{make.__module__}.{make.__qualname__}"
        if key not in _ledgers:
            folder = tmp_path_factory.mktemp("ledger")
            with chdir(folder):
                make()
                _end_senders()
                _forget_ledger()
            _ledgers[key] = folder / "mlflow.db"
        with closing(sqlite3.connect(_ledgers[key])) as made, closing(sqlite3.connect("mlflow.db")) as copy:
            made.backup(copy)

    return put


def _end_senders():
    """Let what a test has tracked be written, before its folders go."""
    for thread in [each for each in threading.enumerate() if each.name.startswith("dsml-track")]:
        thread.join(60)
    if outboxes := sys.modules.get("dsml_magics.ledger.outbox"):
        outboxes.close_all()


def _remember_revision():
    """Have MLflow read its migrations once, to see which is the last: not for each database that is opened."""
    if (utilities := sys.modules.get("mlflow.store.db.utils")) and not hasattr(
        utilities._get_latest_schema_revision, "cache_info"
    ):
        utilities._get_latest_schema_revision = cache(utilities._get_latest_schema_revision)


def _forget_ledger():
    """Make MLflow, if a test imported it, forget which ledger and run it was at."""
    os.environ.pop("MLFLOW_TRACKING_URI", None)
    if mlflow := sys.modules.get("mlflow"):
        while mlflow.active_run():
            mlflow.end_run()
        mlflow.set_tracking_uri(None)
        os.environ.pop("MLFLOW_TRACKING_URI", None)


@pytest.fixture(scope="session")
def _warm_python():
    # A short name: sockets lie in there, whose paths may have 107 bytes.
    with tempfile.TemporaryDirectory(prefix="warm-") as folder:
        made = WarmPython(Path(folder))
        yield made.executable
        made.close()


@pytest.fixture
def warm_python(_warm_python):
    """The path of a stand-in for ``python`` that starts ten times as fast."""
    return _warm_python


@pytest.fixture
def starts_are_cheap(warm_python, monkeypatch):
    """Have processes that are started from here on, kernels too, start by the stand-in, where it serves them."""
    monkeypatch.setattr(sys, "executable", warm_python)


@pytest.fixture
def shared_data():
    """The folder of real tables, where there is one beside the repository."""
    if not SHARED.is_dir():
        pytest.skip("the shared tables are not here")
    return SHARED


@pytest.fixture
def shell(workdir, monkeypatch):
    """A real IPython shell with the extension loaded."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    monkeypatch.setenv("IPYTHONDIR", str(workdir / ".ipython"))
    main = sys.modules["__main__"]
    InteractiveShell.clear_instance()
    quiet = Config(HistoryManager={"hist_file": ":memory:"}, InteractiveShell={"colors": "nocolor"})
    made = InteractiveShell.instance(config=quiet)
    made.run_line_magic("load_ext", "dsml_magics")
    yield made
    made.history_manager.end_session()
    InteractiveShell.clear_instance()
    sys.modules["__main__"] = main


@dataclass
class Answer:
    """What a kernel sent back for one cell."""

    status: str
    text: str = ""
    results: list[str] = field(default_factory=list)
    errors: list[dict] = field(default_factory=list)


def plain(text):
    """Take the colours out of what a kernel sent."""
    return re.sub(r"\x1b\[[\d;]*m", "", text)


class Kernel:
    """A running kernel, spoken to as a notebook does."""

    def __init__(self, client):
        self.client = client

    def run(self, code, *, timeout=120):
        request = self.client.execute(code)
        reply = self._reply(request, timeout)["content"]
        answer = Answer(reply["status"])
        while True:
            message = self._published(request, timeout)
            content = message["content"]
            if message["msg_type"] == "stream":
                answer.text += content["text"]
            elif message["msg_type"] in ("execute_result", "display_data"):
                answer.results.append(content["data"]["text/plain"])
            elif message["msg_type"] == "error":
                answer.errors.append({**content, "traceback": [plain(line) for line in content["traceback"]]})
            elif message["msg_type"] == "status" and content["execution_state"] == "idle":
                return answer

    def complete(self, code):
        content = self._reply(self.client.complete(code, len(code)), 60)["content"]
        return [code[: content["cursor_start"]] + match for match in content["matches"]]

    def inspect(self, code):
        content = self._reply(self.client.inspect(code, len(code)), 60)["content"]
        return plain(content["data"].get("text/plain", ""))

    def _reply(self, request, timeout):
        while True:
            message = self.client.get_shell_msg(timeout=timeout)
            if message["parent_header"].get("msg_id") == request:
                return message

    def _published(self, request, timeout):
        while True:
            try:
                message = self.client.get_iopub_msg(timeout=timeout)
            except queue.Empty:
                pytest.fail("the kernel went silent")
            if message["parent_header"].get("msg_id") == request:
                return message


@pytest.fixture(scope="session")
def _one_kernel(tmp_path_factory):
    from jupyter_client.manager import start_new_kernel

    home = tmp_path_factory.mktemp("jupyter")
    own = {"IPYTHONDIR": home, "JUPYTER_RUNTIME_DIR": home / "runtime", "JUPYTER_CONFIG_DIR": home / "config"}
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    with pytest.MonkeyPatch.context() as patch:
        for name, folder in own.items():
            patch.setenv(name, str(folder))
        patch.setenv("PYTHONPATH", path)
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        manager, client = start_new_kernel(cwd=str(home))
    yield Kernel(client)
    client.stop_channels()
    manager.shutdown_kernel(now=True)


@pytest.fixture
def kernel(_one_kernel, tmp_path):
    """A real kernel with an empty namespace, in a folder of its own, with the extension loaded."""
    clean = _one_kernel.run(f"%reset -f\nimport os; os.chdir({str(tmp_path)!r})\n%reload_ext dsml_magics")
    assert clean.status == "ok"
    return _one_kernel


@pytest.fixture
def own_process(workdir):
    """A kernel of the test's own, in its folder; its manager can kill it."""
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(cwd=str(workdir))
    yield manager, Kernel(client)
    client.stop_channels()
    if manager.is_alive():
        manager.shutdown_kernel(now=True)


CONTENT = {
    "age": [31, 45, 22, 67],
    "score": [0.5, None, -1.25, 1e300],
    "city": ["Oslo", None, "Łódź", 'a "b", c'],
    "member": [True, False, True, True],
    "joined": [dt.datetime(2020, 1, day, 10, 30, 5) for day in (1, 2, 3, 4)],
}
"""One table that every kind can hold."""


def _pandas(table, _folder):
    return table.to_pandas()


def _polars(table, _folder):
    import polars as pl

    return pl.from_arrow(table)


def _polars_lazy(table, folder):
    return _polars(table, folder).lazy()


def _arrow(table, _folder):
    return table


def _reader(table, _folder):
    return table.to_reader(max_chunksize=2)


def _duckdb(table, _folder):
    duckdb = pytest.importorskip("duckdb")
    return duckdb.from_arrow(table)


def _numpy(table, _folder):
    import numpy as np

    types = {"age": "i8", "score": "f8", "city": "O", "member": "?", "joined": "M8[us]"}
    rows = [
        tuple(float("nan") if value is None and name == "score" else value for name, value in row.items())
        for row in table.to_pylist()
    ]
    return np.array(rows, dtype=[(name, types[name]) for name in table.column_names])


def _dict(table, _folder):
    return table.to_pydict()


def _csv(table, folder):
    from pyarrow import csv

    csv.write_csv(table, folder / "table.csv")
    return str(folder / "table.csv")


def _csv_gz(table, folder):
    import gzip

    path = folder / "zipped.csv.gz"
    path.write_bytes(gzip.compress(Path(_csv(table, folder)).read_bytes()))
    return path


def _parquet(table, folder):
    from pyarrow import parquet

    parquet.write_table(table, folder / "table.parquet", row_group_size=3)
    return folder / "table.parquet"


def _parquet_glob(table, folder):
    from pyarrow import parquet

    parquet.write_table(table.slice(0, 1), folder / "part-0.parquet")
    parquet.write_table(table.slice(1), folder / "part-1.parquet")
    return str(folder / "part-*.parquet")


def _jsonl(table, folder):
    lines = [json.dumps(row, default=str) for row in table.to_pylist()]
    (folder / "table.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder / "table.jsonl"


def _ipc(table, folder):
    from pyarrow import feather

    feather.write_feather(table, str(folder / "table.arrow"), chunksize=2)
    return folder / "table.arrow"


_KINDS = (_pandas, _polars, _polars_lazy, _arrow, _reader, _duckdb, _numpy, _dict)
_FILES = (_csv, _csv_gz, _parquet, _parquet_glob, _jsonl, _ipc)


@pytest.fixture(params=[*_KINDS, *_FILES], ids=lambda kind: kind.__name__.strip("_"))
def frame_kind(request, tmp_path):
    """Every way to hold a table: a function that makes this kind from columns (those of `CONTENT` by default)."""
    return lambda columns=None: request.param(pa.table(columns or CONTENT), tmp_path)


@pytest.fixture
def content():
    return dict(CONTENT)
