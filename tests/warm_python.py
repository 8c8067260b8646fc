"""A stand-in for ``python`` whose processes are forked from one that has loaded modules: only their start is saved.

What runs in them is what would run, with its own arguments, environment, folder, files, parent and end; what they start
by ``sys.executable`` starts by the stand-in, too. It serves
``python -m MODULE``, ``python -c CODE``, ``python -P -c CODE`` and ``python FILE`` where ``PYTHONHASHSEED`` is 0, which an
interpreter must know when it starts; anything else, such as another option of the interpreter, gets the usual start.
"""

import builtins
import fcntl
import gc
import io
import marshal
import os
import runpy
import selectors
import signal
import socket
import stat
import subprocess
import sys
import time
import types
import warnings
from contextlib import suppress
from pathlib import Path

_PYTHON = sys.executable
"""Not what stands in for it already while a test runs."""
# Loads no more than it needs: it is a process for each that is asked for.
_LAUNCHER = """\
#!{python} -IS
import _socket, marshal, os, signal, sys

words, environment = sys.argv[1:], dict(os.environ)
served = {{"PYTHONPATH", "PYTHONHASHSEED", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "PYTHONWARNINGS"}}
served |= {{"PYTHONBREAKPOINT"}}  # Ray sets it for all that follows; it is read when it is needed
is_served = bool(words) and (words[0] in ("-m", "-c") or words[:2] == ["-P", "-c"] or not words[0].startswith("-"))
is_served &= environment.get("PYTHONHASHSEED") == "0"
of_spark = ("PYTHON_DAEMON_", "PYTHON_UDF_", "PYTHON_WORKER_")
names = {{name for name in environment if name.startswith("PYTHON") and not name.startswith(of_spark)}}
if not is_served or names - served:
    os.execv({python!r}, [{python!r}, *words])
passed_on = {{signal.SIGINT, signal.SIGTERM, signal.SIGHUP}}
signal.pthread_sigmask(signal.SIG_BLOCK, passed_on)
asked = _socket.socket(_socket.AF_UNIX, _socket.SOCK_SEQPACKET)
try:
    asked.connect({folder!r} + ("/kernels" if words[:2] == ["-m", "ipykernel_launcher"] else "/plain"))
except OSError:
    # It is gone.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, passed_on)
    os.execv({python!r}, [{python!r}, *words])
numbers = [number for number in map(int, os.listdir("/proc/self/fd")) if number != asked.fileno()]
# The folder was open itself while it was read.
numbers = [number for number in numbers if os.path.exists(f"/proc/self/fd/{{number}}")]
descriptors = b"".join(number.to_bytes(4, sys.byteorder) for number in numbers)
is_leader = os.getpgrp() == os.getpid()
request = marshal.dumps((is_leader, numbers, words, environment, os.getcwd(), os.getppid()))
asked.sendmsg([request], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, descriptors)])
child = asked.recv(32)
if not child:
    # It has gone before it could fork.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, passed_on)
    os.execv({python!r}, [{python!r}, *words])
child = int(child)
for each in passed_on:
    signal.signal(each, lambda number, _: os.kill(child, number))
signal.pthread_sigmask(signal.SIG_UNBLOCK, passed_on)
code = int(asked.recv(32) or -signal.SIGKILL)
if code < 0:
    if code != -signal.SIGKILL:
        signal.signal(-code, signal.SIG_DFL)
    os.kill(os.getpid(), -code)
os._exit(code)
"""
# Not NumPy nor pandas, which would save a sixth: wherever NumPy is loaded its random state is kept, as one more name.
PLAIN = ("dsml_magics.command.cli", "dsml_magics.pipeline.proof.bootstrap", "dsml_magics.run.worker")
# The first are what a kernel loads, the others what it loads later.
KERNELS = (
    "ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell", "ipykernel.debugger", "debugpy.server.api",
    "IPython.core.completerlib", "IPython.core.debugger", "IPython.core.logger", "IPython.core.oinspect",
    "IPython.extensions.storemagic", "email.parser", "encodings.idna", "gzip", "http.client", "sqlite3",
    "tornado.locks", "tornado.platform.asyncio", "tornado.queues",
    "dsml_magics.pipeline.proof.seeding", "dsml_magics.pipeline.proof.witness",
)  # fmt: skip
LIBRARIES = (
    "mlflow.sklearn", "mlflow.store.tracking.sqlalchemy_store", "polars", "skops.io", "sklearn.compose", "sklearn.ensemble",
    "sklearn.impute", "sklearn.linear_model", "sklearn.model_selection", "sklearn.pipeline", "sklearn.preprocessing",
    "dsml_magics.deploy.writing", "dsml_magics.profile.describe", "dsml_magics.profile.drift", "dsml_magics.track.session",
)  # fmt: skip
"""What a whole project loads: some seven seconds of each of its processes."""


class WarmPython:
    """Two processes that others are forked from, for kernels and for the rest; `executable` stands in for ``python``.

    Beside it lies a ``dsml`` that runs by it. They end with the process `owner`.
    """

    def __init__(self, folder, more=(), owner=None):
        self.executable = str(folder / "python")
        Path(self.executable).write_text(_LAUNCHER.format(python=_PYTHON, folder=str(folder)))
        command = folder / "dsml"
        command.write_text(f"#!{self.executable}\nfrom dsml_magics.command.cli import run\n\nrun()\n")
        for each in (Path(self.executable), command):
            each.chmod(stat.S_IRWXU)
        kinds = {"plain": PLAIN, "kernels": KERNELS}
        owner = os.getpid() if owner is None else owner
        self._servers = [_server(folder / kind, owner, (*modules, *more)) for kind, modules in kinds.items()]
        for each in self._servers:
            if each.stdout.readline() != b"ready\n":
                raise RuntimeError(f"One that others are forked from ended with {each.wait()}.")
            each.stdout.close()

    def close(self):
        """End them; say so if one has ended already."""
        for each in self._servers:
            if each.poll() is not None:
                sys.stderr.write(f"One that others are forked from ended with {each.returncode}.\n")
            each.kill()
            each.wait()


def _server(address, owner, modules):
    return subprocess.Popen(
        [_PYTHON, __file__, address, str(owner), *modules],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONHASHSEED": "0", "MLFLOW_DISABLE_TELEMETRY": "true"},
    )


class _Server:
    """Forks for whoever asks, tells them how that ended, and ends what they leave behind."""

    def __init__(self, address, owner):
        self._selector = selectors.DefaultSelector()
        self._listening = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._listening.bind(address)
        self._listening.listen(64)
        self._watch(self._listening, self._accept)
        # Ends with the tests.
        self._owner = os.pidfd_open(owner)
        self._watch(self._owner, lambda: os._exit(0))
        os.write(1, b"ready\n")

    def serve(self):
        """Return in each process that is forked what was asked for."""
        while True:
            for key, _ in self._selector.select():
                # What comes at once may be of one process, which the first of it has settled, and closed.
                is_watched = self._selector.get_map().get(key.fd) == key
                if is_watched and (request := key.data()):
                    return request

    def _watch(self, file, act):
        self._selector.register(file, selectors.EVENT_READ, act)

    def _accept(self):
        asked, _ = self._listening.accept()
        self._watch(asked, lambda: self._fork(asked))

    def _fork(self, asked):
        message, descriptors = b"", []
        # It may have been killed since it came.
        with suppress(OSError):
            message, descriptors, _, _ = socket.recv_fds(asked, 1 << 20, 250)
        is_leader, numbers, *request = marshal.loads(message) if message else [None, None]
        child = os.fork() if message else None
        if child == 0:
            self._let_go()
            # None of them lies where another belongs.
            away = [fcntl.fcntl(each, fcntl.F_DUPFD, 1 + max(*numbers, *descriptors)) for each in descriptors]
            for each in descriptors:
                os.close(each)
            for number, each in zip(numbers, away, strict=True):
                os.dup2(each, number)
                os.close(each)
            # Who leads a session cannot ask to lead a group; Spark's daemon does.
            if is_leader:
                os.setsid()
            else:
                os.setpgid(0, 0)
            return request
        for descriptor in descriptors:
            os.close(descriptor)
        self._selector.unregister(asked)
        if child is None:
            asked.close()
            return None
        with suppress(OSError):
            asked.send(str(child).encode())
        handle = os.pidfd_open(child)
        self._watch(handle, lambda: self._ended(handle, child, asked))
        self._watch(asked, lambda: self._gone(asked, child, os.killpg if is_leader else os.kill))
        return None

    def _gone(self, asked, child, end):
        """End a process whose launcher was killed, by itself or with its group."""
        self._selector.unregister(asked)
        try:
            end(child, signal.SIGKILL)
        except ProcessLookupError:
            # It has not come to make a group of its own.
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)

    def _ended(self, handle, child, asked):
        _, status = os.waitpid(child, 0)
        self._selector.unregister(handle)
        os.close(handle)
        with suppress(KeyError):
            self._selector.unregister(asked)
        with suppress(OSError):
            asked.send(str(os.waitstatus_to_exitcode(status)).encode())
        asked.close()

    def _let_go(self):
        files = [key.fileobj for key in self._selector.get_map().values()]
        self._selector.close()
        for each in files:
            if isinstance(each, int):
                os.close(each)
            else:
                each.close()


def _become(words, environment, folder, parent, path):
    """Make this process one that has just started; return the code of its main module, and the names it begins with."""
    os.getppid = lambda: parent
    if numpy := sys.modules.get("numpy"):
        # Python draws anew in a fork, NumPy does not.
        numpy.random.seed()
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    time.tzset()
    sys.dont_write_bytecode = bool(environment.get("PYTHONDONTWRITEBYTECODE"))
    _open_standard_files(is_unbuffered=bool(environment.get("PYTHONUNBUFFERED")))
    if options := list(filter(None, environment.get("PYTHONWARNINGS", "").split(","))):
        sys.warnoptions[:] = options
        warnings._processoptions(options)
    own = filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))
    sys.path[:] = ["", *map(os.path.abspath, own), *path]
    if words[0] == "-P":
        words, sys.path[:1] = words[1:], []
    first, *rest = words
    if first == "-c":
        sys.argv = ["-c", *rest[1:]]
        return compile(rest[0], "<string>", "exec"), {}
    if first == "-m":
        sys.argv, sys.path[0] = ["-m", *rest[1:]], folder
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "'.*' found in sys.modules", RuntimeWarning)
            _, spec, code = runpy._get_module_details(rest[0])
        sys.argv[0] = spec.origin
        return code, {"__spec__": spec, "__file__": spec.origin, "__package__": spec.parent}
    sys.argv, sys.path[0] = words, str(Path(first).resolve().parent)
    file = str(Path.cwd() / first)
    return compile(Path(file).read_bytes(), file, "exec"), {"__file__": file}


def _open_standard_files(*, is_unbuffered):
    for number, name, errors in (
        (0, "stdin", "strict"),
        (1, "stdout", "strict"),
        (2, "stderr", "backslashreplace"),
    ):
        raw = io.FileIO(number, "w" if number else "r", closefd=False)
        raw.name = f"<{name}>"
        binary = raw
        if not number or not is_unbuffered:
            binary = io.BufferedWriter(raw) if number else io.BufferedReader(raw)
        text = io.TextIOWrapper(
            binary,
            "utf-8",
            errors,
            line_buffering=number == 2 or os.isatty(number),
            write_through=is_unbuffered,
        )
        text.mode = "w" if number else "r"
        setattr(sys, name, text)
        setattr(sys, f"__{name}__", text)


def _main():
    address, owner, *modules = sys.argv[1:]
    # Whoever starts processes by it keeps the usual executable in mind.
    import multiprocessing.spawn  # noqa: F401

    path = [each for each in sys.path[1:] if each not in os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    sys.path[0] = str(Path(__file__).parents[1])
    for each in modules:
        __import__(each)
    # What is there already is none of the collector's business in those that are forked.
    gc.collect()
    gc.freeze()
    sys.executable = str(Path(address).with_name("python"))
    code, names = _become(*_Server(address, int(owner)).serve(), path)
    # New, as what is frozen is never freed, nor what it holds: a file that is left open would not be written.
    main = sys.modules["__main__"] = types.ModuleType("__main__")
    vars(main).update({"__builtins__": builtins, **names})
    exec(code, vars(main))


if __name__ == "__main__":
    _main()
