"""What systems do differently."""

import errno
import os
import signal
import subprocess
import sys

import pytest

from dsml_magics.process.system import (
    bound_memory,
    end,
    forget_peak_memory,
    interrupt,
    link_new,
    on_termination,
    peak_memory_mb,
)


@pytest.fixture(params=["links", "no links"])
def has_links(request, monkeypatch):
    """A file system with links, and one without."""
    if request.param == "no links":

        def refuse(source, target):
            raise (
                OSError(errno.EPERM, "Operation not permitted") if not target.exists() else FileExistsError()
            )

        monkeypatch.setattr(os, "link", refuse)
    return request.param


def test_a_file_is_put_where_there_is_none(tmp_path, has_links):
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_text("a")
    link_new(source, target)
    assert target.read_text() == "a"


def test_a_file_that_is_there_stays(tmp_path, has_links):
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_text("a")
    target.write_text("b")
    with pytest.raises(FileExistsError):
        link_new(source, target)
    assert target.read_text() == "b"


def test_a_request_to_end_is_handled_as_long_as_it_should_be():
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt), on_termination(interrupt):
        signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) == before


def test_a_process_that_is_ended_leaves_no_descriptor():
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], **pipes, text=True)
    end(process)
    assert process.returncode
    assert process.stdin.closed
    assert process.stdout.closed
    assert process.stderr.closed


def test_the_peak_of_memory_is_that_since_it_was_forgotten():
    big = bytearray(64 << 20)
    high = peak_memory_mb()
    if high is None or sys.platform != "linux":
        pytest.skip("the system does not tell")
    del big
    forget_peak_memory()
    assert peak_memory_mb() < high - 32


@pytest.mark.skipif(sys.platform != "linux", reason="no bound on other systems")
def test_memory_is_bounded():
    pid = os.fork()
    if not pid:
        bound_memory(32 << 20)
        try:
            bytearray(256 << 20)
        except MemoryError:
            os._exit(7)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
