"""Words of a magic's line: shell-like outside brackets, Python inside them."""

import re
from typing import Literal, Self

from dsml_magics.errors import UsageError

Quoting = Literal["bare", "quoted", "python", "shell"]

_OPENING, _CLOSING = "([{", ")]}"
_OPTION_WITH_VALUE = re.compile(r"(--?[A-Za-z][\w-]*=)(.*)", re.DOTALL)


class Word(str):
    """A word and how it was written.

    ``quoted`` words were one string literal, so they are never an expression; ``python`` words hold
    quotes of their own, so they always are; ``shell`` words come from a shell, which has no namespace.
    """

    __slots__ = ("quoting",)
    quoting: Quoting

    def __new__(cls, text: str, quoting: Quoting = "bare") -> Self:
        word = super().__new__(cls, text)
        word.quoting = quoting
        return word


def split(line: str) -> list[Word]:
    """Split a magic's line into words.

    Quotes group words outside brackets and are Python inside them, so ``df["a b"]`` stays one word
    with its quotes. A ``#`` that begins a word starts a comment; a last ``;`` silences the output,
    as everywhere in IPython, and is no part of a word.

    Raises
    ------
    UsageError
        A quote or a bracket is never closed.

    Examples
    --------
    >>> split('train[train["age"] > 30] --target "my column"  # grown-ups')
    ['train[train["age"] > 30]', '--target', 'my column']
    """
    return _without_semicolon(_words(line))


def is_silenced(line: str) -> bool:
    """Tell whether a line ends in the ``;`` that silences its output.

    Examples
    --------
    >>> is_silenced("train --target age;  # quiet"), is_silenced("train 'a;'")
    (True, False)
    """
    # IPython would ask Python's tokenizer, which since 3.12 refuses a path such as `2024_01x.csv`.
    words = _words(line)
    return words != _without_semicolon(list(words))


def _words(line: str) -> list[Word]:
    words: list[Word] = []
    position, end = 0, len(line)
    while position < end:
        if line[position].isspace():
            position += 1
        elif line[position] == "#":
            break
        else:
            start, position = position, _word_end(line, position)
            words.append(_read(line[start:position]))
    return words


def _word_end(line: str, position: int) -> int:
    open_brackets: list[str] = []
    while position < len(line):
        char = line[position]
        if char in "'\"":
            position = _string_end(line, position)
            continue
        if char.isspace() and not open_brackets:
            break
        if char in _OPENING:
            open_brackets.append(char)
        elif char in _CLOSING and open_brackets:
            open_brackets.pop()
        position += 1
    if open_brackets:
        raise UsageError(f"Expected a closing bracket for {open_brackets[-1]!r} in: {line.strip()}")
    return position


def _string_end(line: str, start: int) -> int:
    """Return where the string literal that opens at `start` ends."""
    quote = line[start] * 3 if line.startswith(line[start] * 3, start) else line[start]
    position = start + len(quote)
    while position < len(line):
        if line[position] == "\\":
            position += 2
        elif line.startswith(quote, position):
            return position + len(quote)
        else:
            position += 1
    raise UsageError(
        f"Expected a closing quote {quote} in: {line.strip()}  (put text with a {quote} into other quotes)"
    )


def _read(source: str) -> Word:
    option = _OPTION_WITH_VALUE.fullmatch(source)
    prefix, value = option.groups() if option else ("", source)
    if value[:1] in ("'", '"') and _string_end(value, 0) == len(value):
        quote = value[0] * 3 if len(value) >= 6 and value.startswith(value[0] * 3) else value[0]
        text = value[len(quote) : -len(quote)].replace(f"\\{value[0]}", value[0])
        return Word(prefix + text, "quoted")
    return Word(source, "python" if "'" in value or '"' in value else "bare")


def _without_semicolon(words: list[Word]) -> list[Word]:
    if not words or words[-1].quoting == "quoted" or not words[-1].endswith(";"):
        return words
    last = words.pop()
    stripped = last.rstrip(";")
    return [*words, _read(stripped)] if stripped else words
