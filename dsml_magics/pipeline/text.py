"""Text written as Python literals."""

import ast
import builtins
from collections.abc import Iterator, Sequence

from dsml_magics.pipeline.magic import NotLowered
from dsml_magics.pipeline.names import Names

_QUOTES = ('"', "'", '"""', "'''")


def literal(text: str) -> str:
    """Write text as a string literal, in the quotes a formatter would choose.

    Examples
    --------
    >>> print(literal('say "yes"'), literal("don't"))
    'say "yes"' "don't"
    """
    # With both quotes in it, repr always takes the single ones.
    inner = repr(text + "\"'")[1:-4]
    if text.count('"') > text.count("'"):
        return f"'{inner}'"
    inner = inner.replace("\\'", "'").replace('"', '\\"')
    return f'"{inner}"'


def block_literal(text: str) -> str:
    """Write text of several lines as a triple-quoted literal, line by line."""
    safe = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    # A carriage return in source is read as a newline: it has to be written out.
    return '"""\\\n' + safe.replace("\r", "\\r").replace("\0", "\\0") + '"""'


def call(function: str, arguments: Sequence[str]) -> str:
    """Write a call, an argument a line where one has several lines, as a formatter does."""
    if not any("\n" in argument for argument in arguments) or len(arguments) == 1:
        return f"{function}({', '.join(arguments)})"
    return f"{function}(\n" + "".join(f"    {argument},\n" for argument in arguments) + ")"


def expanded(text: str, names: Names) -> str:
    """Write text as IPython would fill in its ``{expression}`` and ``$name``: an f-string, or a plain literal.

    IPython leaves the whole text alone when one field cannot be evaluated, as in ``echo $HOME``.
    """
    try:
        parts = list(_parts(text))
    except ValueError:
        return literal(text)
    fields = [part for part in parts if isinstance(part, _Field)]
    if not all(_is_known(field, names) for field in fields):
        return literal(text)
    if not fields:
        return literal("".join(map(str, parts)))
    return _format_string(parts, fields)


class _Field(str):
    """The expression of a field."""

    __slots__ = ("conversion",)
    conversion: str


def _parts(text: str) -> Iterator[str]:
    from IPython.utils.text import DollarFormatter

    for plain, field, spec, conversion in DollarFormatter().parse(text):
        if plain:
            yield plain
        if field is not None:
            # IPython reads `{x[1:2]}` as a slice: what follows the colon is no format.
            found = _Field(f"{field}:{spec}" if spec else field)
            found.conversion = f"!{conversion}" if conversion else ""
            yield found


def _is_known(field: str, names: Names) -> bool:
    try:
        tree = ast.parse(field.strip(), mode="eval")
    except SyntaxError:
        return False
    found = {node.id: isinstance(node.ctx, ast.Load) for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return all(name in names.bound or hasattr(builtins, name) for name, is_read in found.items() if is_read)


def _format_string(parts: list[str], fields: list[_Field]) -> str:
    quote = next((quote for quote in _QUOTES if not any(quote in field for field in fields)), None)
    if quote is None or any("\\" in field or "\n" in field for field in fields):
        raise NotLowered(
            "expected simple fields in braces. Give the value a name in the line above and use `{name}`"
        )
    return "f" + quote + "".join(_written(part, quote) for part in parts) + quote


def _written(part: str, quote: str) -> str:
    if isinstance(part, _Field):
        # A field that begins with a brace would read as an escaped brace.
        return f"{{ {part}{part.conversion}}}" if part.startswith("{") else f"{{{part}{part.conversion}}}"
    inner = repr(part + "\"'")[1:-4].replace("\\'", "'").replace(quote[0], "\\" + quote[0])
    return inner.replace("{", "{{").replace("}", "}}")
