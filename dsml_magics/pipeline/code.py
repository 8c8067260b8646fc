"""The code cells of a notebook: read first, then converted with the names of all of them known."""

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from dsml_magics.errors import NotebookError
from dsml_magics.pipeline.awaiting import as_coroutine
from dsml_magics.pipeline.cell import convert, lower
from dsml_magics.pipeline.draft import Draft, read
from dsml_magics.pipeline.magic import comment, suite
from dsml_magics.pipeline.names import Names, names_of
from dsml_magics.pipeline.scope import Scope
from dsml_magics.pipeline.value import Cell


@dataclass(frozen=True, slots=True)
class Code:
    """A code cell; it has no `draft` where it is not to run."""

    number: int
    source: str
    tags: frozenset[str]
    draft: Draft | None


def read_all(notebook: Any, name: str) -> list[Code]:
    """Read the code cells.

    Raises
    ------
    NotebookError
        There is none, or one is no Python.
    """
    cells = [cell for cell in notebook.get("cells", ()) if cell.get("cell_type") == "code"]
    codes = [_read(number, cell, name) for number, cell in enumerate(cells, start=1)]
    if not any(code.source.strip() for code in codes):
        raise NotebookError(f"Expected a notebook with code, but {name!r} has no code cell with any.")
    return codes


def converted(codes: list[Code], name: str) -> tuple[dict[int, list[Cell]], Scope]:
    """Convert the cells, by number; the scope tells what the script needs besides."""
    # A first pass finds every name the notebook binds, magics included: the second keeps clear of them.
    draft = dict(_lowered(codes, Scope(Names(), convert), name))
    scope = Scope(_names(codes, draft), convert)
    cells: dict[int, list[Cell]] = {}
    for code, (number, source) in zip(codes, _lowered(codes, scope, name), strict=True):
        with _located(code, name):
            cells[number] = [Cell(_finished(code, source, scope), number=number)]
    scope.number = 0
    return cells, scope


def _read(number: int, cell: Any, name: str) -> Code:
    source = cell.get("source", "")
    tags = frozenset(cell.get("metadata", {}).get("tags", ()))
    if "skip-execution" in tags:
        return Code(number, source, tags, None)
    try:
        return Code(number, source, tags, read(source))
    except NotebookError as error:
        if "raises-exception" in tags:
            return Code(number, source, tags, None)
        raise NotebookError(f"{name}.ipynb, code cell {number}, {error}") from error


def _names(codes: list[Code], sources: dict[int, str]) -> Names:
    trees = (
        (
            code.number,
            ast.parse(sources[code.number]) if code.draft.places else code.draft.tree,
        )
        for code in codes
        if code.draft is not None
    )
    return names_of(trees)


def _lowered(codes: list[Code], scope: Scope, name: str) -> Iterator[tuple[int, str]]:
    for code in codes:
        scope.number = code.number
        with _located(code, name):
            yield code.number, lower(code.draft, scope) if code.draft is not None else _left_out(code, scope)


def _left_out(code: Code, scope: Scope) -> str:
    scope.warn("is left out as a comment: it does not run in the notebook either.")
    return comment(code.source.strip("\n"))


def _finished(code: Code, source: str, scope: Scope) -> str:
    """Add what the cell as a whole needs: a coroutine if it awaits, a handler if it may raise."""
    if code.draft is None:
        return source
    scope.number = code.number
    source = as_coroutine(source, scope)
    if "raises-exception" not in code.tags:
        return source
    scope.warn("may raise: the script prints the traceback and goes on, as the notebook does.")
    return suite("try:", source) + f"\nexcept Exception:\n    {scope.module('traceback')}.print_exc()"


@contextmanager
def _located(code: Code, name: str) -> Iterator[None]:
    try:
        yield
    except NotebookError as error:
        raise NotebookError(f"{name}.ipynb, code cell {code.number}, {error}") from error
