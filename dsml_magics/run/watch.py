"""Which files a step reads and writes: told by Python's own events, and by a look at the folder before and after."""

import glob
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from dsml_magics.process.system import path_of_folder
from dsml_magics.run.digest import digest_of, digest_of_file
from dsml_magics.run.lookups import Lookups
from dsml_magics.run.named_files import files_below, files_of
from dsml_magics.run.own_files import is_below, is_left, is_own

_WRITES = os.O_WRONLY | os.O_RDWR
_MOST_FILES = 20_000
_NEAR = 8
"""Frames between a call of Python and what an import does."""
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
    _lookups: Lookups = field(default_factory=Lookups)
    _before: Mapping[str, tuple[int, int, int]] | None = None
    _is_on: bool = False

    def __post_init__(self) -> None:
        # What this loads must not be loaded while a step asks for a variable or lists a folder.
        is_own(os.getcwd())

        noted: dict[str, Callable[..., None]] = {
            "glob.glob": self._globbed,
            "open": self._opened,
            "os.listdir": self._listed,
            "os.mkdir": self._made,
            "os.remove": self._removed,
            "os.rename": self._renamed,
            "os.scandir": self._listed,
            "sqlite3.connect": self._connected,
        }

        # Python calls it hundreds of thousands of times, nearly always for other events.
        def hear(event: str, arguments: tuple[Any, ...]) -> None:
            if event in noted and self._is_on:
                noted[event](*arguments)

        # A hook stays for the life of the process, so it is set once.
        sys.addaudithook(hear)

    def begin(self, *, looks: bool) -> None:
        """Start anew; `looks` says whether what is new in the folder is this step's."""
        self._read, self._written, self._patterns = set(), set(), set()
        self._before = _stamps(self.folder) if looks else None
        self._is_on = True
        self._lookups.begin()

    def end(self, named: Iterable[str], folders: Iterable[str] = ()) -> tuple[dict[str, str], dict[str, str]]:
        """Stop; return digests of the files read and of those written, by path from the folder.

        Parameters
        ----------
        named
            Texts that may be paths of files the step reads.
        folders
            Texts that may be paths of folders all of whose files it reads.
        """
        self._is_on = False
        self._lookups.end()
        after = _stamps(self.folder) if self._before is not None else None
        own = {path for path in self._written if is_own(path) and not self._is_passing(path)}
        written = {self._name(path) for path in own} | _changed(self._before, after)
        read = {self._name(path) for path in self._read - self._written if is_own(path)}
        read |= {self._name(path) for text in named for path in files_of(text)}
        read |= {self._name(path) for text in folders for path in files_below(text)}
        patterns = {pattern: self.digest(pattern) for pattern in self._patterns}
        found = {name: self.digest(name) for name in sorted(read - written)}
        # A file that was missing when it looked, or tried to open it, is an input as well: it may exist the next time.
        asked = {*self._lookups.absent, *self._read}
        absent = {self._name(path) for path in asked if self._is_absent(path)} - written
        return (
            {name: digest for name, digest in found.items() if digest != GONE}
            | dict.fromkeys(sorted(absent)[:_MOST_FILES], GONE)
            | patterns,
            {name: self.digest(name) for name in sorted(written)},
        )

    @property
    def variables(self) -> dict[str, str | None]:
        """The variables of the environment that the user's code read, with their values."""
        return self._lookups.variables

    def digest(self, name: str) -> str:
        return digest_at(self.folder, name)

    def _is_absent(self, path: str) -> bool:
        return is_own(path) and not self._is_passing(path) and not os.path.lexists(path)

    def _is_passing(self, path: str) -> bool:
        """Tell whether a file lies where programs keep what only they need, and for a while."""
        return is_below(path, Path(tempfile.gettempdir())) and not is_below(path, self.folder)

    def _name(self, path: str) -> str:
        """Write a path as seen from the folder, if it is below."""
        whole = os.path.abspath(path)
        return os.path.relpath(whole, self.folder) if is_below(whole, self.folder) else whole

    def _globbed(self, pattern: Any, *_: Any) -> None:
        self._patterns.add(os.fsdecode(pattern))

    def _made(self, path: Any, mode: Any, folder: int) -> None:  # noqa: ARG002  as Python tells it
        self._note(self._written, path, folder)

    def _removed(self, path: Any, folder: int) -> None:
        self._note(self._written, path, folder)

    def _renamed(self, path: Any, new: Any, folder: int, new_folder: int) -> None:
        self._note(self._written, path, folder)
        self._note(self._written, new, new_folder)

    def _connected(self, path: Any) -> None:
        self._note(self._written, path)

    def _opened(self, path: Any, mode: Any, flags: Any) -> None:  # noqa: ARG002  as Python tells it
        is_written = isinstance(flags, int) and flags & _WRITES
        self._note(self._written if is_written else self._read, path)

    def _listed(self, path: Any) -> None:
        """Note that names of files were asked for; not those an import looks through."""
        if isinstance(path, str | bytes | os.PathLike) and not _is_import():
            folder = os.fsdecode(path)
            if is_own(os.path.abspath(folder)) and not self._is_passing(os.path.abspath(folder)):
                self._patterns.add(os.path.join(glob.escape(folder), "*"))

    def _note(self, found: set[str], path: Any, folder: int = -1) -> None:
        """Note a path; a descriptor may say from which folder it is, as where a tree is removed."""
        if not isinstance(path, str | bytes | os.PathLike):
            return
        with suppress(OSError):
            above = "" if folder == -1 else path_of_folder(folder)
            found.add(os.path.abspath(os.path.join(above, os.fsdecode(path))))


def _is_import() -> bool:
    """Tell whether what Python does now is done by an import, or a look for what is installed."""
    frame: FrameType | None = sys._getframe(3)  # noqa: SLF001  there is no other way
    for _ in range(_NEAR):
        if frame is None:
            return False
        if "importlib" in frame.f_code.co_filename or "pkg_resources" in frame.f_code.co_filename:
            return True
        frame = frame.f_back
    return False


def digest_at(folder: Path, name: str) -> str:
    """Return the digest of a file, or of what a pattern matches; `GONE` where there is none."""
    path = folder / name
    try:
        if path.is_file():
            return digest_of_file(path)
    except OSError:
        return GONE
    return digest_of(*sorted(glob.glob(name))) if glob.has_magic(name) else GONE


def _stamps(folder: Path) -> dict[str, tuple[int, int, int]] | None:
    """Look at the files below a folder; None where there are too many for that."""
    found: dict[str, tuple[int, int, int]] = {}
    for here, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not is_left(name)]
        for name in names:
            if not is_left(name):
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
