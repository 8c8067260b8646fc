"""Whether a notebook runs from top to bottom: cells out of order, names read before they are bound."""

import ast
import builtins
from collections.abc import Iterator, Sequence
from itertools import pairwise

from dsml_magics.pipeline.code import Code
from dsml_magics.pipeline.definitions import running
from dsml_magics.pipeline.history import is_history
from dsml_magics.pipeline.names import bindings

_OF_KERNEL = frozenset(
    (
        "get_ipython",
        "display",
        "exit",
        "quit",
        "In",
        "_exit_code",
        "__file__",
        "__name__",
        "__doc__",
        "_i",
        "_ii",
        "_iii",
        "_ih",
        "_oh",
        "_dh",
    )
)


def warnings_of_order(codes: Sequence[Code]) -> list[str]:
    """Tell what shows that a notebook was run in another order than it stands in."""
    return [*_out_of_order(codes), *_unbound(codes)]


def _out_of_order(codes: Sequence[Code]) -> Iterator[str]:
    counted = [(code.number, code.saved_count) for code in codes if code.saved_count]
    late = [
        f"{number} [{count}]"
        for (_, before), (number, count) in pairwise(counted)
        if before and count and count < before
    ]
    if late:
        yield (
            f"cells were run out of order: code cell {', '.join(late)} ran before the one above it. "
            "The script runs them from top to bottom; restart the kernel and run all to see what that gives."
        )


def _unbound(codes: Sequence[Code]) -> Iterator[str]:
    """Tell of names that only a later cell binds; what a function reads may be bound until it is called."""
    bound_in: dict[str, int] = {}
    for code in codes:
        for node in ast.walk(code.draft.tree) if code.draft else ():
            for name, _ in bindings(node):
                bound_in.setdefault(name, code.number)
    stars = any(_is_star(node) for code in codes if code.draft for node in ast.walk(code.draft.tree))
    for code in codes:
        if code.draft is None or stars or "raises-exception" in code.tags:
            continue
        waiting = {
            id(inner)
            for node in running(code.draft.tree)
            if isinstance(node, ast.Lambda)
            for inner in ast.walk(node)
        }
        for node in running(code.draft.tree):
            if id(node) in waiting or not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load):
                continue
            later = bound_in.get(node.id, code.number)
            if later > code.number and not is_given(node.id):
                bound_in[node.id] = code.number
                yield (
                    f"code cell {code.number}: reads `{node.id}`, which only code cell {later} binds: "
                    "a fresh run of the notebook stops there."
                )


def _is_star(node: ast.AST) -> bool:
    return isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names)


def is_given(name: str) -> bool:
    return hasattr(builtins, name) or name in _OF_KERNEL or is_history(name)
