"""Run the body of a cell magic inside a block command."""

import ast
import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from dsml_magics.command.block import Block, given
from dsml_magics.command.call import Call
from dsml_magics.command.tree import NESTED_TOO_DEEP
from dsml_magics.errors import UsageError
from dsml_magics.notebook.suggestion import with_suggestion


def run_around(shell: InteractiveShell, call: Call, cell: str, namespace: Mapping[str, Any]) -> None:
    """Run a cell as if it stood under the ``with`` statement of a block command.

    What the cell raises passes through the context manager and on to the caller, so that a notebook
    run by nbclient or papermill stops.

    Raises
    ------
    UsageError
        The cell awaits at its top level.
    """
    with _shown_by_caller(shell), _opened(shell, call, cell, namespace):
        shell.run_cell(cell, store_history=False).raise_error()


def _opened(
    shell: InteractiveShell, call: Call, cell: str, namespace: Mapping[str, Any]
) -> AbstractContextManager[Any]:
    transformed = shell.transform_cell(cell)
    if not _parses(transformed, call.command.name):
        # As with a `with` statement, nothing begins when the code cannot be read: IPython will say why.
        return nullcontext()
    if shell.should_run_async(cell, transformed_cell=transformed):
        # Below another magic, such as %%time, which runs on the event loop: `waiting` takes the other cells.
        name = call.command.name
        raise UsageError(
            f"{name}: inside another magic a cell cannot await. Put `%%dsml_{name}` on the first line of the cell."
        )
    return manager_of(shell, call, cell, namespace)


def manager_of(
    shell: InteractiveShell, call: Call, cell: str, namespace: Mapping[str, Any]
) -> AbstractContextManager[Any]:
    """Make the context manager of a block command that stands around a cell."""
    with given(Block(cell, lambda: shell.user_ns, notebook_path(shell.user_ns))):
        manager: AbstractContextManager[Any] = call.run(namespace)
    return manager


def notebook_path(names: Mapping[str, Any]) -> str | None:
    """Find the notebook the kernel runs for, where its frontend says so."""
    # Jupyter Server sets the variable for each kernel; VS Code a name in the namespace.
    path = os.environ.get("JPY_SESSION_NAME") or names.get("__vsc_ipynb_file__")
    return str(path) if path else None


def _parses(source: str, command: str) -> bool:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError):
        return False
    except (RecursionError, MemoryError):
        raise UsageError(f"{command}: {NESTED_TOO_DEEP}") from None
    return True


_Shown = tuple[BaseException, list[str]]
"""An error and the lines IPython made of it."""


class CellSyntaxError(Exception):
    """Stands for a SyntaxError of the cell: IPython lets no SyntaxError render itself."""


@contextmanager
def _shown_by_caller(shell: InteractiveShell) -> Iterator[None]:
    """Show the error that leaves the block once: where it arrives, with the lines it had inside.

    `run_cell` shows the cell's error, and the outer cell would show it again. An error with an empty
    rendering would not do: JupyterLab shows its name anyway, and nbclient reports no traceback.
    """
    with _not_shown(shell) as kept:
        try:
            yield
        except SyntaxError as error:
            lines = kept.pop(id(error), (error, []))[1]
            raise _rendering(CellSyntaxError(str(error)), lines) from error
        except BaseException as error:
            if id(error) in kept:
                _rendering(*kept.pop(id(error)))
            raise


@contextmanager
def _not_shown(shell: InteractiveShell) -> Iterator[dict[int, _Shown]]:
    """Collect the errors IPython would show, by identity; those not taken by the end are shown then."""
    kept: dict[int, _Shown] = {}
    show, show_usage_error = shell._showtraceback, shell.show_usage_error  # noqa: SLF001  the hook subclasses override
    shell._showtraceback = lambda _kind, error, lines: kept.update({id(error): (error, lines)})  # noqa: SLF001
    shell.show_usage_error = lambda error: kept.update(
        {id(error): (error, [f"UsageError: {with_suggestion(error)}"])}
    )
    try:
        yield kept
    finally:
        shell._showtraceback, shell.show_usage_error = show, show_usage_error  # noqa: SLF001
        for error, lines in kept.values():
            show(type(error), error, lines)


def _rendering(error: BaseException, lines: list[str]) -> BaseException:
    error._render_traceback_ = lambda: lines  # type: ignore[attr-defined]
    return error
