"""Long values, kept beside their descriptions: where two differ, the first element that does can be named."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

MAX_BYTES = 2**30
"""What one run may keep; of values beyond that, it is known that they differ, not where."""

_BLOCK = 2**20

Layout = tuple[Any, ...]
"""How a value is written: ``("array", dtype, shape)``, ``("lines",)`` with an element a line,
``("text",)``, ``("file",)``, ``("bytes",)``."""

Element = tuple[str, str, str]
"""The index of an element, such as ``[2, 0]``, and its two values."""


class Contents:
    """A folder of values, by their digests."""

    def __init__(self, folder: Path, *, max_bytes: int = MAX_BYTES) -> None:
        self.folder = folder
        self._left = max_bytes

    def keep(self, digest: str, content: bytes | memoryview) -> None:
        """Write a value, unless there is no room for it: then it is compared all the same."""
        path = self.folder / digest
        if len(content) > self._left or path.exists():
            return
        self._left -= len(content)
        with suppress(OSError):
            self.folder.mkdir(exist_ok=True)
            path.write_bytes(content)

    def read(self, digest: str) -> bytes | None:
        try:
            return (self.folder / digest).read_bytes()
        except OSError:
            return None


def first_element(layout: Layout, ours: bytes, theirs: bytes) -> Element:
    """Find the first element in which two values of one layout differ."""
    at = _first_byte(ours, theirs)
    match layout:
        case ("array", str(dtype), tuple(shape)):
            return _array_element(dtype, shape, at, ours, theirs)
        case ("lines",):
            index = ours.count(b"\n", 0, at)
            return f"[{index}]", _line(ours, at), _line(theirs, at)
        case ("file",) if _are_text(ours, theirs):
            line = ours.count(b"\n", 0, at) + 1
            return f" line {line}", repr(_line(ours, at)[:80]), repr(_line(theirs, at)[:80])
        case ("file",):
            return f" byte {at + 1}", repr(ours[at : at + 20]), repr(theirs[at : at + 20])
        case _:
            return f"[{at}]", repr(ours[at : at + 20]), repr(theirs[at : at + 20])


def _first_byte(ours: bytes, theirs: bytes) -> int:
    """Find the first byte that differs: where one is the beginning of the other, the one after it."""
    for start in range(0, min(len(ours), len(theirs)), _BLOCK):
        one, two = ours[start : start + _BLOCK], theirs[start : start + _BLOCK]
        if one != two:
            pairs = enumerate(zip(one, two, strict=False))
            return start + next((at for at, (a, b) in pairs if a != b), min(len(one), len(two)))
    return min(len(ours), len(theirs))


def _are_text(*contents: bytes) -> bool:
    try:
        return all("\0" not in content.decode("utf-8") for content in contents)
    except UnicodeDecodeError:
        return False


def _array_element(dtype: str, shape: Sequence[int], at: int, ours: bytes, theirs: bytes) -> Element:
    import numpy as np

    kind = np.dtype(dtype)
    index = at // kind.itemsize
    place = ", ".join(str(int(each)) for each in np.unravel_index(index, shape)) if shape else ""
    one, two = (
        str(np.frombuffer(each, kind, count=1, offset=index * kind.itemsize)[0]) for each in (ours, theirs)
    )
    return f"[{place}]" if place else "", one, two


def _line(content: bytes, at: int) -> str:
    start = content.rfind(b"\n", 0, at) + 1
    end = content.find(b"\n", at)
    return content[start : end if end >= 0 else len(content)].decode("utf-8", "replace")
