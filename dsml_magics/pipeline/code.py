"""The code cells of a notebook: read first, then converted with the names of all of them known."""

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from dsml_magics.errors import NotebookError
from dsml_magics.pipeline.awaiting import as_coroutine, looping_names, needs_loop
from dsml_magics.pipeline.cell import convert, lower
from dsml_magics.pipeline.draft import Draft, read
from dsml_magics.pipeline.figures import closing, drawing_names, leaves_figures
from dsml_magics.pipeline.history import keeping, last_reader
from dsml_magics.pipeline.inlining import Inline
from dsml_magics.pipeline.magic import comment, suite
from dsml_magics.pipeline.names import Names, names_of
from dsml_magics.pipeline.scope import Scope
from dsml_magics.pipeline.showing import figure_names
from dsml_magics.pipeline.value import Cell


@dataclass(frozen=True, slots=True)
class Code:
    """A code cell; it has no `draft` where it is not to run.

    `number` counts the code cells from 1, `count` those that a kernel runs: it is the ``[n]`` of a
    fresh run, and 0 for a cell that does not run. `saved_count` is the one the file has.
    """

    number: int
    count: int
    source: str
    tags: frozenset[str]
    draft: Draft | None
    saved_count: int | None = None


def read_all(notebook: Any, name: str) -> list[Code]:
    """Read the code cells.

    Raises
    ------
    NotebookError
        There is none, or one is no Python.
    """
    cells = [cell for cell in notebook.get("cells", ()) if cell.get("cell_type") == "code"]
    codes: list[Code] = []
    count = 0
    bound: set[str] = set()
    for number, cell in enumerate(cells, start=1):
        runs = bool(cell.get("source", "").strip()) and "skip-execution" not in _tags(cell)
        count += runs
        codes.append(_read(number, count if runs else 0, cell, name, bound))
    if not any(code.source.strip() for code in codes):
        raise NotebookError(f"Expected a notebook with code, but {name!r} has no code cell with any.")
    return codes


def converted(
    codes: list[Code], name: str, inline: Inline, *, keeps_magics: bool = False
) -> tuple[dict[int, list[Cell]], Scope]:
    """Convert the cells, by number; the scope tells what the script needs besides."""
    # A first pass finds every name the notebook binds, magics included: the second keeps clear of them.
    draft = dict(_lowered(codes, Scope(Names(), convert, inline, keeps_magics=keeps_magics), name))
    scope = Scope(_names(codes, draft), convert, inline, keeps_magics=keeps_magics)
    scope.figures = figure_names(
        (_tree(code, draft[code.number]) for code in codes if code.draft is not None), scope.names.bound
    )
    sources = dict(_lowered(codes, scope, name))
    trees = {code.number: _tree(code, sources[code.number]) for code in codes if code.draft is not None}
    drawing = drawing_names(trees.values(), scope)
    looping = looping_names(trees.values())
    reader = last_reader(scope.names)
    # From here on, what is imported is what has been by the end of each cell.
    scope.forget_imports()
    cells: dict[int, list[Cell]] = {}
    for code in codes:
        source = sources[code.number]
        with _located(code, name):
            if code.draft is not None:
                scope.number = code.number
                if "raises-exception" not in code.tags:
                    scope.reach(trees[code.number].body)
                draws = scope.closes_figures and leaves_figures(trees[code.number], drawing, scope)
                if code.count < reader:
                    source = keeping(source, code.draft, code.source, code.count, scope)
                loops = needs_loop(trees[code.number], looping)
                source = _finished(code, source, scope, draws=draws, loops=loops)
        cells[code.number] = [Cell(source, number=code.number)]
    scope.number = 0
    return cells, scope


def _tags(cell: Any) -> frozenset[str]:
    return frozenset(cell.get("metadata", {}).get("tags", ()))


def _read(number: int, count: int, cell: Any, name: str, bound: set[str]) -> Code:
    source, tags = cell.get("source", ""), _tags(cell)
    saved = cell.get("execution_count")
    if "skip-execution" in tags:
        return Code(number, count, source, tags, None, saved)
    try:
        draft = read(source, bound=bound)
    except NotebookError as error:
        if "raises-exception" in tags:
            return Code(number, count, source, tags, None, saved)
        raise NotebookError(f"{name}.ipynb, code cell {number}, {error}") from error
    return Code(number, count, source, tags, draft, saved)


def _tree(code: Code, source: str) -> ast.Module:
    draft = code.draft
    return draft.tree if draft is not None and source == draft.text.strip("\n") else ast.parse(source)


def _names(codes: list[Code], sources: dict[int, str]) -> Names:
    return names_of(
        (code.number, _tree(code, sources[code.number])) for code in codes if code.draft is not None
    )


def _lowered(codes: list[Code], scope: Scope, name: str) -> Iterator[tuple[int, str]]:
    for code in codes:
        scope.number = code.number
        with _located(code, name):
            yield code.number, lower(code.draft, scope) if code.draft is not None else _left_out(code, scope)


def _left_out(code: Code, scope: Scope) -> str:
    scope.warn("is left out as a comment: it does not run in the notebook either.")
    return comment(code.source.strip("\n"))


def _finished(code: Code, source: str, scope: Scope, *, draws: bool, loops: bool) -> str:
    """Add what the cell as a whole needs: a coroutine if it awaits, a handler if it may raise, its figures closed."""
    if loops:
        source = as_coroutine(source, scope)
    if "raises-exception" in code.tags:
        scope.warn("may raise: the script prints the traceback and goes on, as the notebook does.")
        source = (
            suite("try:", source)
            + f"\nexcept (Exception, SystemExit):\n    {scope.module('traceback')}.print_exc()"
        )
    if not draws or source.endswith(closed := closing(scope)):
        return source
    return f"{source}\n{closed}"


@contextmanager
def _located(code: Code, name: str) -> Iterator[None]:
    try:
        yield
    except NotebookError as error:
        raise NotebookError(f"{name}.ipynb, code cell {code.number}, {error}") from error
    except (RecursionError, MemoryError):
        # What is nested in a magic or in the braces of a text is read here for the first time.
        raise NotebookError(
            f"{name}.ipynb, code cell {code.number} is nested too deeply to be converted. "
            "Split its longest expression into several statements."
        ) from None
