"""Which files a step reads and writes: told by Python's own events, and by a look at the folder before and after."""

import ast
import glob
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dsml_magics.ledger.home import cache, home
from dsml_magics.run.digest import digest_of, digest_of_file

_SYSTEM = ("/proc", "/sys", "/dev", "/etc", "/usr", "/lib", "/run", "/var/lib")
_LEFT = frozenset(("__pycache__", "node_modules", "venv", "mlruns", "mlartifacts"))
_LEDGER = "mlflow.db"
_WRITES = os.O_WRONLY | os.O_RDWR
_MOST_FILES = 20_000
_LONGEST = 500
GONE = ""
"""Instead of a digest: there is no such file."""


@dataclass
class Watch:
    """Files that were opened since `begin`.

    What a library opens by itself, past Python, is found where the code or a value it reads names the file.
    """

    folder: Path
    _read: set[str] = field(default_factory=set)
    _written: set[str] = field(default_factory=set)
    _patterns: set[str] = field(default_factory=set)
    _before: Mapping[str, tuple[int, int, int]] | None = None
    _is_on: bool = False

    def __post_init__(self) -> None:
        # A hook stays for the life of the process, so it is set once.
        sys.addaudithook(self._hear)

    def begin(self, *, looks: bool) -> None:
        """Start anew; `looks` says whether what is new in the folder is this step's."""
        self._read, self._written, self._patterns = set(), set(), set()
        self._before = _stamps(self.folder) if looks else None
        self._is_on = True

    def end(self, named: Iterable[str]) -> tuple[dict[str, str], dict[str, str]]:
        """Stop; return digests of the files read and of those written, by path from the folder.

        Parameters
        ----------
        named
            Texts that may be paths of files the step reads.
        """
        self._is_on = False
        after = _stamps(self.folder) if self._before is not None else None
        own = {path for path in self._written if _is_own(path) and not self._is_passing(path)}
        written = {self._name(path) for path in own} | _changed(self._before, after)
        read = {self._name(path) for path in self._read - self._written if _is_own(path)}
        read |= {self._name(path) for text in named for path in _files(text)}
        patterns = {pattern: self.digest(pattern) for pattern in self._patterns}
        found = {name: self.digest(name) for name in sorted(read - written)}
        return (
            {name: digest for name, digest in found.items() if digest != GONE} | patterns,
            {name: self.digest(name) for name in sorted(written)},
        )

    def digest(self, name: str) -> str:
        return digest_at(self.folder, name)

    def _is_passing(self, path: str) -> bool:
        """Tell whether a file lies where programs keep what only they need, and for a while."""
        return _is_below(path, Path(tempfile.gettempdir())) and not _is_below(path, self.folder)

    def _name(self, path: str) -> str:
        """Write a path as seen from the folder, if it is below."""
        whole = os.path.abspath(path)
        return os.path.relpath(whole, self.folder) if _is_below(whole, self.folder) else whole

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self._is_on:
            return
        if event == "open":
            self._opened(*arguments)
        elif event == "os.rename":
            for path, folder in zip(arguments[:2], arguments[2:], strict=True):
                self._note(self._written, path, folder)
        elif event == "os.remove":
            self._note(self._written, *arguments)
        elif event == "glob.glob":
            self._patterns.add(os.fsdecode(arguments[0]))
        elif event == "sqlite3.connect":
            self._note(self._written, arguments[0])

    def _opened(self, path: Any, mode: Any, flags: Any) -> None:  # noqa: ARG002  as Python tells it
        is_written = isinstance(flags, int) and flags & _WRITES
        self._note(self._written if is_written else self._read, path)

    def _note(self, found: set[str], path: Any, folder: int = -1) -> None:
        """Note a path; a descriptor may say from which folder it is, as where a tree is removed."""
        if not isinstance(path, str | bytes | os.PathLike):
            return
        with suppress(OSError):
            above = "" if folder == -1 else os.readlink(f"/proc/self/fd/{folder}")
            found.add(os.path.abspath(os.path.join(above, os.fsdecode(path))))


def digest_at(folder: Path, name: str) -> str:
    """Return the digest of a file, or of what a pattern matches; `GONE` where there is none."""
    path = folder / name
    try:
        if path.is_file():
            return digest_of_file(path)
    except OSError:
        return GONE
    return digest_of(*sorted(glob.glob(name))) if glob.has_magic(name) else GONE


def named_in(nodes: Iterable[ast.AST], values: Iterable[Any]) -> Iterator[str]:
    """Yield texts of some code, and of values it reads, that may be paths."""
    for top in nodes:
        for node in ast.walk(top):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value
    for value in values:
        yield from _texts(value)
        if type(value) in (list, tuple):
            yield from (text for item in value[:1000] for text in _texts(item))
        elif type(value) is dict:
            yield from (text for item in list(value.values())[:1000] for text in _texts(item))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str | os.PathLike):
        yield os.fsdecode(value)


def _files(text: str) -> list[str]:
    """List the files a text names: one, those of a pattern, or those of a folder."""
    if not text or len(text) > _LONGEST or "\n" in text or "\0" in text:
        return []
    path = os.path.expanduser(text)
    if os.path.isfile(path):
        return [path] if _is_own(os.path.abspath(path)) else []
    if glob.has_magic(path) and ("/" in path or "." in path):
        return [each for each in glob.glob(path)[:_MOST_FILES] if os.path.isfile(each)]
    if "/" in path.rstrip("/.") or path.endswith("/"):
        return [each.path for each in _scanned(path) if each.is_file()] if os.path.isdir(path) else []
    return []


def _scanned(path: str) -> list["os.DirEntry[str]"]:
    with os.scandir(path) as entries:
        return sorted(entries, key=lambda entry: entry.name)[:1000]


def _is_own(path: str) -> bool:
    """Tell whether a file is the user's: none of Python, of the system or of ours, not hidden, not of the ledger."""
    others = (sys.prefix, sys.base_prefix, *_SYSTEM, home(), cache())
    if any(_is_below(path, Path(folder)) for folder in others) or path.endswith((".pyc", ".pyo")):
        return False
    parts = path.split(os.sep)
    return not any(_is_left(part) for part in parts[_shared_parts(parts) :])


def _shared_parts(parts: list[str]) -> int:
    """Count the leading parts that the working folder has as well: that one may be hidden."""
    own = os.getcwd().split(os.sep)
    count = 0
    while count < min(len(own), len(parts)) and own[count] == parts[count]:
        count += 1
    return count


def _is_left(name: str) -> bool:
    return name.startswith((".", _LEDGER)) or name in _LEFT


def _is_below(path: str, folder: Path) -> bool:
    text = str(folder)
    return path == text or path.startswith(text.rstrip(os.sep) + os.sep)


def _stamps(folder: Path) -> dict[str, tuple[int, int, int]] | None:
    """Look at the files below a folder; None where there are too many for that."""
    found: dict[str, tuple[int, int, int]] = {}
    for here, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not _is_left(name)]
        for name in names:
            if not _is_left(name):
                path = os.path.join(here, name)
                facts = os.lstat(path) if os.path.lexists(path) else None
                if facts is not None:
                    found[os.path.relpath(path, folder)] = facts.st_mtime_ns, facts.st_size, facts.st_ino
        if len(found) > _MOST_FILES:
            return None
    return found


def _changed(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> set[str]:
    if before is None or after is None:
        return set()
    return {name for name in {*before, *after} if before.get(name) != after.get(name)}
