"""The bar shows where somebody looks, after a moment, and is gone afterwards, however the reading ended."""

import io
import os
import pty
import subprocess
import sys
import termios
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, redirect_stderr
from pathlib import Path

import pyarrow as pa
import pytest
from jupyter_client.manager import start_new_kernel
from pyarrow import parquet

from dsml_magics.frames import progress
from dsml_magics.frames.opening import open_table

BATCHES = [pa.record_batch({"a": [1, 2, 3]})] * 4


class Terminal(io.StringIO):
    def isatty(self):
        return True


@contextmanager
def at_a_terminal(*, delay=0.0):
    """Put a terminal in place of the standard error stream, on which the bar shows after `delay` seconds."""
    with redirect_stderr(Terminal()) as seen, pytest.MonkeyPatch.context() as patch:
        patch.setattr(progress, "DELAY", delay)
        yield seen


def bars():
    from tqdm.auto import tqdm

    return list(getattr(tqdm, "_instances", []))


def test_the_rows_are_counted_and_the_bar_is_gone_afterwards():
    with at_a_terminal() as seen:
        with progress.watched(BATCHES, title="Reading", rows=12) as batches:
            assert sum(batch.num_rows for batch in batches) == 12
            [bar] = bars()
            assert (bar.n, bar.total) == (12, 12)
        assert "Reading:   0%" in seen.getvalue()
    assert bars() == []


def test_the_bar_is_gone_after_an_error():
    reading = progress.watched(BATCHES, title="Reading")
    with at_a_terminal(), pytest.raises(KeyboardInterrupt), reading as batches:
        for _ in batches:
            assert len(bars()) == 1
            raise KeyboardInterrupt
    assert bars() == []


def test_a_short_reading_shows_nothing():
    with at_a_terminal(delay=2.0) as seen:
        with progress.watched(BATCHES, title="Reading") as batches:
            list(batches)
        assert seen.getvalue().strip() == ""


def test_many_threads_show_no_bars():
    with at_a_terminal(), ThreadPoolExecutor(1) as pool:
        assert progress.is_seen()
        assert not pool.submit(progress.is_seen).result()


SCRIPT = """
import pyarrow as pa
from dsml_magics.frames import progress
progress.DELAY = 0.0
with progress.watched([pa.record_batch({"a": [1]})] * 9, title="Reading") as batches:
    print(sum(batch.num_rows for batch in batches))
"""


def test_a_script_without_a_terminal_is_not_disturbed():
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("9\n", "")


def test_a_script_at_a_terminal_shows_the_bar():
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], stdout=subprocess.PIPE, stderr=theirs, text=True, check=True
    )
    shown = os.read(ours, 10_000).decode()
    os.close(theirs)
    os.close(ours)
    assert (done.stdout, "Reading" in shown) == ("9\n", True)


@pytest.fixture
def notebook(tmp_path, monkeypatch):
    """A kernel of its own, which a test may interrupt."""
    for name in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    manager, client = start_new_kernel(cwd=str(tmp_path))

    def run(code, *, interrupted=False):
        """Run a cell; interrupt it once it shows something. Give what it showed, and the name of its error."""
        request, shown, error = client.execute(code), [], None
        while True:
            message = client.get_iopub_msg(timeout=60)
            if message["parent_header"].get("msg_id") != request:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind in ("stream", "display_data", "execute_result"):
                shown.append(content.get("text") or content["data"]["text/plain"])
                if interrupted and len(shown) == 1:
                    manager.interrupt_kernel()
            elif kind == "error":
                error = content["ename"]
            elif kind == "status" and content["execution_state"] == "idle":
                return shown, error

    yield run
    client.stop_channels()
    manager.shutdown_kernel(now=True)


ENDLESS = """
import time
from dsml_magics.frames.opening import open_table
from dsml_magics.frames.progress import watched
table = open_table("table.parquet")
def endless():
    while True:
        yield from table.batches()
with watched(endless(), title="Reading", rows=10**9) as batches:
    for batch in batches:
        time.sleep(0.01)
"""


def test_a_notebook_can_be_interrupted_while_it_reads(notebook, tmp_path):
    parquet.write_table(pa.table({"a": range(300_000)}), tmp_path / "table.parquet")
    shown, error = notebook(ENDLESS, interrupted=True)
    assert error == "KeyboardInterrupt"
    assert "Reading" in shown[0]
    shown, error = notebook(
        "from tqdm.auto import tqdm\nsum(batch.num_rows for batch in table.batches()), len(tqdm._instances)"
    )
    assert (shown, error) == (["(300000, 0)"], None)


def test_a_notebook_can_be_interrupted_while_types_are_looked_for(notebook, tmp_path):
    code = (
        "from dsml_magics.frames import format\nformat.WHOLE = format.BLOCK = 1 << 16\n"
        "from dsml_magics.frames.opening import open_table\nprint('reading')\n"
        "while True: open_table('table.csv')"
    )
    (tmp_path / "table.csv").write_text("a,b\n" + "1,x\n" * 500_000 + "late,y\n")
    assert notebook(code, interrupted=True) == (["reading\n"], "KeyboardInterrupt")
    assert notebook("open_table('table.csv').to_arrow().num_rows") == (["500001"], None)


def test_the_rows_of_a_table_in_memory_are_known():
    assert open_table({"a": [1, 2]}).rows == 2
