"""A copy of the folder a notebook works in, so that running it changes nothing there."""

import ast
import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from dsml_magics.errors import NotebookError

_LEFT = (
    ".git",
    ".venv",
    "venv",
    "node_modules",
    "__pycache__",
    ".ipynb_checkpoints",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
    ".hypothesis",
    ".tox",
    ".ipython",
)

_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Place:
    """A copy: `root` is what was copied, `folder` where the notebook stands in it."""

    root: Path
    folder: Path


def beside(folder: Path, texts: Iterable[str]) -> Iterator[Path]:
    """Find what a notebook reaches outside its folder by paths such as ``../data/train.csv``."""
    known = set(texts)
    for text in sorted(known):
        path = text if text.startswith("../") else f"../{text}"
        if (not text.startswith("../") and ".." not in known) or len(path) > _LONGEST or "\0" in path:
            continue
        parts = Path(path).parts
        up = next((at for at, part in enumerate(parts) if part != ".."), len(parts))
        if up < len(parts):
            # A link keeps its own place: the notebook reaches what it links to by that.
            target = Path(os.path.normpath(folder.joinpath(*parts[: up + 1])))
            if target.exists() and not folder.is_relative_to(target):
                yield target


def copied(folder: Path, others: Iterable[Path], to: Path) -> Place:
    """Copy a folder, and others it reaches, to the places they have to each other.

    Raises
    ------
    NotebookError
        The disk has no room for the copy.
    """
    sources = sorted({folder, *others})
    needed = sum(_size(path) for source in sources for path in _files(source))
    free = shutil.disk_usage(to.parent).free
    if needed > free * 0.9:
        raise NotebookError(
            f"Expected room to copy the notebook's folder, but {str(folder)!r} and what it reaches hold "
            f"{needed / 2**30:.1f} GiB and {free / 2**30:.1f} are free. Move the notebook into a folder of its own."
        )
    root = Path(os.path.commonpath([source.parent for source in sources]))
    for source in sources:
        target = to / source.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            left = shutil.ignore_patterns(*_LEFT)
            shutil.copytree(source, target, symlinks=True, ignore=left, dirs_exist_ok=True)
        else:
            shutil.copy2(source, target)
    return Place(to, to / folder.relative_to(root))


def texts_of(tree: ast.AST) -> Iterator[str]:
    """Yield the texts of a program, and the files its imports may be."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.Import):
            yield from _files_of(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from _files_of([node.module])


def _files_of(modules: Iterable[str]) -> Iterator[str]:
    for module in modules:
        top = module.partition(".")[0]
        yield from (top, f"{top}.py")


def _files(root: Path) -> Iterator[Path]:
    if root.is_file():
        yield root
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in _LEFT]
        yield from (Path(folder, name) for name in names)


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0
