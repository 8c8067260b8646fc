"""Change source at positions and keep every other character."""

import ast
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the characters from `start` to `end`."""

    start: int
    end: int
    code: str


@contextmanager
def quietly() -> Iterator[None]:
    """Parse code of a notebook without its warnings: its author sees them where it runs."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        warnings.simplefilter("ignore", DeprecationWarning)
        yield


def spliced(source: str, edits: Iterable[Edit]) -> str:
    """Apply edits that do not overlap."""
    for edit in sorted(edits, key=lambda found: found.start, reverse=True):
        source = source[: edit.start] + edit.code + source[edit.end :]
    return source


class Positions:
    """Where the nodes of a source begin and end, in characters.

    Python counts columns in bytes of UTF-8, so a non-ASCII character moves everything after it.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self._lines = source.split("\n")
        self._starts = [0, *accumulate(len(line) + 1 for line in self._lines)]

    def span(self, node: ast.stmt | ast.expr) -> tuple[int, int]:
        """Return where a node begins and where it ends."""
        end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or 0
        return self._offset(node.lineno, node.col_offset), self._offset(end_line, end_column)

    def around(self, start: int, end: int) -> tuple[str, str]:
        """Return what stands before `start` and after `end` on their lines."""
        first = self.source.rfind("\n", 0, start) + 1
        last = self.source.find("\n", end)
        return self.source[first:start], self.source[end : last if last >= 0 else len(self.source)]

    def _offset(self, line: int, column: int) -> int:
        before = self._lines[line - 1].encode()[:column].decode()
        return self._starts[line - 1] + len(before)
