"""Fresh processes: forked from one that has the libraries, with nothing of this one's state but what is given."""

import errno
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from dsml_magics.errors import DsmlError
from dsml_magics.process import child, template
from dsml_magics.process.child import load, start

pytestmark = pytest.mark.slow


def started(folder, module="json.tool", **environment):
    with open(folder / "errors", "wb") as errors:
        return start(module, folder=str(folder), environment=environment, errors=errors.fileno())


@pytest.fixture(params=["forked", "started"])
def kind(request, monkeypatch):
    """Both ways, wherever this runs."""
    if request.param == "started":
        monkeypatch.delattr(os, "pidfd_open")
    return request.param


def test_it_reads_and_writes_and_ends(tmp_path, kind):
    process = started(tmp_path)
    assert process.is_alive
    process.stdin.write(b'{"a": 1}')
    process.stdin.close()
    assert json.loads(process.stdout.read()) == {"a": 1}
    assert process.wait(30) and not process.is_alive


def test_an_error_is_told_where_errors_go(tmp_path, kind):
    process = started(tmp_path, "no_such_module")
    assert process.wait(60)
    assert "No module named 'no_such_module'" in (tmp_path / "errors").read_text()
    assert process.stdout.read() == b""


def test_descriptors_above_those_select_knows(tmp_path, kind):
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(1200, limits[0]), limits[1]))
    first = started(tmp_path)
    first.stdin.close()
    assert first.wait(30)
    opened = [os.open(os.devnull, os.O_RDONLY) for _ in range(1030)]
    try:
        process = started(tmp_path)
        process.stdin.write(b"1")
        process.stdin.close()
        assert process.stdout.read() == b"1\n" and process.wait(30)
    finally:
        for each in opened:
            os.close(each)
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def test_a_handle_is_of_the_process_also_where_that_ended_at_once(tmp_path):
    several = [started(tmp_path, "no_such_module") for _ in range(20)]
    # All have ended long before this process hears of them; their numbers are free.
    for process in several:
        assert process.stdout.read() == b""
    for process in several:
        assert process.wait(30) and not process.is_lost
        process.kill()


def test_it_can_be_killed(tmp_path, kind):
    process = started(tmp_path)
    assert not process.wait(0.01)
    while kind == "forked" and not process._process:
        process.wait(0.05)
    process.kill()
    assert process.wait(30)


def test_many_at_once_keep_apart(tmp_path):
    several = [started(tmp_path) for _ in range(5)]
    load(["fractions"])
    several += [started(tmp_path) for _ in range(3)]
    for at, process in enumerate(several):
        process.stdin.write(str(at).encode())
        process.stdin.close()
    assert [process.stdout.read().strip() for process in several] == [str(at).encode() for at in range(8)]


def test_modules_to_load_are_loaded_for_it_and_for_those_after_it(tmp_path):
    def modules(**more):
        process = start(
            "tests.process.loaded_modules", folder=str(tmp_path), environment={}, errors=2, **more
        )
        process.stdin.close()
        return process.stdout.read().decode().split()

    assert "this" not in modules() and "this" in modules(loaded=["this"]) and "this" in modules()


def test_its_environment_and_folder_are_those_given(tmp_path, monkeypatch):
    monkeypatch.setenv("NOT_GIVEN", "1")
    process = started(tmp_path, MARK="here")
    process.wait(0)
    while not process._process:
        process.wait(0.05)
    inside, until = Path(f"/proc/{process._process}/cwd"), time.monotonic() + 30
    # It is there before it has become what was asked for.
    while inside.readlink() != tmp_path and time.monotonic() < until:
        time.sleep(0.01)
    assert inside.readlink() == tmp_path
    assert os.getsid(process._process) == process._process
    process.stdin.close()


def test_one_whose_template_dies_is_told_as_ended(tmp_path):
    template = child._template(child.PROVING)
    first = started(tmp_path)
    while not first._process:
        first.wait(0.05)
    template.process.kill()
    template.process.wait()
    # There is another from now on, and what was forked before lives.
    second = started(tmp_path)
    for process in (first, second):
        process.stdin.write(b"1")
        process.stdin.close()
        assert process.stdout.read() == b"1\n" and process.wait(30)
    assert child._template(child.PROVING) is not template


def test_nothing_of_it_is_left_when_this_process_ends(tmp_path):
    code = (
        "import os, sys\nfrom dsml_magics.process.child import PROVING, _template, start\n"
        "process = start('json.tool', folder='/', environment={}, errors=2)\n"
        "while not process._process:\n    process.wait(0.05)\n"
        "print(process._process, _template(PROVING).process.pid)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    for pid in map(int, done.stdout.split()):
        until = time.monotonic() + 30
        while _is_there(pid) and time.monotonic() < until:
            time.sleep(0.05)
        assert not _is_there(pid)


def _is_there(pid):
    try:
        os.kill(pid, 0)
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


def test_the_only_process_needs_no_template_but_takes_one_there_is(tmp_path, monkeypatch):
    monkeypatch.setattr(child, "_templates", {})
    with open(tmp_path / "errors", "wb") as errors:
        for has_template in (False, False, True):
            if has_template:
                load([])
            process = start(
                "json.tool", folder=str(tmp_path), environment={}, errors=errors.fileno(), is_only=True
            )
            assert bool(child._templates) == isinstance(process, child._Forked) == has_template
            process.stdin.write(b"1")
            process.stdin.close()
            assert process.stdout.read() == b"1\n" and process.wait(30)


def test_without_a_free_descriptor_it_is_one_error(tmp_path):
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    process, opened = started(tmp_path), []
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(512, limits[0]), limits[1]))
    try:
        with suppress(OSError):
            while True:
                opened.append(os.open(os.devnull, os.O_RDONLY))
        with pytest.raises(DsmlError, match="No file descriptor is free"):
            process.wait()
    finally:
        for each in opened:
            os.close(each)
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert process.wait(0)
    process.stdin.close()
    process.stdout.close()


def test_a_process_nobody_can_hold_is_ended_and_answered_for(monkeypatch):
    def refuse(number):
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(os, "pidfd_open", refuse)
    ours, asked = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    waited, kept_open = os.pipe()
    nothing = [os.open(os.devnull, os.O_RDWR) for _ in range(2)]
    with ours, asked:
        template._obey({"module": "json.tool", "folder": "/", "environment": {}}, [waited, *nothing], asked)
        message, handles, _, _ = socket.recv_fds(ours, 1 << 12, 1)
    assert int(message) and not handles
    # It would wait for its input for ever.
    assert os.waitstatus_to_exitcode(os.waitpid(int(message), 0)[1]) == -signal.SIGKILL
    os.close(kept_open)
    assert signal.SIGCHLD not in signal.pthread_sigmask(signal.SIG_BLOCK, [])


def test_what_was_loaded_before_is_not_looked_through_for_garbage(tmp_path):
    """It would be copied into each process: a quarter of a second for a proof."""
    process = started(tmp_path, "tests.process.collector")
    is_enabled, frozen, own = process.stdout.read().split()
    assert is_enabled == b"True"
    assert int(frozen) > 100_000
    assert int(own) < 20_000
