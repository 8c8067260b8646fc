"""Temporary folders that are removed even if their owner was killed: by the next one that makes a folder of their kind."""

import os
import shutil
import tempfile
import time
from pathlib import Path

from filelock import FileLock, Timeout

from dsml_magics.process.system import memory_folder

_LOCK = "owner.lock"
_YOUNG_S = 60.0
"""A folder this young may not be locked yet."""


class WorkFolder:
    """A temporary folder ``dsml-KIND-...``, locked as long as it is open; a context manager.

    Making one removes the folders of this kind whose owners ended without closing them.

    Parameters
    ----------
    beside
        Make it, hidden, in the folder of this path, where what is made can be moved to the path at once.
    in_memory
        Make it where files are kept in memory, if the system has such a place: for small files that are mapped, as
        a process that writes to a mapped file on a full disk is killed.

    Attributes
    ----------
    path
        The folder.
    """

    def __init__(self, kind: str, *, beside: Path | None = None, in_memory: bool = False) -> None:
        sweep(kind, beside=beside, in_memory=in_memory)
        parent, prefix = _place(kind, beside, in_memory)
        self.path = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        self._lock = FileLock(self.path / _LOCK, thread_local=False)
        try:
            self._lock.acquire()
        except BaseException:
            # A full disk, or an interrupt: without its lock nobody would ever remove it.
            shutil.rmtree(self.path, ignore_errors=True)
            raise

    def close(self) -> None:
        """Remove the folder with all that is in it."""
        self._lock.release()
        shutil.rmtree(self.path, ignore_errors=True)

    def __enter__(self) -> Path:
        return self.path

    def __exit__(self, *_: object) -> None:
        self.close()


def sweep(kind: str, *, beside: Path | None = None, in_memory: bool = False) -> list[Path]:
    """Remove the folders of a kind whose owners are gone; return them. Those of other users are left alone."""
    parent, prefix = _place(kind, beside, in_memory)
    found = parent.glob(f"{prefix}*")
    return [folder for folder in found if _is_ours(folder) and _try_remove(folder)]


def _place(kind: str, beside: Path | None, in_memory: bool) -> tuple[Path, str]:  # noqa: FBT001
    """Return where folders of a kind are made, and how their names begin."""
    if beside is None:
        memory = memory_folder() if in_memory else None
        return memory or Path(tempfile.gettempdir()), f"dsml-{kind}-"
    return beside.absolute().parent, f".dsml-{kind}-"


def _is_ours(folder: Path) -> bool:
    try:
        status = folder.lstat()
    except OSError:
        return False
    is_own = not hasattr(os, "getuid") or status.st_uid == os.getuid()
    return is_own and folder.is_dir() and not folder.is_symlink() and time.time() - status.st_mtime > _YOUNG_S


def _try_remove(folder: Path) -> bool:
    """Remove a folder if nobody holds its lock; the system lets go of it when its holder ends, however that ends."""
    if not (folder / _LOCK).exists():
        return False
    try:
        lock = FileLock(folder / _LOCK, timeout=0)
        lock.acquire()
    except (Timeout, OSError):
        return False
    lock.release()
    shutil.rmtree(folder, ignore_errors=True)
    return not folder.exists()
