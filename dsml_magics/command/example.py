"""The example of a command that stands in its docstring, as each face writes it."""

import ast
import inspect
import re

from dsml_magics.command.parameter import kind_of, option_of
from dsml_magics.command.python import example_call
from dsml_magics.command.registry import Command

_FILES = {"frame": ".parquet", "model": ".pkl"}
"""What a shell has in place of a notebook's names."""


def example(command: Command, prefix: str = "dsml ") -> str | None:
    """Write the first call in a command's docstring as a line; None if there is none.

    Parameters
    ----------
    prefix
        What stands before the command's name where it is typed: ``dsml ``, ``%dsml_`` or ``%%dsml_``.

    Examples
    --------
    >>> import dsml_magics
    >>> from dsml_magics.command.registry import commands
    >>> example(commands["promote"], "%dsml_")
    '%dsml_promote income 3'
    """
    written = example_call(command.function)
    if written is None:
        return None
    call = ast.parse(written, mode="eval").body
    assert isinstance(call, ast.Call)
    given = list(zip(command.positionals, call.args, strict=False))
    words = [_word(value, parameter, prefix) for parameter, value in given]
    for keyword in call.keywords:
        parameter = command.signature.parameters[keyword.arg or ""]
        words += [option_of(parameter), _word(keyword.value, parameter, prefix)]
    return " ".join([prefix + command.name, *filter(None, words)])


def _word(value: ast.expr, parameter: inspect.Parameter, prefix: str) -> str:
    if isinstance(value, ast.Constant):
        text = "" if value.value is True else str(value.value)
        return f'"{text}"' if re.search(r"[\s<>=#;'&|]", text) else text
    kind, source = kind_of(parameter), ast.unparse(value)
    return source + _FILES.get(kind.role, "") if kind and not prefix.startswith("%") else source
