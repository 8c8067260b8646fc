"""Text in the cells of a terminal, where a wide character takes two."""

import unicodedata


def cells(text: str) -> int:
    """Count the cells a text takes (Unicode Standard Annex 11)."""
    return len(text) if text.isascii() else sum(map(_width, text))


def cut(text: str, most: int) -> str:
    """Shorten a text to so many cells; a cut is shown by an ellipsis."""
    if cells(text) <= most:
        return text
    taken, used = 0, 1
    for character in text:
        used += _width(character)
        if used > most:
            break
        taken += 1
    return text[:taken] + "…"


def pad(text: str, width: int, *, right: bool = False) -> str:
    """Fill a text with blanks to so many cells; `right` puts it at the right end."""
    blanks = " " * max(0, width - cells(text))
    return blanks + text if right else text + blanks


def _width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def fold(text: str, width: int) -> list[str]:
    """Break a text into lines of at most so many cells, at blanks where there are any."""
    lines, line = [], ""
    for word in text.split(" "):
        while cells(word) > width:
            if line:
                lines.append(line)
                line = ""
            head = _head(word, width)
            lines.append(head)
            word = word[len(head) :]  # noqa: PLW2901  what is left of it
        if line and cells(line) + 1 + cells(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line] if line or not lines else lines


def _head(word: str, width: int) -> str:
    """Take as many characters as fit, one at least."""
    used = 0
    for place, character in enumerate(word):
        used += _width(character)
        if used > width:
            return word[: max(place, 1)]
    return word
