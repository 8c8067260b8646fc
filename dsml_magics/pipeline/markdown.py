"""Headings and text of a markdown cell."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_HEADING = re.compile(r" {0,3}(#{1,6})([ \t].*)?")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*")
# A list, a quotation, HTML, a table or a line across the page: what is underlined there is no heading.
_CONTAINER = re.compile(r" {0,3}([-*+](\s|$)|[><]|\d{1,9}[.)]\s|[*_-][*_ -]+$)|.*\|")
_MAX_LINES = 20
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading (none where `level` is 0) and the text under it."""

    title: str
    level: int
    text: str


def sections(markdown: str) -> Iterator[Section]:
    r"""Cut markdown at its headings, marked by ``#`` or underlined by ``===`` or ``---``; a fenced block has none.

    Examples
    --------
    >>> [(section.title, section.text) for section in sections("# Income\nWho earns what.")]
    [('Income', 'Who earns what.')]
    >>> [(section.title, section.level) for section in sections("Income\n======\nWho earns what.\n\nHow\n---")]
    [('Income', 1), ('How', 2)]
    """
    title, level, fence = "", 0, ""
    lines: list[str] = []
    for line in markdown.splitlines():
        fence = _fence_after(line, fence)
        heading = None if fence else _heading(line, lines)
        if heading is None:
            lines.append(line.rstrip())
            continue
        words, depth, above = heading
        yield from _section(title, level, lines[: len(lines) - above])
        title, level, lines = " ".join(words.split()), depth, []
    yield from _section(title, level, lines)


def _heading(line: str, before: list[str]) -> tuple[str, int, int] | None:
    """Read a line as a heading, or as what underlines some lines: the title, its level, how many lines above it are."""
    if found := _HEADING.fullmatch(line):
        return _without_closing(found[2] or ""), len(found[1]), 0
    if (underline := _UNDERLINE.fullmatch(line)) and (above := _paragraph(before)):
        return " ".join(above), 1 if underline[1][0] == "=" else 2, len(above)
    return None


def _without_closing(title: str) -> str:
    """Take off the ``#`` that may close a heading."""
    title = title.strip()
    words = title.rstrip("#")
    return words if words[-1:].isspace() or not words else title


def _paragraph(lines: list[str]) -> list[str]:
    """Find the plain text that ends here; none where it is a list, a table, a formula or code."""
    start = len(lines)
    while start and lines[start - 1].strip() and not _FENCE.match(lines[start - 1]):
        start -= 1
        if len(lines) - start > _MAX_LINES:
            return []
    found = lines[start:]
    is_code = bool(found) and found[0].startswith(("    ", "\t"))
    text = "\n".join(found)
    is_formula = text.count("$$") % 2 == 1 or text.count("\\begin{") > text.count("\\end{")
    return [] if is_code or is_formula or any(map(_CONTAINER.match, found)) else found


def _section(title: str, level: int, lines: list[str]) -> Iterator[Section]:
    text = "\n".join(lines).strip("\n")
    if level or text:
        yield Section(title, level, text)


def _fence_after(line: str, fence: str) -> str:
    found = _FENCE.match(line)
    if found is None:
        return fence
    if not fence:
        return found[1]
    return "" if found[1].startswith(fence) else fence
