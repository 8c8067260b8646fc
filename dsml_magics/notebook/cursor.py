"""Where the cursor stands on the line of a magic: which command, and which argument is being typed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from inspect import Parameter

from dsml_magics.command.parameter import kind_of
from dsml_magics.command.registry import Command
from dsml_magics.command.words import split
from dsml_magics.errors import UsageError

_MAGIC = re.compile(r"(?:^|=)\s*%%?dsml_(\w+)\s(.*)$", re.DOTALL)
_LAST_WORD = re.compile(r"""(?:^|\s)("[^"]*|'[^']*|\S*)$""")
_NAME = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True, slots=True)
class Cursor:
    """The argument being typed.

    Attributes
    ----------
    command
        The command of the line.
    words
        The complete words before the cursor.
    typed
        What is typed of the word at the cursor; of its value, where it is ``--option=value``.
    parameter
        The parameter it is for; None for the name of an option, or where none is left.
    """

    command: Command
    words: tuple[str, ...]
    typed: str
    parameter: Parameter | None

    @property
    def names_option(self) -> bool:
        """Whether the name of an option is being typed."""
        return self.typed.startswith("-") and self.parameter is None

    @property
    def frame_name(self) -> str | None:
        """The plain name that the first frame argument begins with."""
        frames = [
            parameter for parameter in self.command.signature.parameters.values() if _is_frame(parameter)
        ]
        given = _bound(self.command, self.words).get(frames[0].name) if frames else None
        found = _NAME.match(given) if given else None
        return found.group() if found else None


def cursor_at(text: str, known: Mapping[str, Command]) -> Cursor | None:
    """Read the line up to the cursor; None if it is no line of a command, or inside brackets or a string."""
    magic = _MAGIC.search(text)
    command = known.get(magic.group(1)) if magic else None
    last = _LAST_WORD.search(magic.group(2)) if magic else None
    if magic is None or command is None or last is None:
        return None
    try:
        words = tuple(split(magic.group(2)[: last.start(1)]))
    except UsageError:
        return None
    return _cursor(command, words, last.group(1))


def _cursor(command: Command, words: tuple[str, ...], typed: str) -> Cursor:
    option, equals, value = typed.partition("=")
    if equals and option in command.options:
        return Cursor(command, words, value, command.options[option])
    if typed.startswith("-"):
        return Cursor(command, words, typed, None)
    return Cursor(command, words, typed, _awaited(command, words))


def _awaited(command: Command, words: tuple[str, ...]) -> Parameter | None:
    """Find the parameter the next word is for: an option that waits for its value, else a position."""
    waiting = _option_waiting(command, words)
    if waiting is not None:
        return waiting
    bound = _bound(command, words)
    return next((parameter for parameter in command.positionals if parameter.name not in bound), None)


def _option_waiting(command: Command, words: tuple[str, ...]) -> Parameter | None:
    parameter = command.options.get(words[-1]) if words else None
    return parameter if parameter is not None and _takes_value(parameter) else None


def _bound(command: Command, words: tuple[str, ...]) -> dict[str, str]:
    """Tell which parameter each word so far is for; of several words for one, the first."""
    bound: dict[str, str] = {}
    left = [parameter.name for parameter in command.positionals]
    for number, word in enumerate(words):
        option, _, value = word.partition("=")
        if option in command.options:
            bound[command.options[option].name] = value
        elif (waiting := _option_waiting(command, words[:number])) is not None:
            bound[waiting.name] = bound[waiting.name] or word
        elif left:
            bound[left.pop(0)] = word
    return bound


def _takes_value(parameter: Parameter) -> bool:
    return parameter.annotation is not bool


def _is_frame(parameter: Parameter) -> bool:
    kind = kind_of(parameter)
    return kind is not None and kind.role == "frame"
