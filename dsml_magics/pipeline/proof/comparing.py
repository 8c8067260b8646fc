"""Where two runs differ: in variables, files and printed text."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest

from dsml_magics.pipeline.proof.contents import Contents, Element, Layout, first_element
from dsml_magics.pipeline.proof.description import Description
from dsml_magics.pipeline.proof.value import Difference

_COLOURS = re.compile(r"\x1b\[[\d;?]*[a-zA-Z]")
# What a figure or a rich object leaves as text in a notebook.
_PICTURES = re.compile(r"<Figure size [\dx.]+ with \d+ Axes>|<IPython\.core\.display\.\w+ object>")
# What IPython prints of times, and what a script does: in a line that holds one, a time is what follows, or all of it.
_TIMES = ("CPU times: ", "Wall time: ")
_TIME_OF_LOOP = " per loop (mean ± std. dev. of "
_MOST = 10_000
_WIDTH, _BEFORE = 80, 20
_WINDOW = 60
# How many lines to leave out of each text until they agree again, the fewest first.
_NEARBY = sorted(
    ((one, two) for one in range(_WINDOW) for two in range(_WINDOW) if one or two),
    key=lambda pair: (sum(pair), abs(pair[0] - pair[1])),
)


@dataclass(frozen=True, slots=True)
class Found:
    """A part of a variable or of a file that is another in two runs; None stands for one that is not there."""

    name: str
    path: str
    ours: Description | None
    theirs: Description | None

    def __str__(self) -> str:
        sides = ("missing" if each is None else shown(each) for each in (self.ours, self.theirs))
        return str(Difference(self.path, *sides))


def differences_of(ours: Mapping[str, Description], theirs: Mapping[str, Description]) -> list[Found]:
    """Compare what two runs have in common by name, and tell what the second lacks."""
    found: list[Found] = []
    for name, description in ours.items():
        if name not in theirs:
            found.append(Found(name, name, description, None))
        else:
            parts = list(islice(_compared(description, theirs[name], name), _MOST + 1))
            # One that differs in more parts is another as a whole: what comes after them is not left out.
            parts = parts if len(parts) <= _MOST else [(name, description, theirs[name])]
            found += (Found(name, *each) for each in parts)
    return found


def difference_of(found: Found, ours: Contents, theirs: Contents, *, missing: str = "missing") -> Difference:
    """Write a difference out: of a long value, the first element that differs, with both values."""
    if found.ours is None or found.theirs is None:
        sides = (missing if each is None else _presence(each, missing) for each in (found.ours, found.theirs))
        return Difference(found.path, *sides)
    if found.ours[0] == found.theirs[0] == "data" and found.ours[1] == found.theirs[1]:
        one, two = ours.read(found.ours[3]), theirs.read(found.theirs[3])
        if one is not None and two is not None:
            index, *values = element_of(found.ours[4], one, two)
            return Difference(found.path + index, *values)
    return Difference(found.path, *_told_apart(found.ours, found.theirs))


def _presence(description: Description, missing: str) -> str:
    return shown(description) if missing == "missing" else missing.removeprefix("not ")


def element_of(layout: Layout, ours: bytes, theirs: bytes) -> Element:
    """Name the first element in which two long values differ."""
    if layout == ("text",):
        return "", *excerpts(*(each.decode("utf-8", "replace") for each in (ours, theirs)))
    return first_element(layout, ours, theirs)


def opaque_parts(description: Description, path: str) -> Iterator[tuple[str, str]]:
    """Yield the parts of a variable that cannot be looked into, with their kinds."""
    if description[0] == "opaque":
        yield path, description[1]
    elif description[0] == "parts":
        for name, part in description[2].items():
            yield from opaque_parts(part, f"{path}{name}")


def shown(description: Description) -> str:
    """Write a description on a line."""
    match description:
        case ("leaf", "str", text):
            return repr(text[:80])
        case ("leaf", "int" | "float" | "bool" | "NoneType" | "complex" | "bytes", text):
            return str(text[:80])
        case ("leaf", kind, text):
            return f"{text[:80]} ({kind})"
        case ("data", kind, beginning, *_):
            return f"{beginning}… ({kind})"
        case ("same", path):
            return f"the same object as {path}"
        case _:
            return str(description[1])


def _compared(
    ours: Description, theirs: Description, path: str
) -> Iterator[tuple[str, Description, Description]]:
    if ours == theirs:
        return
    if ours[0] == theirs[0] == "parts" and str(ours[1]).startswith("function ") and ours[1] == theirs[1]:
        # The code of a function that asks IPython is not compared.
        shared = ours[2].keys() & theirs[2].keys()
        ours, theirs = (
            (each[0], each[1], {name: each[2][name] for name in each[2] if name in shared})
            for each in (ours, theirs)
        )
    if ours[0] != "parts" or theirs[0] != "parts" or ours[1] != theirs[1] or list(ours[2]) != list(theirs[2]):
        yield path, ours, theirs
        return
    for name, part in ours[2].items():
        yield from _compared(part, theirs[2][name], f"{path}{name}")


def _told_apart(ours: Description, theirs: Description) -> tuple[str, str]:
    first, second = shown(ours), shown(theirs)
    if first != second or ours[0] != "parts" or theirs[0] != "parts":
        return first, second
    lacking = [name.strip() for name in ours[2] if name not in theirs[2]]
    more = [name.strip() for name in theirs[2] if name not in ours[2]]
    return f"{first} with {', '.join(lacking[:3]) or 'the same parts'}", (
        f"{second} with {', '.join(more[:3]) or ('another order' if not lacking else 'none of them')}"
    )


def lines_of(text: str) -> list[str]:
    """Cut printed text into lines, without colours, pictures and what a terminal adds."""
    lines = [_without_times(line).rstrip() for line in _COLOURS.sub("", text).split("\n")]
    return [line for line in lines if line and not _PICTURES.fullmatch(line.strip())]


def _without_times(line: str) -> str:
    """Write a time that differs from run to run as such; a line may be as long as a figure's text."""
    if _TIME_OF_LOOP in line:
        return "(a time)"
    at = min((line.index(mark) for mark in _TIMES if mark in line), default=len(line))
    return line if at == len(line) else f"{line[:at]}(a time)"


Region = tuple[int, int, int, int]
"""Lines of two texts that differ: from where to where in the one, and in the other."""


def differing_regions(ours: Sequence[str], theirs: Sequence[str]) -> list[Region]:
    """Find where printed lines differ, but for the layout."""
    return [
        (start, end, other_start, other_end)
        for start, end, other_start, other_end in _regions(ours, theirs)
        if _words(ours[start:end]) != _words(theirs[other_start:other_end])
    ]


def lines_in(region: Region) -> range:
    """List the lines of the first text a region is about: where it has none, the one it stands before."""
    start, end, *_ = region
    return range(start, max(end, start + 1))


def is_unstable(region: Region, unstable: set[int]) -> bool:
    """Whether all lines of a region are some that two runs of the notebook print otherwise."""
    start, end, *_ = region
    if start == end:
        return not unstable.isdisjoint((start - 1, start))
    return unstable.issuperset(range(start, end))


def line_difference(
    ours: Sequence[str], theirs: Sequence[str], region: Region, unstable: set[int]
) -> Difference:
    """Name the first line of a region that differs, and is not unstable."""
    start, end, other_start, other_end = region
    pairs = zip_longest(range(start, end), range(other_start, other_end))
    at, other = next(pair for pair in pairs if pair[0] not in unstable)
    where = f"printed line {(start if at is None else at) + 1}"
    return Difference(where, *excerpts(_line(ours, at), _line(theirs, other)))


def unstable_lines(ours: Sequence[str], again: Sequence[str]) -> set[int]:
    """Find the lines that another run of the same notebook prints otherwise."""
    found: set[int] = set()
    for start, end, _, _ in _regions(ours, again):
        found.update(range(start, end) if end > start else (start - 1, start))
    return found


def _regions(ours: Sequence[str], theirs: Sequence[str]) -> Iterator[Region]:
    """Yield where two texts differ, in a time that grows with their length.

    After a difference, the nearest lines that agree are where both go on; where none is near, all up to
    the end they share is one difference.
    """
    back = _equal_at_end(ours, theirs)
    end, other_end = len(ours) - back, len(theirs) - back
    at = other = 0
    while at < end and other < other_end:
        if ours[at] == theirs[other]:
            at, other = at + 1, other + 1
            continue
        found = (
            (more, less)
            for more, less in _NEARBY
            if at + more < end and other + less < other_end and ours[at + more] == theirs[other + less]
        )
        more, less = next(found, (end - at, other_end - other))
        yield at, at + more, other, other + less
        at, other = at + more, other + less
    if at < end or other < other_end:
        yield at, end, other, other_end


def _equal_at_end(ours: Sequence[str], theirs: Sequence[str]) -> int:
    pairs = zip(reversed(ours), reversed(theirs), strict=False)
    return next((at for at, (one, two) in enumerate(pairs) if one != two), min(len(ours), len(theirs)))


def _words(lines: Sequence[str]) -> list[str]:
    return " ".join(lines).split()


def _line(lines: Sequence[str], at: int | None) -> str | None:
    return lines[at] if at is not None else None


def excerpts(ours: str | None, theirs: str | None) -> tuple[str, str]:
    """Show two texts from a little before where they part; ``nothing`` where there is none."""
    one, two = ours or "", theirs or ""
    pairs = enumerate(zip(one, two, strict=False))
    parted = next((at for at, (first, second) in pairs if first != second), min(len(one), len(two)))
    start = parted - _BEFORE if parted > _WIDTH - _BEFORE else 0
    return _excerpt(ours, start), _excerpt(theirs, start)


def _excerpt(text: str | None, start: int) -> str:
    if text is None:
        return "nothing"
    shown = repr(text[start : start + _WIDTH])
    return f"{shown} from character {start + 1} on" if start else shown
