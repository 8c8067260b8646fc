"""What the user calls the value of an argument: its words in a magic, or the caller's variable."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from dsml_magics.command.arguments import Expression
from dsml_magics.command.block import calling_frame
from dsml_magics.redaction import redact

_LONGEST = 60
_sources: ContextVar[Mapping[int, str] | None] = ContextVar("dsml_sources", default=None)
_namespace: ContextVar[Mapping[str, Any] | None] = ContextVar("dsml_namespace", default=None)


@contextmanager
def evaluated_from(
    pairs: Iterable[tuple[Any, Any]], namespace: Mapping[str, Any] | None = None
) -> Iterator[None]:
    """Remember meanwhile which expression each value of a command's arguments came from, and the namespace."""
    known = {id(value): source.source for source, value in pairs if isinstance(source, Expression)}
    token, outer = _sources.set(known), _namespace.set(namespace)
    try:
        yield
    finally:
        _sources.reset(token)
        _namespace.reset(outer)


def named_value(word: object) -> Any:
    """Return the value that has a magic's word for its name in the notebook; None if there is none, or no magic."""
    names = _namespace.get()
    return names.get(word) if names is not None and isinstance(word, str) else None


def name_of(value: object) -> str:
    """Give the expression that a magic's argument was, or the variable that holds it at the call; else nothing.

    The arguments of calls inside the expression are left out: they may be long, or hold a password.
    """
    known = _sources.get()
    if known is not None and id(value) in known:
        return _shortened(known[id(value)])
    frame = calling_frame()
    for scope in (frame.f_locals, frame.f_globals):
        for name, held in scope.items():
            # Tools that rewrite code, as pytest does, keep values under names that are none.
            if held is value and name.isidentifier() and not name.startswith("_"):
                return name
    return ""


def _shortened(source: str) -> str:
    try:
        tree = ast.parse(source.strip(), mode="eval")
    except SyntaxError:
        return ""
    short = redact(ast.unparse(_WithoutArguments().visit(tree)))
    return short if len(short) <= _LONGEST else short[: _LONGEST - 1] + "…"


class _WithoutArguments(ast.NodeTransformer):
    def visit_Call(self, node: ast.Call) -> ast.Call:
        self.generic_visit(node.func)
        given = [ast.Name("…", ast.Load())] if node.args or node.keywords else []
        return ast.Call(self.visit(node.func), list[ast.expr](given), [])
