"""Read Python source: in threads, and never deeper than it can be worked with."""

import ast
from threading import Lock
from typing import Literal

_TRIES = 10
_lock = Lock()
MAX_DEPTH = 400
"""Levels of nesting that are read, a statement counting twice.

Visitors take two frames a level, and Python allows 1,000 in all, those of a kernel included.
"""

NESTED_TOO_DEEP = (
    "the code is nested deeper than Python can read. Split its longest expression into several statements."
)


class NestedTooDeep(SyntaxError):
    """Source that is, or may be, sound Python, but nested deeper than can be worked with."""


def tree_of(source: str) -> ast.Module:
    """Return the syntax tree of a module's source.

    Python before 3.12 counts the depth of the tree for all threads together: if one gives way to another in between,
    the count is wrong and a sound source is refused (python/cpython#106905). Ours take turns; for those of others, it
    is tried again.

    Raises
    ------
    SyntaxError
        The source is none, or, as `NestedTooDeep`, is nested in more than `MAX_DEPTH` levels.

    Examples
    --------
    >>> len(tree_of("a = 1").body)
    1
    """
    tree = _parse(source, "exec")
    assert isinstance(tree, ast.Module)
    return tree


def check_expression(source: str) -> None:
    """Refuse what is no single expression.

    Raises
    ------
    SyntaxError
        As `tree_of`.
    """
    _parse(source, "eval")


def _parse(source: str, mode: Literal["exec", "eval"]) -> ast.AST:
    try:
        tree = _parse_in_turn(source, mode)
    except (RecursionError, MemoryError):
        # Python itself cannot read it: its parser's stack is full.
        raise _refusal(1) from None
    if line := _line_too_deep(tree):
        raise _refusal(line)
    return tree


def _parse_in_turn(source: str, mode: Literal["exec", "eval"]) -> ast.AST:
    for _ in range(_TRIES):
        try:
            with _lock:
                return ast.parse(source, mode=mode)
        except SystemError:
            continue
    return ast.parse(source, mode=mode)


def _line_too_deep(tree: ast.AST) -> int:
    """Find the line of a node that is too deep, 0 where none is; without recursion."""
    waiting = [(tree, 0)]
    while waiting:
        node, depth = waiting.pop()
        if depth > MAX_DEPTH and isinstance(node, ast.stmt | ast.expr):
            return node.lineno
        depth += 2 if isinstance(node, ast.stmt | ast.Lambda) else 1
        waiting.extend((child, depth) for child in ast.iter_child_nodes(node))
    return 0


def _refusal(line: int) -> NestedTooDeep:
    message = f"nested in more than {MAX_DEPTH} levels: split it into several statements"
    return NestedTooDeep(message, (None, line, None, None))
