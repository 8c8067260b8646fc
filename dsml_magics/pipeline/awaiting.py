"""A cell that awaits: IPython runs it in its event loop, a script needs a coroutine."""

import ast
import symtable
from collections.abc import Iterator

from dsml_magics.command.block import indented
from dsml_magics.errors import NotebookError
from dsml_magics.pipeline.scope import Scope

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def as_coroutine(source: str, scope: Scope) -> str:
    """Wrap a cell that awaits into a coroutine that binds the same global names; give others back.

    All cells share one event loop, as in the notebook.

    Raises
    ------
    NotebookError
        What the cell does besides cannot stand in a function.
    """
    if not ("await" in source or "async" in source) or not _awaits(source):
        return source
    name = scope.free(f"_cell_{scope.number}")
    header = f"async def {name}():\n"
    bound = ", ".join(_bound(header + indented(source), scope))
    body = indented(f"global {bound}\n\n{source}" if bound else source)
    _check(header + body, scope)
    return f"{header}{body}\n\n\n{scope.helper('runner', '_runner')}.run({name}())"


def _awaits(source: str) -> bool:
    return any(_is_awaiting(node) for node in _outside_functions(ast.parse(source)))


def _is_awaiting(node: ast.AST) -> bool:
    is_async = isinstance(node, ast.comprehension) and bool(node.is_async)
    return is_async or isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith)


def _outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, _FUNCTIONS):
            yield child
            yield from _outside_functions(child)


def _bound(source: str, scope: Scope) -> list[str]:
    _check(source, scope)
    function = symtable.symtable(source, "<cell>", "exec").get_children()[0]
    return sorted(symbol.get_name() for symbol in function.get_symbols() if symbol.is_local())


def _check(source: str, scope: Scope) -> None:
    try:
        compile(source, f"<cell {scope.number}>", "exec")
    except SyntaxError as error:
        raise NotebookError(
            f"expected a cell with `await` that could be a function, got: {error.msg}. Move that to another cell."
        ) from None
