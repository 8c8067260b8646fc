"""The end of a process whose work is done.

Python takes down every module of the libraries that are loaded: with MLflow's, that is up to a second, for nothing.
"""

import atexit
import os
import sys
import threading
from contextlib import suppress
from typing import NoReturn


def leave(code: int = 0) -> NoReturn:
    """End this process as Python does, but for taking down what is loaded."""
    run_exit_functions()
    flush()
    os._exit(code)


def run_exit_functions() -> None:
    """Wait for threads, then call what is registered for the exit, as Python does."""
    threading._shutdown()  # type: ignore[attr-defined]  # noqa: SLF001  as `multiprocessing` ends a process
    atexit._run_exitfuncs()  # noqa: SLF001  as above


def flush() -> None:
    """Write what is buffered for the standard output and error."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()
