"""Cell magics over cells that await: the block begins with the cell's first line, and ends when the cell has ended."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from IPython.core.interactiveshell import ExecutionResult, InteractiveShell

from dsml_magics.command.registry import commands
from dsml_magics.command.words import split
from dsml_magics.notebook.block import manager_of
from dsml_magics.notebook.magic import without_traceback

BEGIN = "_dsml_begin"
_HEAD = re.compile(r"%%dsml_(\w+)[ \t]*(.*)")


def transformer_for(shell: InteractiveShell) -> Callable[[list[str]], list[str]]:
    """Make the transformer that takes the magic away from cells that await.

    The kernel's event loop runs while a magic does, so a cell inside a magic cannot wait on it. The cell itself can.
    """

    def transform(lines: list[str]) -> list[str]:
        head = _HEAD.fullmatch(lines[0].rstrip()) if lines else None
        command = commands.get(head[1]) if head else None
        if head is None or command is None or not command.is_block or not _awaits(shell, lines[1:]):
            return lines
        cell = "".join(lines[1:])
        # One line for one line: tracebacks point to the right ones.
        return [f"get_ipython().run_cell_magic({BEGIN!r}, {lines[0].rstrip()[2:]!r}, {cell!r})\n", *lines[1:]]

    return transform


def _awaits(shell: InteractiveShell, lines: list[str]) -> bool:
    if not any("await" in line or "async" in line for line in lines):
        return False
    cell = "".join(lines)
    return bool(shell.autoawait and shell.should_run_async(cell, transformed_cell=shell.transform_cell(cell)))


class BeginMagic:
    """Begin the block of the cell that this line stands in; end it with the cell."""

    __name__ = BEGIN

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell

    def __call__(self, line: str, cell: str) -> None:
        from dsml_magics.command.parser import parse

        name, _, words = line.partition(" ")
        with without_traceback():
            call = parse(commands[name.removeprefix("dsml_")], split(words), prefix="%%dsml_")
            _end_with_cell(self.shell, manager_of(self.shell, call, cell, dict(self.shell.user_ns)), cell)


def _end_with_cell(shell: InteractiveShell, manager: AbstractContextManager[Any], cell: str) -> None:
    manager.__enter__()

    def end(result: ExecutionResult) -> None:
        if not str(result.info.raw_cell).rstrip().endswith(cell.rstrip()):
            return  # a cell that this one runs
        shell.events.unregister("post_run_cell", end)
        error = result.error_in_exec
        manager.__exit__(type(error) if error else None, error, error.__traceback__ if error else None)

    shell.events.register("post_run_cell", end)
