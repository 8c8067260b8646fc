"""Notebooks that a notebook runs: their cells become part of it."""

from collections.abc import Callable
from pathlib import Path

from dsml_magics.errors import NotebookError
from dsml_magics.pipeline.cell import lower
from dsml_magics.pipeline.draft import read
from dsml_magics.pipeline.magic import NotLowered
from dsml_magics.pipeline.notebook import check_notebook, open_notebook
from dsml_magics.pipeline.scope import Scope

Inline = Callable[[str, Scope], str]


def inlining(folder: Path | None, chain: tuple[Path, ...]) -> Inline:
    """Return the function that converts a notebook run by another, given the notebooks that led there."""

    def inline(path: str, scope: Scope) -> str:
        if folder is None:
            raise NotLowered("expected the notebook's folder to be known. Convert the file.")
        if scope.changes_folder:
            raise NotLowered("the folder was changed before, so where that notebook is cannot be known.")
        target = (folder / path).resolve()
        if target in chain:
            names = " runs ".join(each.name for each in (*chain[chain.index(target) :], target))
            raise NotLowered(f"notebooks that run each other never end: {names}.")
        return _cells(target, scope, inlining(folder, (*chain, target)))

    return inline


def _cells(path: Path, scope: Scope, inline: Inline) -> str:
    """Convert the cells of a notebook as a part of the one that runs it."""
    try:
        node = open_notebook(path)
        check_notebook(node, path.stem)
    except NotebookError as error:
        raise NotLowered(str(error)) from error
    outer, scope.inline = scope.inline, inline
    parts: list[str] = []
    try:
        for number, cell in enumerate(
            (each for each in node["cells"] if each["cell_type"] == "code"), start=1
        ):
            if cell["source"].strip() and "skip-execution" not in cell["metadata"].get("tags", ()):
                parts.append(_cell(cell["source"], scope, f"{path.name}, code cell {number}, "))
    finally:
        scope.inline = outer
    return f"# {path.name}\n" + "\n\n".join(parts)


def _cell(source: str, scope: Scope, where: str) -> str:
    try:
        return lower(read(source), scope)
    except NotebookError as error:
        raise NotLowered(f"{where}{error}") from error
