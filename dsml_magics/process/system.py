"""What systems do differently: groups of processes, signals, memory, waiting for descriptors, forks, links.

Linux has all of it. Where something is missing, the plain way stands here: macOS has no handles of processes, so fresh
ones load their libraries themselves, and no peak of memory for a part of a process; Windows has no groups and no forks,
so a process is ended with the children that are known to be its own, and neither bounds nor peaks of memory.
"""

import contextlib
import os
import selectors
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

HAS_GROUPS = hasattr(os, "killpg")
_PROC = Path("/proc/self")


def can_fork() -> bool:
    """Tell whether processes can be forked from a template and held by a handle that is theirs alone."""
    return hasattr(os, "pidfd_open") and hasattr(socket, "send_fds") and hasattr(os, "fork")


def own_group() -> dict[str, Any]:
    """Return the options with which `subprocess.Popen` starts a process in a group of its own."""
    if HAS_GROUPS:
        return {"start_new_session": True}
    return {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}


def end(process: "subprocess.Popen[Any]") -> None:
    """End a process at once, wait for it, and close the pipes to it."""
    process.kill()
    process.wait()
    close_pipes(process)


def close_pipes(process: "subprocess.Popen[Any]") -> None:
    """Close the pipes to a process; what was not written to it is lost."""
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()


def end_group(process: "subprocess.Popen[Any]") -> None:
    """End a process that `own_group` started, with all it started, at once; wait for it alone."""
    if HAS_GROUPS:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    elif sys.platform == "win32":
        words = ["taskkill", "/F", "/T", "/PID", str(process.pid)]
        subprocess.run(words, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    process.kill()
    process.wait()


def end_own_group() -> None:
    """End this process, with all that its group holds, at once."""
    if HAS_GROUPS:
        with contextlib.suppress(OSError):
            os.killpg(0, signal.SIGKILL)
    os._exit(1)


def name_of_signal(code: int) -> str:
    """Name the signal that ended a process with a negative return code."""
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"


@contextlib.contextmanager
def on_termination(handle: Callable[[], object]) -> Iterator[None]:
    """Call a function when the process is asked to end (SIGTERM); outside the main thread, where Python handles no signals, do nothing."""
    owner = os.getpid()

    def act(*_: object) -> None:
        if os.getpid() == owner:
            handle()
        else:
            # A fork of this process has no part in what is to be put away.
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.raise_signal(signal.SIGTERM)

    try:
        before = signal.signal(signal.SIGTERM, act)
    except ValueError:
        yield
        return
    try:
        yield
    finally:
        # None: it was not set from Python.
        signal.signal(signal.SIGTERM, signal.SIG_DFL if before is None else before)


def interrupt() -> None:
    """Stop what the main thread does, as Ctrl-C would."""
    raise KeyboardInterrupt


def ignore_interrupts() -> None:
    """Leave Ctrl-C in the terminal to the process above."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def bound_memory(more: int) -> None:
    """Let this process take so many bytes more than it has, where the system can say so."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        pages = int((_PROC / "statm").read_text().split()[0])
        limit = pages * resource.getpagesize() + more
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def forget_peak_memory() -> None:
    """Let `peak_memory_mb` begin anew, where the system can."""
    with contextlib.suppress(OSError):
        # Resets the high water mark of this process' memory, and nothing else: see proc(5).
        (_PROC / "clear_refs").write_text("5")


def peak_memory_mb() -> float | None:
    """Return the most memory this process held, in MiB; None where the system does not tell."""
    with contextlib.suppress(OSError):
        for line in (_PROC / "status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def is_readable(descriptor: Any, timeout: float | None) -> bool:
    """Wait, at most so many seconds, until something can be read: `select` knows no descriptor above 1,023."""
    # `poll` needs no descriptor of its own, so it works also where none is free.
    kind: type[selectors.BaseSelector] = getattr(selectors, "PollSelector", selectors.DefaultSelector)
    with kind() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        return bool(selector.select(timeout))


def unsent_bytes(connection: Any) -> int:
    """Return how much of what was written to a socket the other side has not taken; 0 where that is not known."""
    try:
        import fcntl
        import termios
    except ImportError:
        return 0
    try:
        (size,) = struct.unpack("i", fcntl.ioctl(connection.fileno(), termios.TIOCOUTQ, bytes(4)))
    except OSError:
        return 0
    return int(size)


def memory_folder() -> Path | None:
    """Return a folder whose files are kept in memory, which a full disk does not touch; None where there is none."""
    folder = Path("/dev/shm")  # noqa: S108  what is made in it is the user's alone
    return folder if os.access(folder, os.W_OK | os.X_OK) else None


def path_of_folder(descriptor: int) -> str:
    """Return where a folder is that is open; nothing where the system does not tell."""
    with contextlib.suppress(OSError):
        return str(Path(f"/proc/self/fd/{descriptor}").readlink())
    return ""


def link_new(source: Path, target: Path) -> None:
    """Put a file where there is none yet, all of it at once.

    Raises
    ------
    FileExistsError
        There is one.
    """
    try:
        os.link(source, target)
    except FileExistsError:
        raise
    except OSError:
        # A file system without links, as of FAT and of some network shares.
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        source.replace(target)
