"""Files that code names, or values it reads: what a library opens by itself, past Python, is found by them."""

import ast
import glob
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from dsml_magics.pipeline.names import dotted
from dsml_magics.run.own_files import is_own

_MOST_FILES = 20_000
_LONGEST = 500
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


def files_of(text: str) -> list[str]:
    """List the files a text names: one, or those of a pattern."""
    if not _may_be_path(text):
        return []
    path = os.path.expanduser(text)
    if os.path.isfile(path):
        return [path] if is_own(os.path.abspath(path)) else []
    if glob.has_magic(path) and ("/" in path or "." in path):
        return [each for each in glob.glob(path)[:_MOST_FILES] if os.path.isfile(each)]
    return []


def files_below(text: str) -> Iterator[str]:
    """Yield the files of a folder and of those in it, if a text names one and says so."""
    path = os.path.expanduser(text) if _may_be_path(text) else ""
    if ("/" in path.rstrip("/.") or path.endswith("/")) and os.path.isdir(path):
        found = (os.path.join(at, name) for at, _, names in os.walk(path) for name in sorted(names))
        yield from (each for each in islice(found, _MOST_FILES) if is_own(os.path.abspath(each)))


def _may_be_path(text: str) -> bool:
    return bool(text) and len(text) <= _LONGEST and "\n" not in text and "\0" not in text
