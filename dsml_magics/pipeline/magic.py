"""A magic as it stands in a cell, and what it becomes."""

import ast
import shlex
from collections.abc import Callable
from dataclasses import dataclass

from dsml_magics.command.block import indented
from dsml_magics.errors import DsmlError


class NotLowered(DsmlError):
    """A magic that cannot be written as Python; the converter adds where it stands."""


@dataclass(frozen=True, slots=True)
class Magic:
    """IPython syntax found in a cell.

    `kind` is ``line`` (%x), ``cell`` (%%x), ``system`` (!x) or ``output`` (y = !x); `body` is what
    stands below a cell magic; `line_number` counts from 1 in the cell.
    """

    kind: str
    name: str
    line: str
    body: str
    line_number: int

    def __str__(self) -> str:
        return {"line": "%", "cell": "%%", "system": "!", "output": "!"}[self.kind] + self.name

    @property
    def text(self) -> str:
        """The magic's own line, as typed."""
        return f"{self} {self.line}".rstrip() if self.name else f"{self}{self.line}"


@dataclass(frozen=True, slots=True)
class Lowered:
    """Python that does what a magic did.

    `code` are statements, or nothing at all; `value` is an expression, where the magic has a result,
    or a function that writes it once it is wanted.
    """

    code: str
    value: str | Callable[[], str] | None = None

    @classmethod
    def expression(cls, source: str) -> "Lowered":
        return cls(source, source)


def words_of(line: str, *, comments: bool = False) -> list[str]:
    """Split a line as a shell does.

    Raises
    ------
    NotLowered
        A quote is left open.
    """
    try:
        return shlex.split(line, comments=comments)
    except ValueError as error:
        raise NotLowered(f"expected words as in a shell, got an error: {error}.") from None


def comment(text: str) -> str:
    """Write lines as a comment."""
    return "\n".join(f"# {line}".rstrip() for line in text.splitlines())


def left_out_comment(magic: Magic) -> str:
    """Keep a magic, with its body, as a comment."""
    # Editors would take a comment that begins with %% for the marker of a cell.
    prefix = "left out: " if magic.kind == "cell" else ""
    return comment(f"{prefix}{magic.text}\n{magic.body}")


def has_statements(code: str) -> bool:
    """Tell code from blanks and comments."""
    return bool(ast.parse(code).body)


def suite(header: str, body: str) -> str:
    """Put a body under a compound statement's header."""
    body = body.strip("\n")
    if not has_statements(body):
        body = f"{body}\npass".lstrip("\n")
    return f"{header}\n{indented(body)}"
