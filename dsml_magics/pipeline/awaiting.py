"""A cell that awaits: IPython runs it in its event loop, a script needs a coroutine."""

import ast
import symtable
from collections.abc import Iterable, Iterator

from dsml_magics.command.block import indented
from dsml_magics.errors import NotebookError
from dsml_magics.pipeline.definitions import DEFINITIONS, FUNCTIONS, names_that, running
from dsml_magics.pipeline.scope import Scope
from dsml_magics.pipeline.splice import Edit, Positions, spliced

# What needs a loop that runs already, as every cell of a notebook has.
_OF_LOOP = frozenset(
    (
        "create_task",
        "ensure_future",
        "gather",
        "get_running_loop",
        "get_event_loop",
        "current_task",
        "all_tasks",
    )
)


def looping_names(trees: Iterable[ast.Module]) -> set[str]:
    """Find what the notebook defines that needs a running event loop when it is called."""
    return names_that(trees, set(), _mentions)


def needs_loop(tree: ast.Module, names: set[str]) -> bool:
    """Tell whether a cell awaits, or calls what needs a running event loop."""
    if any(_is_awaiting(node) for node in _outside_functions(tree)):
        return True
    return any(isinstance(node, ast.Call) and _mentions([node.func], names) for node in running(tree))


def as_coroutine(source: str, scope: Scope) -> str:
    """Wrap a cell that awaits into a coroutine that binds the same global names.

    All cells share one event loop, as in the notebook. Imports and definitions the cell begins with
    stay outside.

    Raises
    ------
    NotebookError
        What the cell does besides cannot stand in a function.
    """
    head, source = _split(source)
    name = scope.free(f"_cell_{scope.number}")
    scope.stands_in([name])
    header = f"async def {name}():\n"
    bound = _bound(header + indented(source), scope)
    source = _without_annotations(source, set(bound))
    body = indented(f"global {', '.join(bound)}\n\n{source}" if bound else source)
    _check(header + body, scope)
    coroutine = f"{header}{body}\n\n\n{scope.helper('runner', '_runner')}.run({name}())"
    return f"{head}\n\n\n{coroutine}" if head else coroutine


def _split(source: str) -> tuple[str, str]:
    """Cut off the imports and definitions a cell begins with."""
    body = ast.parse(source).body
    count = next((at for at, node in enumerate(body) if not _may_stand_outside(node)), len(body))
    if not count or count == len(body):
        return "", source
    # A decorator stands in the line above its function.
    line = body[count].lineno
    lines = source.split("\n")
    before = body[count - 1].end_lineno or 0
    if before >= line:
        return "", source
    return "\n".join(lines[:before]), "\n".join(lines[before:]).strip("\n")


def _may_stand_outside(node: ast.stmt) -> bool:
    if isinstance(node, ast.Import | ast.ImportFrom):
        return True
    return isinstance(node, DEFINITIONS) and not node.decorator_list and not isinstance(node, ast.ClassDef)


def _mentions(nodes: Iterable[ast.AST], names: set[str]) -> bool:
    return any(
        (isinstance(node, ast.Attribute) and node.attr in _OF_LOOP)
        or (isinstance(node, ast.Name) and (node.id in names or node.id in _OF_LOOP))
        for node in nodes
    )


def _is_awaiting(node: ast.AST) -> bool:
    is_async = isinstance(node, ast.comprehension) and bool(node.is_async)
    return is_async or isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith)


def _outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, (*FUNCTIONS, ast.Lambda)):
            yield child
            yield from _outside_functions(child)


def _bound(source: str, scope: Scope) -> list[str]:
    _check(source, scope)
    function = symtable.symtable(source, "<cell>", "exec").get_children()[0]
    return sorted(symbol.get_name() for symbol in function.get_symbols() if symbol.is_local())


def _without_annotations(source: str, bound: set[str]) -> str:
    """Take the annotations off names that become global: Python allows none there."""
    positions = Positions(source)
    edits: list[Edit] = []
    for node in _outside_functions(ast.parse(source)):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id in bound:
            start, end = positions.span(node)
            value = positions.span(node.value) if node.value else None
            edits.append(Edit(start, value[0] if value else end, f"{node.target.id} = " if value else "pass"))
    return spliced(source, edits)


def _check(source: str, scope: Scope) -> None:
    try:
        compile(source, f"<cell {scope.number}>", "exec")
    except SyntaxError as error:
        raise NotebookError(
            f"expected a cell with `await` that could be a function, got: {error.msg}. Move that to another cell."
        ) from None
