"""Steps: what stands under each heading."""

import itertools
import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from typing import Any

from dsml_magics.pipeline.magic import has_statements
from dsml_magics.pipeline.markdown import sections
from dsml_magics.pipeline.value import Cell, Step


def title_of(notebook: Any) -> str:
    """Return the first top heading, else the first of any level, else nothing."""
    headings = [found for cell in _markdown(notebook) for found in sections(cell["source"]) if found.level]
    top = [found.title for found in headings if found.level == 1 and found.title]
    return (top or [found.title for found in headings] or [""])[0]


def steps_of(notebook: Any, cells: Mapping[int, list[Cell]]) -> tuple[Step, ...]:
    """Sort converted code cells, given by number, and the text between them under their headings."""
    steps = _Steps()
    number = 0
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            number += 1
            if name := _tagged(cell):
                steps.go_on(name)
            for converted in cells[number]:
                steps.add_code(converted)
        elif cell["cell_type"] == "markdown":
            for section in sections(cell["source"]):
                if section.level:
                    steps.begin(section.title, section.level)
                steps.add_text(section.text)
    return steps.finished()


def _markdown(notebook: Any) -> list[Any]:
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "markdown"]


def _tagged(cell: Any) -> str:
    """Find the name in a tag such as ``step:train``."""
    tags = cell.get("metadata", {}).get("tags", ())
    return next((tag.removeprefix("step:").strip() for tag in tags if tag.startswith("step:")), "")


def name_of(title: str, taken: Container[str]) -> str:
    """Write a title as the name of a step, another than those taken."""
    name = "-".join(re.findall(r"\w+", title.casefold())) or "start"
    names = itertools.chain([name], (f"{name}-{number}" for number in itertools.count(2)))
    return next(name for name in names if name not in taken)


class _Steps:
    """Steps under construction: text waits for the code below it, and so does a heading that has only text."""

    def __init__(self) -> None:
        self._done: list[Step] = []
        self._waiting: list[Cell] = []
        self._heading: tuple[str, int] = ("", 0)
        self._cells: list[Cell] = []
        self._text: list[str] = []
        self._tag = ""

    def begin(self, title: str, level: int) -> None:
        self._close()
        self._heading, self._tag = (title, level), ""

    def go_on(self, tag: str) -> None:
        """Begin the step of a tag, unless it is the one of the cell before."""
        if tag == self._tag:
            return
        text, self._text = self._text, []
        if self._cells or self._tag or not self._heading[1]:
            self._close()
            self._heading = (tag, self._heading[1] or 1)
        self._tag, self._text = tag, text

    def add_text(self, text: str) -> None:
        if text:
            self._text.append(text)

    def add_code(self, cell: Cell) -> None:
        if cell.source.strip():
            self._cells.append(Cell(cell.source, self._taken_text(), cell.number))

    def finished(self) -> tuple[Step, ...]:
        self._close()
        if self._waiting and self._done:
            last = self._done.pop()
            self._done.append(replace(last, cells=(*last.cells, *self._waiting)))
        elif self._waiting:
            self._done.append(Step("", 0, tuple(self._waiting), name_of("", ())))
        return tuple(self._done)

    def _close(self) -> None:
        if self._text:
            self._cells.append(Cell("", self._taken_text()))
        if any(has_statements(cell.source) for cell in self._cells):
            names = {step.name for step in self._done}
            cells = (*self._waiting, *self._cells)
            self._done.append(Step(*self._heading, cells, name_of(self._tag or self._heading[0], names)))
            self._waiting = []
        else:
            # What runs nothing is no step.
            self._waiting += _titled(self._heading[0], self._cells)
        self._cells = []

    def _taken_text(self) -> str:
        text, self._text = "\n\n".join(self._text), []
        return text


def _titled(title: str, cells: Sequence[Cell]) -> list[Cell]:
    """Keep a heading above the text it has."""
    if not title:
        return list(cells)
    first, *others = cells or (Cell(""),)
    return [replace(first, notes="\n\n".join(filter(None, (title, first.notes)))), *others]
