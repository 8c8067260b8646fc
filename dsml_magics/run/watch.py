"""Which files a step reads and writes: told by Python's own events, and by a look at the folder before and after."""

import ast
import glob
import os
import re
import site
import sys
import sysconfig
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from pathlib import Path
from types import FrameType
from typing import Any

from dsml_magics.ledger.home import cache as cache_folder
from dsml_magics.ledger.home import home
from dsml_magics.pipeline.names import dotted
from dsml_magics.process.system import path_of_folder
from dsml_magics.run.digest import digest_of, digest_of_file

# What a kernel shows as files.
_NO_FILES = ("/proc", "/sys", "/dev")
_LEFT = frozenset(("__pycache__", "node_modules", "venv", "mlruns", "mlartifacts"))
_LEDGER = "mlflow.db"
_WRITES = os.O_WRONLY | os.O_RDWR
_MOST_FILES = 20_000
_LONGEST = 500
_NEAR = 8
"""Frames between a call of Python and what an import does."""
_NO_READERS = frozenset(
    (
        "Path", "PurePath", "abspath", "basename", "chdir", "dirname", "exists", "expanduser", "format", "is_dir",
        "is_file", "isdir", "isfile", "join", "joinpath", "len", "makedirs", "mkdir", "print", "relpath", "resolve",
        "rmtree", "save", "savefig", "startswith", "str", "to_csv", "to_excel", "to_html", "to_json", "to_parquet",
        "to_pickle", "write_csv", "write_parquet",
    )
)  # fmt: skip
"""Functions that may be given a folder without reading what is in it; what Python opens or lists is heard anyway."""
_READER = re.compile(r"(?i)read|scan|load|open|dataset|folder|directory")
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
        after = _stamps(self.folder) if self._before is not None else None
        own = {path for path in self._written if _is_own(path) and not self._is_passing(path)}
        written = {self._name(path) for path in own} | _changed(self._before, after)
        read = {self._name(path) for path in self._read - self._written if _is_own(path)}
        read |= {self._name(path) for text in named for path in _files(text)}
        read |= {self._name(path) for text in folders for path in _files_below(text)}
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
        elif event in ("os.listdir", "os.scandir"):
            self._listed(arguments[0])
        elif event == "sqlite3.connect":
            self._note(self._written, arguments[0])

    def _opened(self, path: Any, mode: Any, flags: Any) -> None:  # noqa: ARG002  as Python tells it
        is_written = isinstance(flags, int) and flags & _WRITES
        self._note(self._written if is_written else self._read, path)

    def _listed(self, path: Any) -> None:
        """Note that names of files were asked for; not those an import looks through."""
        if isinstance(path, str | bytes | os.PathLike) and not _is_import():
            folder = os.fsdecode(path)
            if _is_own(os.path.abspath(folder)) and not self._is_passing(os.path.abspath(folder)):
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


def named_in(nodes: Iterable[ast.AST], values: Iterable[Any]) -> Iterator[str]:
    """Yield texts of some code, and of values it reads, that may be paths."""
    for top in nodes:
        yield from _constants(top)
    for value in values:
        yield from _texts(value)
        if type(value) in (list, tuple):
            yield from (text for item in value[:1000] for text in _texts(item))
        elif type(value) is dict:
            yield from (text for item in list(value.values())[:1000] for text in _texts(item))


def folders_in(nodes: Iterable[ast.AST], names: Mapping[str, Any]) -> Iterator[str]:
    """Yield paths that some code hands to a call that may read all files of a folder.

    Naming a folder reads nothing: it may be where files are written, one after another.
    """
    calls = [node for top in nodes for node in ast.walk(top) if isinstance(node, ast.Call)]
    for call in calls:
        called = dotted(call.func).rpartition(".")[2]
        if called in _NO_READERS or isinstance(call.func, ast.Call):
            continue
        is_reader = _READER.search(called) is not None
        for each in (*call.args, *(keyword.value for keyword in call.keywords)):
            found = [*_constants(each)]
            for node in ast.walk(each):
                if isinstance(node, ast.Name) and node.id in names:
                    found += _texts(names[node.id])
            # A single word may be anything, such as a column, but where the call says that it reads.
            yield from (os.path.join(text, "") if is_reader and text else text for text in found)


def _constants(node: ast.AST) -> Iterator[str]:
    found = (each.value for each in ast.walk(node) if isinstance(each, ast.Constant))
    yield from (value for value in found if isinstance(value, str))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str | os.PathLike):
        yield os.fsdecode(value)


def _files(text: str) -> list[str]:
    """List the files a text names: one, or those of a pattern."""
    if not _may_be_path(text):
        return []
    path = os.path.expanduser(text)
    if os.path.isfile(path):
        return [path] if _is_own(os.path.abspath(path)) else []
    if glob.has_magic(path) and ("/" in path or "." in path):
        return [each for each in glob.glob(path)[:_MOST_FILES] if os.path.isfile(each)]
    return []


def _files_below(text: str) -> Iterator[str]:
    """Yield the files of a folder and of those in it, if a text names one and says so."""
    path = os.path.expanduser(text) if _may_be_path(text) else ""
    if ("/" in path.rstrip("/.") or path.endswith("/")) and os.path.isdir(path):
        found = (os.path.join(at, name) for at, _, names in os.walk(path) for name in sorted(names))
        yield from (each for each in islice(found, _MOST_FILES) if _is_own(os.path.abspath(each)))


def _may_be_path(text: str) -> bool:
    return bool(text) and len(text) <= _LONGEST and "\n" not in text and "\0" not in text


def _is_own(path: str) -> bool:
    """Tell whether a file is the user's: none of Python, of the kernel or of ours, not hidden, not of the ledger."""
    others = _of_others(os.environ.get("DSML_HOME"), os.environ.get("DSML_CACHE"))
    if path.endswith((".pyc", ".pyo")) or path.startswith(others) or path + os.sep in others:
        return False
    parts = path.split(os.sep)
    return not any(_is_left(part) for part in parts[_shared_parts(parts) :])


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
