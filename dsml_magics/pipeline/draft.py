"""A cell as IPython reads it: Python whose magics are calls, and where these calls are."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeGuard

from dsml_magics.command.tree import tree_of
from dsml_magics.errors import NotebookError
from dsml_magics.pipeline.magic import Magic
from dsml_magics.pipeline.names import bindings
from dsml_magics.pipeline.table import is_line_magic

_SHOWN = 80
_KINDS = {
    "run_line_magic": "line",
    "run_cell_magic": "cell",
    "magic": "line",
    "system": "system",
    "getoutput": "output",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a magic stands: `statement` is the whole statement if the magic is one by itself."""

    magic: Magic
    call: ast.Call
    statement: ast.Expr | None
    is_nested: bool


@dataclass(frozen=True, slots=True)
class Draft:
    """The Python IPython makes of a cell; `first_line` is the line of the cell it begins at."""

    text: str
    tree: ast.Module
    places: tuple[Place, ...]
    first_line: int

    @property
    def futures(self) -> list[ast.ImportFrom]:
        """The ``from __future__`` imports: a script may have them at its top only."""
        body = self.tree.body
        return [node for node in body if isinstance(node, ast.ImportFrom) and node.module == "__future__"]


def read(source: str, first_line: int = 1, bound: set[str] | None = None) -> Draft:
    """Transform a cell as IPython does and find its magics.

    `bound` are the names bound before: a line such as ``ls`` is a magic only where there is no such
    name. The names the cell binds are added to it.

    Raises
    ------
    NotebookError
        The cell is no Python, or asks for more of IPython than magics.
    """
    from IPython.core.inputtransformer2 import TransformerManager

    bound = set() if bound is None else bound
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    blank = len(source) - len(source.lstrip())
    first_line += source.count("\n", 0, blank)
    if "\0" in source:
        line = first_line + source.lstrip().partition("\0")[0].count("\n")
        raise NotebookError(f"line {line}: expected text, got a null character.")
    if _is_automagic(source, bound):
        source = "%" + source.strip()
    text, tree = source, _plain(source)
    if tree is None:
        try:
            text = TransformerManager().transform_cell(source)
            tree = tree_of(text)
        except (SyntaxError, ValueError) as error:
            raise _refused(error, text, first_line) from None
    places = tuple(_places(tree, first_line)) if "get_ipython" in text else ()
    bound.update(name for node in ast.walk(tree) for name, _ in bindings(node))
    return Draft(text, tree, places, first_line)


def _plain(source: str) -> ast.Module | None:
    """Parse a cell that is Python as it stands: IPython would change nothing in it."""
    if "In [" in source or source[:1].isspace() or source.startswith(("%%", "!!")):
        return None
    try:
        return tree_of(source if source.endswith("\n") else f"{source}\n")
    except (SyntaxError, ValueError):
        return None


def _is_automagic(source: str, bound: set[str]) -> bool:
    """Whether IPython would put the ``%`` before the only line of a cell itself, as in ``pip install x``."""
    line = source.strip()
    name, _, rest = line.partition(" ")
    if "\n" in line or not is_line_magic(name) or name in bound:
        return False
    # An assignment and a call are Python, whatever the name.
    return rest.lstrip()[:1] not in ("=", "(", ",")


def _refused(error: SyntaxError | ValueError, text: str, first_line: int) -> NotebookError:
    if not isinstance(error, SyntaxError) or not error.lineno:
        return NotebookError(f"line {first_line}: expected Python, got {error}.")
    lines = text.splitlines()
    shown = lines[error.lineno - 1].strip() if error.lineno <= len(lines) else ""
    shown = f"{shown[:_SHOWN]}…" if len(shown) > _SHOWN else shown
    return NotebookError(
        f"line {first_line + error.lineno - 1}: expected Python, got `{shown}` ({error.msg})."
    )


def _places(tree: ast.Module, first_line: int) -> Iterator[Place]:
    top = {id(node) for node in tree.body}
    seen: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and _is_magic(node.value):
            seen.add(id(node.value))
            yield Place(_magic(node.value, first_line), node.value, node, id(node) not in top)
        elif _is_magic(node) and id(node) not in seen:
            yield Place(_magic(node, first_line), node, None, is_nested=True)


def _is_magic(node: ast.AST) -> TypeGuard[ast.Call]:
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name(id="get_ipython")))):
            return True
        case _:
            return False


def _magic(call: ast.Call, first_line: int) -> Magic:
    assert isinstance(call.func, ast.Attribute)
    kind = _KINDS.get(call.func.attr)
    line = first_line + call.lineno - 1
    words = [
        word.value for word in call.args if isinstance(word, ast.Constant) and isinstance(word.value, str)
    ]
    if kind is None or len(words) != len(call.args) or not words:
        raise NotebookError(
            f"line {line}: expected IPython syntax that is known when converting, "
            f"got `get_ipython().{call.func.attr}(...)`. Write it as a magic or in plain Python."
        )
    if kind in ("system", "output"):
        return Magic(kind, "", words[0], "", line)
    if call.func.attr == "magic":
        words = list(words[0].partition(" ")[::2])
    name, text, body, *_ = [*words, "", ""]
    return Magic(kind, name, text, body, line)
