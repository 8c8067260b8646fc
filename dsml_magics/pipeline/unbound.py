"""Names that a script reads and nothing binds, as pyflakes and ruff (F821) find them."""

import ast
import builtins
import symtable
from collections.abc import Iterator

_OF_MODULES = frozenset(
    ("__file__", "__name__", "__doc__", "__spec__", "__builtins__", "__annotations__", "__path__")
)
_UNSEEN = frozenset(("exec", "globals", "vars", "locals", "get_ipython"))


def unbound_names(script: str, *, code: str | None = None) -> list[str]:
    """List the names that no part of a script binds, in alphabetical order.

    None where names may be bound unseen: by ``from x import *``, ``exec`` or ``globals()``.

    Parameters
    ----------
    code
        The part of it that may; the rest is known to bind nothing unseen.
    """
    if _binds_unseen(ast.parse(script if code is None else code)):
        return []
    top = symtable.symtable(script, "script", "exec")
    read: set[str] = set()
    bound: set[str] = set()
    for table in _tables(top):
        for symbol in table.get_symbols():
            is_module = table is top
            if symbol.is_referenced() and (is_module or symbol.is_global()):
                read.add(symbol.get_name())
            if (is_module or symbol.is_declared_global()) and (symbol.is_assigned() or symbol.is_imported()):
                bound.add(symbol.get_name())
    return sorted(name for name in read - bound - _OF_MODULES if not hasattr(builtins, name))


def _binds_unseen(tree: ast.AST) -> bool:
    return any(
        (isinstance(node, ast.alias) and node.name == "*")
        or (isinstance(node, ast.Name) and node.id in _UNSEEN)
        for node in ast.walk(tree)
    )


def _tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _tables(child)
