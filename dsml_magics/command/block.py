"""The lines a block command stands around: their source, and the names they see."""

import ast
import io
import linecache
import sys
import tokenize
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from types import FrameType
from typing import Any

from dsml_magics.command.tree import tree_of

_TRANSPARENT = ("dsml_magics", "contextlib")


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of code that a block command runs around.

    `names` reads the namespace as it is when called; `origin` is the notebook or script, where known.
    """

    source: str
    names: Callable[[], Mapping[str, Any]]
    origin: str | None = None


_given: ContextVar[Block | None] = ContextVar("dsml_block", default=None)


@contextmanager
def given(block: Block) -> Iterator[None]:
    """Tell block commands that start meanwhile which lines they stand around."""
    token = _given.set(block)
    try:
        yield
    finally:
        _given.reset(token)


def current() -> Block:
    """Return the block of the cell magic being run, else the ``with`` statement of the caller."""
    return _given.get() or _block_of(calling_frame())


def indented(source: str, by: str = "    ") -> str:
    """Indent code but leave the inside of multi-line strings as it is.

    Examples
    --------
    >>> print(indented('a = 1'))
        a = 1
    """
    inside = _lines_inside_strings(source)
    lines = _lines(source)
    return "".join(
        line if number in inside or not line.strip() else by + line
        for number, line in enumerate(lines, start=1)
    )


def dedented(source: str) -> str:
    """Undo `indented`: remove the common indentation of the code lines."""
    inside = _lines_inside_strings(_as_suite(source))
    lines = _lines(source)
    code = [line for number, line in enumerate(lines, start=2) if line.strip() and number not in inside]
    margin = min((len(line) - len(line.lstrip()) for line in code), default=0)
    return "".join(
        line if number in inside else line[margin:] or "\n" for number, line in enumerate(lines, start=2)
    )


def _lines(source: str) -> list[str]:
    """Split where Python does: `str.splitlines` would also break strings at form feeds and U+2028."""
    return io.StringIO(source).readlines()


def _as_suite(source: str) -> str:
    return "if True:\n" + source


def _lines_inside_strings(source: str) -> set[int]:
    """Number the lines that begin within a string literal, from 1."""
    inside: set[int] = set()
    open_at: list[int] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            kind = tokenize.tok_name[token.type]
            if kind in ("FSTRING_START", "TSTRING_START"):
                open_at.append(token.start[0])
            elif kind in ("FSTRING_END", "TSTRING_END"):
                inside.update(range(open_at.pop() + 1, token.end[0] + 1))
            elif kind == "STRING":
                inside.update(range(token.start[0] + 1, token.end[0] + 1))
    except (tokenize.TokenError, IndentationError):
        return inside
    return inside


def calling_frame() -> FrameType:
    """Return the frame of the user's code that called into the package."""
    frame = sys._getframe(1)  # noqa: SLF001  the way the standard library's own logging does it
    while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] in _TRANSPARENT:
        frame = frame.f_back
    return frame


def _block_of(frame: FrameType) -> Block:
    filename = frame.f_code.co_filename
    source = _with_body("".join(linecache.getlines(filename, frame.f_globals)), frame.f_lineno)
    return Block(source, lambda: {**frame.f_globals, **frame.f_locals}, _origin(frame))


def _origin(frame: FrameType) -> str | None:
    file = frame.f_globals.get("__file__")
    return str(file) if file else None


def _with_body(source: str, line: int) -> str:
    """Cut the body of the ``with`` statement whose header holds `line`."""
    try:
        tree = tree_of(source)
    except SyntaxError:
        return ""
    withs = [node for node in ast.walk(tree) if isinstance(node, ast.With | ast.AsyncWith)]
    lines = _lines(source)
    holding = [node for node in withs if node.lineno <= line <= _header_end(node, lines)]
    if not holding:
        return ""
    node = max(holding, key=lambda found: found.lineno)
    first, last = _header_end(node, lines), node.end_lineno or line
    if node.body[0].lineno == first:
        return "\n".join(ast.get_source_segment(source, statement) or "" for statement in node.body)
    return dedented("".join(lines[first:last]))


def _header_end(node: ast.With | ast.AsyncWith, lines: Sequence[str]) -> int:
    """Find the line of the colon: brackets and comments may stand between it and the last item."""
    last = node.items[-1].optional_vars or node.items[-1].context_expr
    start = last.end_lineno or node.lineno
    for number in range(start, node.body[0].lineno):
        text = lines[number - 1]
        # ast counts columns in bytes.
        rest = text.encode()[last.end_col_offset :].decode() if number == start else text
        if ":" in rest.partition("#")[0]:
            return number
    return node.body[0].lineno
