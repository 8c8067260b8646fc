"""Headings and text of a markdown cell."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading (none where `level` is 0) and the text under it."""

    title: str
    level: int
    text: str


def sections(markdown: str) -> Iterator[Section]:
    r"""Cut markdown at its headings; a ``#`` in a fenced block is none.

    Examples
    --------
    >>> [(section.title, section.text) for section in sections("# Income\nWho earns what.")]
    [('Income', 'Who earns what.')]
    """
    title, level, fence = "", 0, ""
    lines: list[str] = []
    for line in markdown.splitlines():
        fence = _fence_after(line, fence)
        heading = None if fence else _HEADING.fullmatch(line)
        if heading is None:
            lines.append(line.rstrip())
            continue
        yield from _section(title, level, lines)
        title, level, lines = " ".join((heading[2] or "").split()), len(heading[1]), []
    yield from _section(title, level, lines)


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
