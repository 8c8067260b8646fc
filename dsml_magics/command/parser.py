"""From words to a call, by cyclopts. No other module imports it."""

import inspect
import io
import re
from collections.abc import Sequence
from typing import Annotated, Any, Self

from cyclopts import App, CycloptsError, MissingArgumentError, Parameter, Token, UnusedCliTokensError
from rich.console import Console

from dsml_magics.command.arguments import Kind, argument_of, interpolated
from dsml_magics.command.call import Call
from dsml_magics.command.example import example
from dsml_magics.command.parameter import is_list, kind_of, option_of
from dsml_magics.command.registry import Command
from dsml_magics.command.words import Word
from dsml_magics.errors import DsmlError, UsageError, hint

_OPTION = re.compile(r"--[A-Za-z][\w-]*")


def parse(command: Command, words: Sequence[str], *, prefix: str = "dsml ") -> Call:
    """Bind words to the parameters of a command; nothing is evaluated.

    Parameters
    ----------
    prefix
        What stands before the command's name where it is typed, for the example in an error.

    Raises
    ------
    UsageError
        The words do not fit: the message names the option or value and the nearest right one.
    """
    _refuse_unknown_options(command, words)
    try:
        _, bound, _ = _app(command).parse_args(list(words), print_error=False, exit_on_error=False)
    except CycloptsError as error:
        if isinstance(error.__cause__, DsmlError):
            raise error.__cause__ from None
        raise UsageError(_explained(error, command, prefix)) from None
    in_notebook = any(isinstance(word, Word) and word.quoting != "shell" for word in words)
    read = _read_in_notebook if in_notebook else _unwrapped
    keyword = {name: read(value) for name, value in bound.kwargs.items()}
    return Call(command, tuple(read(value) for value in bound.args), keyword)


def help_text(command: Command, prefix: str = "dsml ", *, width: int = 100) -> str:
    """Render the help of a command; `prefix` is what stands before its name where it is typed."""
    app = _app(command)
    app.usage = f"Usage: {usage(command, prefix)}"
    text = io.StringIO()
    # In a kernel, rich would send the help to the notebook instead of writing it to `text`.
    app.help_print([], console=Console(file=text, width=width, color_system=None, force_jupyter=False))
    return text.getvalue().rstrip() + "\n"


def usage(command: Command, prefix: str = "dsml ") -> str:
    """Write how a command is called, in one line."""
    words = [
        parameter.name.upper() if parameter.default is parameter.empty else f"[{parameter.name.upper()}]"
        for parameter in command.positionals
    ]
    return " ".join([prefix + command.name, *words, *(["[OPTIONS]"] if command.options else [])])


def _app(command: Command) -> App:
    def bind() -> None: ...

    bind.__doc__ = inspect.getdoc(command.function)
    bind.__name__ = command.name
    parameters = [_for_cyclopts(parameter) for parameter in command.signature.parameters.values()]
    bind.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    bind.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    app = App(
        name=command.name,
        result_action="return_value",
        help_flags=[],
        version_flags=[],
        default_parameter=Parameter(negative_iterable=()),
    )
    app.default(bind)
    return app


def _for_cyclopts(parameter: inspect.Parameter) -> inspect.Parameter:
    name = (option_of(parameter),) if parameter.kind is parameter.KEYWORD_ONLY else None
    shown = parameter.default is not parameter.empty and parameter.default not in (None, False)
    plain = Parameter(name=name, show_default=shown)
    kind = kind_of(parameter)
    if is_list(parameter):
        converter = _each if kind and kind.role == "setting" else _listed
        several = Parameter(name=name, show_default=shown, n_tokens=1, converter=converter)
        return parameter.replace(annotation=Annotated[list[str] | None, several])
    if parameter.annotation in (int, int | None):
        # cyclopts would round 1.5.
        plain = Parameter(name=name, show_default=shown, converter=_whole_number)
    if kind is None:
        return parameter.replace(annotation=Annotated[parameter.annotation, plain])
    base: Any = str if parameter.default is parameter.empty else str | None
    if not kind.is_expression:
        return parameter.replace(annotation=Annotated[base, plain])
    wrapped = Parameter(
        name=name, show_default=shown, n_tokens=1, allow_leading_hyphen=True, converter=_wrapper(kind)
    )
    return parameter.replace(annotation=Annotated[base, wrapped])


def _listed(_type: Any, tokens: Sequence[Token]) -> list[str]:
    """Part words at commas; what stands in quotes in a notebook is one."""
    return [piece for token in tokens for piece in _pieces(token.value)]


def _each(_type: Any, tokens: Sequence[Token]) -> list[str]:
    return [token.value for token in tokens]


def _pieces(word: str) -> list[str]:
    if isinstance(word, Word) and word.quoting == "quoted":
        return [word]
    quoting = word.quoting if isinstance(word, Word) else "shell"
    return [Word(piece.strip(), quoting) for piece in word.split(",") if piece.strip()]


def _whole_number(_type: Any, tokens: Sequence[Token]) -> int:
    # cyclopts makes its own error of the ValueError, which names the option.
    return int(tokens[0].value)


def _wrapper(kind: Kind) -> Any:
    def wrap(_type: Any, tokens: Sequence[Token]) -> Any:
        # A converter must not raise ValueError: cyclopts would relabel it. So it only carries the word.
        return _Carried(tokens[0].value, kind)

    return wrap


class _Carried(str):
    """A word on its way through cyclopts, with the kind of argument it is for.

    It is a str because cyclopts validates what a converter returned once pydantic is imported.
    """

    __slots__ = ("kind", "word")
    word: str
    kind: Kind

    def __new__(cls, word: str, kind: Kind) -> Self:
        carried = super().__new__(cls, word)
        carried.word, carried.kind = word, kind
        return carried


def _read_in_notebook(value: Any) -> Any:
    if isinstance(value, _Carried):
        return argument_of(value.word, value.kind)
    if isinstance(value, list | tuple):
        return [_read_in_notebook(item) for item in value]
    return interpolated(value) if isinstance(value, str) else value


def _unwrapped(value: Any) -> Any:
    if isinstance(value, list):
        return [str(item) for item in value]
    return str(value.word) if isinstance(value, _Carried) else value


def _refuse_unknown_options(command: Command, words: Sequence[str]) -> None:
    # cyclopts would take a mistyped option before the first argument for that argument: `-x` may be an expression.
    known = command.options
    negatives = {f"--no-{name[2:]}" for name, parameter in known.items() if parameter.annotation is bool}
    for word in words:
        if isinstance(word, Word) and word.quoting in ("quoted", "python") and not word.startswith("--"):
            continue
        option = word.partition("=")[0]
        if _OPTION.fullmatch(option) and option not in {*known, *negatives}:
            raise UsageError(f"{command.name}: no option {option}. {hint(option, known)}")


def _explained(error: CycloptsError, command: Command, prefix: str) -> str:
    if isinstance(error, UnusedCliTokensError):
        extra = " ".join(error.unused_tokens or ())
        return (
            f"{command.name}: did not expect `{extra}`. Usage: {usage(command, '')}. "
            "Put an expression with blanks into parentheses, text with blanks into quotes."
        )
    reason = str(error).replace(f'Command "{command.name}" parameter ', "")
    shown = example(command, prefix) if isinstance(error, MissingArgumentError) else None
    return f"{command.name}: {reason} Usage: {usage(command, '')}" + (
        f". Example: `{shown}`" if shown else ""
    )
