"""Fresh processes seen from the one that needs them.

On Linux each is forked from a template that has loaded the heavy libraries, so that only the first waits for them;
elsewhere each loads them itself.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO, Protocol

from dsml_magics.errors import DsmlError
from dsml_magics.process.system import can_fork, is_readable, own_group
from dsml_magics.process.template import COMMAND

_PACKAGES = str(Path(__file__).parents[2])
# Not the working folder: a file of the user may be called as a module of the standard library.
_PATH = f"import sys; {_PACKAGES!r} in sys.path or sys.path.append({_PACKAGES!r}); "
_LEAVE = "from dsml_magics.process.ending import leave; leave()"
_LOADED = ("mlflow.pyfunc", "numpy", "polars")


class Child(Protocol):
    """A process that runs the function `main` of a module."""

    stdin: IO[bytes]
    stdout: IO[bytes]

    @property
    def is_alive(self) -> bool: ...
    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it has ended, at most so many seconds; tell whether it has."""
        ...

    def kill(self) -> None: ...


def start(  # noqa: PLR0913  what a process is started with
    module: str,
    *,
    folder: str,
    environment: Mapping[str, str],
    errors: int,
    is_only: bool = False,
    loaded: Iterable[str] = (),
) -> Child:
    """Start a fresh process.

    Parameters
    ----------
    module
        Its function ``main`` is what runs.
    folder
        Where it works.
    errors
        Descriptor that its standard error goes to.
    is_only
        Whether there may be no other: then the first loads what it needs, without a template.
    loaded
        Modules that the template loads first, so that later processes have them as well.
    """
    if is_only and not _template.cache_info().currsize and _is_first(os.getpid()):
        return _Started(module, folder, environment, errors)
    for _ in range(2) if can_fork() else ():
        try:
            template = _template(os.getpid())
            template.load(loaded)
            return template.fork(module, folder, environment, errors)
        except OSError:
            # It is gone: somebody ended it.
            _template.cache_clear()
    return _Started(module, folder, environment, errors)


def load(modules: Iterable[str]) -> None:
    """Let processes that are started later have more modules loaded already."""
    if can_fork():
        with suppress(OSError):
            _template(os.getpid()).load(modules)


def has_started_several() -> bool:
    """Tell whether this process has started more than one: then there will be more."""
    return _template.cache_info().currsize > 0 and _template(os.getpid()).count > 1


_alone = set[int]()


def _is_first(process: int) -> bool:
    """Tell, once for each process, that it has started none."""
    is_first = process not in _alone
    _alone.add(process)
    return is_first


class _Template:
    """The process that others are forked from; `count` is how many were."""

    count = 0

    def __init__(self) -> None:
        # Requests stay apart from each other.
        self._here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._lock = threading.Lock()
        words = [sys.executable, "-P", "-c", _PATH + COMMAND, *_LOADED]
        with there:
            self.process = subprocess.Popen(
                words,
                stdin=there.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env={**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"},
                **own_group(),
            )
        self._waiting: list[_Forked] = []
        self._loaded = {*_LOADED}

    def fork(self, module: str, folder: str, environment: Mapping[str, str], errors: int) -> "_Forked":
        request = {"module": module, "folder": folder, "environment": dict(environment)}
        stdin, ours_in = os.pipe()
        ours_out, stdout = os.pipe()
        child = _Forked(self, os.fdopen(ours_in, "wb"), os.fdopen(ours_out, "rb"))
        try:
            with self._lock:
                socket.send_fds(self._here, [json.dumps(request).encode()], [stdin, stdout, errors])
                self._waiting.append(child)
                self.count += 1
        except OSError:
            child.stdin.close()
            child.stdout.close()
            raise
        finally:
            os.close(stdin)
            os.close(stdout)
        return child

    def load(self, modules: Iterable[str]) -> None:
        with self._lock:
            if new := [module for module in modules if module not in self._loaded]:
                self._here.sendall(json.dumps({"load": new}).encode())
                self._loaded.update(new)

    def answer(self, child: "_Forked", timeout: float | None) -> None:
        """Wait until a process is there, at most so many seconds; others that were asked for before come first."""
        with self._lock:
            while child in self._waiting:
                if not is_readable(self._here, timeout):
                    return
                message, handles, _, _ = socket.recv_fds(self._here, 1 << 12, 1)
                if not message:
                    # It is gone, and so nothing will be forked.
                    for each in self._waiting:
                        each.is_lost = True
                    self._waiting.clear()
                    return
                started = self._waiting.pop(0)
                if handles:
                    started.is_there(int(message), handles[0])
                else:
                    # The system leaves out what there is no room for; its pipes end it.
                    started.is_lost = started.is_unheld = True


@cache
def _template(process: int) -> _Template:  # noqa: ARG001  a fork of this process needs its own
    return _Template()


class _Forked:
    """A process forked from the template."""

    def __init__(self, template: _Template, stdin: IO[bytes], stdout: IO[bytes]) -> None:
        self.stdin, self.stdout = stdin, stdout
        self.is_lost = self.is_unheld = False
        self._template, self._process, self._handle = template, 0, -1

    def is_there(self, process: int, handle: int) -> None:
        """Take the handle of the process: its number may be another's as soon as it has ended."""
        os.set_inheritable(handle, False)
        self._process, self._handle = process, handle

    def __del__(self) -> None:
        if self._handle >= 0:
            os.close(self._handle)

    @property
    def is_alive(self) -> bool:
        return not self.wait(0)

    def wait(self, timeout: float | None = None) -> bool:
        if not self._process and not self.is_lost:
            self._template.answer(self, timeout)
        if self.is_unheld:
            # Said once; from then on it has ended.
            self.is_unheld = False
            raise DsmlError(
                "No file descriptor is free to track a new process: too many files are open. "
                "Close some, or raise the limit (`ulimit -n`)."
            )
        if self.is_lost:
            return True
        # Not yet there is not yet ended.
        return self._handle >= 0 and is_readable(self._handle, timeout)

    def kill(self) -> None:
        if not self._process and not self.is_lost:
            self._template.answer(self, 0)
        if self._handle >= 0:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, signal.SIGKILL)


class _Started:
    """A process that loads all by itself."""

    def __init__(self, module: str, folder: str, environment: Mapping[str, str], errors: int) -> None:
        words = [sys.executable, "-P", "-c", f"{_PATH}from {module} import main; main(); {_LEAVE}"]
        self._process = subprocess.Popen(
            words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd=folder,
            env=dict(environment),
            **own_group(),
        )
        assert self._process.stdin is not None and self._process.stdout is not None  # noqa: PT018  they are pipes
        self.stdin, self.stdout = self._process.stdin, self._process.stdout

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def wait(self, timeout: float | None = None) -> bool:
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
