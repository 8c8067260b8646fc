"""Fresh processes seen from the one that needs them.

On Linux each is forked from a template that has loaded the heavy libraries, so that only the first waits for them;
elsewhere each loads them itself. Processes that need other libraries have another template.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Protocol

from dsml_magics.errors import DsmlError
from dsml_magics.process.system import can_fork, is_readable, own_group
from dsml_magics.process.template import COMMAND

_PACKAGES = str(Path(__file__).parents[2])
# Not the working folder: a file of the user may be called as a module of the standard library.
_PATH = f"import sys; {_PACKAGES!r} in sys.path or sys.path.append({_PACKAGES!r}); "
_LEAVE = "from dsml_magics.process.ending import leave; leave()"
PROVING = ("mlflow.pyfunc", "numpy", "polars", "pyarrow.dataset", "pyarrow.parquet", "pyarrow.pandas_compat")
"""What the usual template loads."""


class Child(Protocol):
    """A process that runs the function `main` of a module."""

    stdin: IO[bytes]
    stdout: IO[bytes]

    @property
    def pid(self) -> int:
        """Its number, as soon as it is there; 0 if it never will be."""
        ...

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
    descriptors: Sequence[int] = (),
    is_only: bool = False,
    template: tuple[str, ...] = PROVING,
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
    descriptors
        Others that it shares; their numbers there are its words.
    is_only
        Whether there may be no other for long: without a template it loads what it needs by itself.
    template
        Which template it is forked from: one that has these modules loaded.
    loaded
        Modules that the template loads first, so that later processes have them as well.
    """
    if is_only and (os.getpid(), template) not in _templates:
        return _Started(module, folder, environment, errors, descriptors)
    for _ in range(2) if can_fork() else ():
        try:
            origin = _template(template)
            origin.load(loaded)
            return origin.fork(module, folder, environment, [errors, *descriptors])
        except OSError:
            # It is gone: somebody ended it.
            _templates.pop((os.getpid(), template), None)
    return _Started(module, folder, environment, errors, descriptors)


def load(modules: Iterable[str], *, template: tuple[str, ...] = PROVING) -> None:
    """Let processes that are started later have more modules loaded already, besides what their template has."""
    if can_fork():
        with suppress(OSError):
            _template(template).load(modules)


def has_started_several() -> bool:
    """Tell whether this process has started more than one: then there will be more."""
    template = _templates.get((os.getpid(), PROVING))
    return template is not None and template.count > 1


class _Template:
    """The process that others are forked from; `count` is how many were."""

    count = 0

    def __init__(self, loaded: Sequence[str]) -> None:
        # Requests stay apart from each other.
        self._here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._lock = threading.Lock()
        words = [sys.executable, "-P", "-c", _PATH + COMMAND, *loaded]
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
        self._loaded = {*loaded}

    def fork(
        self, module: str, folder: str, environment: Mapping[str, str], descriptors: Sequence[int]
    ) -> "_Forked":
        request = {"module": module, "folder": folder, "environment": dict(environment)}
        stdin, ours_in = os.pipe()
        ours_out, stdout = os.pipe()
        child = _Forked(self, os.fdopen(ours_in, "wb"), os.fdopen(ours_out, "rb"))
        try:
            with self._lock:
                socket.send_fds(self._here, [json.dumps(request).encode()], [stdin, stdout, *descriptors])
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


_templates: dict[tuple[int, tuple[str, ...]], _Template] = {}
_making = threading.Lock()


def _template(loaded: tuple[str, ...]) -> _Template:
    # A fork of this process needs its own.
    key = os.getpid(), loaded
    with _making:
        if key not in _templates:
            _templates[key] = _Template(loaded)
        return _templates[key]


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
    def pid(self) -> int:
        if not self._process and not self.is_lost:
            self._template.answer(self, None)
        return self._process

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

    def __init__(
        self,
        module: str,
        folder: str,
        environment: Mapping[str, str],
        errors: int,
        descriptors: Sequence[int],
    ) -> None:
        words = [sys.executable, "-P", "-c", f"{_PATH}from {module} import main; main(); {_LEAVE}"]
        self._process = subprocess.Popen(
            [*words, *map(str, descriptors)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            pass_fds=tuple(descriptors),
            cwd=folder,
            env=dict(environment),
            **own_group(),
        )
        assert self._process.stdin is not None and self._process.stdout is not None  # noqa: PT018  they are pipes
        self.stdin, self.stdout = self._process.stdin, self._process.stdout

    @property
    def pid(self) -> int:
        return self._process.pid

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
