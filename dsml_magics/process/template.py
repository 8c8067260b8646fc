"""The process that fresh ones are forked from: it has loaded some libraries, and nothing of the user's.

It reads requests from a socket, its standard input: JSON with three descriptors or more. It answers with the number of the
process it forked and a handle of it, and ends when whoever asks is gone.
"""

import gc
import json
import os
import signal
import socket
import sys
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from typing import Any

COMMAND = "from dsml_magics.process.template import main; main()"
"""What it runs, with the modules to load as words."""
_LONGEST = 1 << 20
_DESCRIPTORS = 16


def main() -> None:
    """Load, then fork until nobody asks any more."""
    loaded = sys.argv[1:]
    # As Python's documentation of `gc.freeze` says: what is loaded here is none of the collector's business, and looking
    # through it would copy it into each process that is forked.
    gc.disable()
    # Nobody else waits for those it forks.
    signal.signal(signal.SIGCHLD, _reap)
    for module in loaded:
        _load(module)
    with socket.socket(fileno=os.dup(0)) as asked:
        while True:
            message, descriptors, _, _ = socket.recv_fds(asked, _LONGEST, _DESCRIPTORS)
            if not message:
                return
            _obey(json.loads(message), descriptors, asked)


def _load(module: str) -> None:
    # What is not there is told where it is needed.
    with suppress(ImportError):
        import_module(module)


def _obey(request: Mapping[str, Any], descriptors: Sequence[int], asked: socket.socket) -> None:
    if "load" in request:
        for module in request["load"]:
            _load(module)
        return
    # Until there is a handle of it, nobody may wait for a child: then its number would be free for another.
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
    gc.freeze()
    child = os.fork()
    if not child:
        gc.enable()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
        code = 1
        try:
            asked.close()
            _become(request, descriptors)
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        except BaseException:  # noqa: BLE001  as Python does at the end of a process
            traceback.print_exc()
        finally:
            with suppress(OSError, ValueError):
                sys.stdout.flush()
            os._exit(code)
    for descriptor in descriptors:
        os.close(descriptor)
    handles: list[int] = []
    try:
        # One that nobody could hold is ended; whoever asked hears of it by an answer without a handle.
        try:
            handles.append(os.pidfd_open(child))
        except OSError:
            os.kill(child, signal.SIGKILL)
        socket.send_fds(asked, [str(child).encode()], handles)
    finally:
        for handle in handles:
            os.close(handle)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])


def _reap(*_: object) -> None:
    """Let go of the processes that have ended."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _become(request: Mapping[str, Any], descriptors: Sequence[int]) -> None:
    """Be the process that was asked for."""
    os.setsid()
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["folder"])
    sys.argv = [request["module"], *map(str, range(3, len(descriptors)))]
    _draw_anew()
    import_module(request["module"]).main()


def _draw_anew() -> None:
    """Let processes draw other random numbers than their siblings; Python sees to its own."""
    if "numpy.random" in sys.modules:
        import numpy as np

        np.random.seed()  # noqa: NPY002  the generator that all of them were forked with
