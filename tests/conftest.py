"""What the tests of all rooms share: a folder and a ledger of their own, a shell, and processes that start fast."""

import gc
import locale
import os
import shutil
import signal
import sqlite3
import sys
import tempfile
import threading
import uuid
from contextlib import chdir, closing, contextmanager
from functools import cache
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import Phase, settings
from warm_python import LIBRARIES, WarmPython

pytest_plugins = ("kernels", "no_skips", "tables")

# A spin barrier per tree costs more than the trees; set before anything loads OpenMP.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# What Spark runs is short: code that is compiled for the long run, and collectors in threads, cost a third of it.
os.environ.setdefault("SPARK_SUBMIT_OPTS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
os.environ.setdefault("SPARK_LAUNCHER_OPTS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
# A shell that starts the tests in the background has them, and all that they start, ignore interrupts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
# A third of the time of finding the tests went to looking for garbage, and there is none.
gc.disable()
# jsonschema would build, whenever it is loaded, the grammar of a format that no test uses: for 1.5 s.
sys.modules.setdefault("rfc3987_syntax", None)
# How long an example takes says more of what else runs than of the code.
settings.register_profile("any time", deadline=None)
settings.load_profile("any time")
# Whoever only asks whether a test fails does not wait for the simplest example.
settings.register_profile("any failure", deadline=None, phases=(Phase.explicit, Phase.generate))
# Nothing of the tests is kept among the user's own runs.
HOME = tempfile.mkdtemp(prefix="dsml-home-")
os.environ["DSML_HOME"] = HOME

ROOT = Path(__file__).parents[1]
# What every ledger begins with is made once for all tests.
os.environ.setdefault("DSML_CACHE", str(ROOT / ".pytest_cache" / "dsml"))
SHARED = ROOT.parent / "shared" / "data"


def pytest_collection_modifyitems(items):
    """Begin with the longest file: as the last one it would keep one process busy while the others have nothing to do."""
    items.sort(key=lambda item: not item.nodeid.startswith("tests/verify/"))


def pytest_collection_finish():
    """Let the collector leave alone what stays until the end: the tests and the modules that they load."""
    gc.enable()
    gc.freeze()


def pytest_configure(config):
    """Name what the processes of ``pytest -n`` share."""
    if getattr(config.option, "numprocesses", None) and config.option.testrunuid is None:
        config.option.testrunuid = uuid.uuid4().hex


def pytest_unconfigure(config):
    """Leave nothing in the temporary folder."""
    shutil.rmtree(HOME, ignore_errors=True)
    if not hasattr(config, "workerinput") and getattr(config.option, "testrunuid", None):
        for each in Path(tempfile.gettempdir()).glob(f"warm-{config.option.testrunuid[:8]}-*"):
            shutil.rmtree(each, ignore_errors=True) if each.is_dir() else each.unlink()


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
    with _stand_in("plain") as executable:
        yield executable


@pytest.fixture(scope="session")
def _loaded_python():
    with _stand_in("loaded", LIBRARIES) as executable:
        yield executable


_shared = []


@contextmanager
def _stand_in(name, more=()):
    """Give a stand-in for ``python``; the processes of ``pytest -n`` share one, which ends with the process above them."""
    # Short names: sockets lie in there, whose paths may have 107 bytes.
    if run := os.environ.get("PYTEST_XDIST_TESTRUNUID"):
        folder = Path(tempfile.gettempdir(), f"warm-{run[:8]}-{name}")
        with FileLock(f"{folder}.lock"):
            if not (folder / "ready").exists():
                folder.mkdir(exist_ok=True)
                _shared.append(WarmPython(folder, more, os.getppid()))
                (folder / "ready").touch()
        yield str(folder / "python")
        return
    with tempfile.TemporaryDirectory(prefix="warm-") as folder:
        made = WarmPython(Path(folder), more)
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
    monkeypatch.setenv("PYTHONHASHSEED", "0")


@pytest.fixture
def starts_with_libraries_are_cheap(_loaded_python, monkeypatch):
    """The same, with what a whole project loads in them already: for tests that start many such processes.

    What a process has loaded, and when, is nothing that these tests may look at.
    """
    monkeypatch.setattr(sys, "executable", _loaded_python)
    monkeypatch.setenv("PYTHONHASHSEED", "0")


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


@pytest.fixture
def locale_of_ascii():
    """A machine on which a file is ASCII unless a program says otherwise."""
    before = locale.setlocale(locale.LC_CTYPE)
    locale.setlocale(locale.LC_CTYPE, "C")
    yield
    locale.setlocale(locale.LC_CTYPE, before)
