"""Which files are the user's."""

import os
import site
import sys
import sysconfig
import threading
from functools import cache
from pathlib import Path

from dsml_magics.ledger.home import cache as cache_folder
from dsml_magics.ledger.home import home

# What a kernel shows as files.
_NO_FILES = ("/proc", "/sys", "/dev")
_LEFT = frozenset(("__pycache__", "node_modules", "venv", "mlruns", "mlartifacts"))
_LEDGER = "mlflow.db"
_asked = threading.local()


def is_own(path: str) -> bool:
    """Tell whether a file is the user's: none of Python, of the kernel or of ours, not hidden, not of the ledger."""
    # To find our folders may load a module that reads variables or lists a folder, and so asks again.
    if getattr(_asked, "is_on", False):
        return False
    _asked.is_on = True
    try:
        others = _of_others(os.environ.get("DSML_HOME"), os.environ.get("DSML_CACHE"))
    finally:
        _asked.is_on = False
    if path.endswith((".pyc", ".pyo")) or path.startswith(others) or path + os.sep in others:
        return False
    parts = path.split(os.sep)
    return not any(is_left(part) for part in parts[_shared_parts(parts) :])


@cache
def _of_others(*_: str | None) -> tuple[str, ...]:
    """List the folders that are not the user's, as long as the environment names the same of ours."""
    folders = (*_NO_FILES, *_of_python(), str(home()), str(cache_folder()))
    return tuple(folder.rstrip(os.sep) + os.sep for folder in folders)


@cache
def _of_python() -> tuple[str, ...]:
    """List the folders of Python and of what is installed into it.

    Not where it is installed: below ``/usr`` people work as well, and a project may be its own virtual environment.
    """
    paths = [path for kind, path in sysconfig.get_paths().items() if kind not in ("data", "scripts")]
    installed = (*paths, *site.getsitepackages(), site.getusersitepackages(), *_prefixes())
    return tuple(sorted({os.path.abspath(path) for path in installed}))


def _prefixes() -> list[str]:
    """List the folders of a virtual environment that are not the user's; elsewhere others keep files there too."""
    if sys.prefix == sys.base_prefix:
        return []
    return [os.path.join(sys.prefix, name) for name in ("lib", "lib64", "bin", "include", "Lib", "Scripts")]


def _shared_parts(parts: list[str]) -> int:
    """Count the leading parts that the working folder has as well: that one may be hidden."""
    own = os.getcwd().split(os.sep)
    count = 0
    while count < min(len(own), len(parts)) and own[count] == parts[count]:
        count += 1
    return count


def is_left(name: str) -> bool:
    return name.startswith((".", _LEDGER)) or name in _LEFT


def is_below(path: str, folder: Path) -> bool:
    text = str(folder)
    return path == text or path.startswith(text.rstrip(os.sep) + os.sep)
