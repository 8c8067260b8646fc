"""What systems do differently: groups of processes, waiting for descriptors, forks, links.

Linux has all of it. Where something is missing, the plain way stands here: macOS has no handles of processes, so fresh
ones load their libraries themselves; Windows has no groups and no forks, so a process is ended with the children that
are known to be its own.
"""

import contextlib
import os
import selectors
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

HAS_GROUPS = hasattr(os, "killpg")


def can_fork() -> bool:
    """Tell whether processes can be forked from a template and held by a handle that is theirs alone."""
    return hasattr(os, "pidfd_open") and hasattr(socket, "send_fds") and hasattr(os, "fork")


def own_group() -> dict[str, Any]:
    """Return the options with which `subprocess.Popen` starts a process in a group of its own."""
    if HAS_GROUPS:
        return {"start_new_session": True}
    return {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}


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


def is_readable(descriptor: Any, timeout: float | None) -> bool:
    """Wait, at most so many seconds, until something can be read: `select` knows no descriptor above 1,023."""
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        return bool(selector.select(timeout))


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
