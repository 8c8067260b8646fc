"""Names of columns as distinct text: frames also have numbers, tuples and duplicates for names."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from dsml_magics.frames.note import Note


@dataclass(frozen=True, slots=True)
class Names:
    """The names of a frame's columns, and the text each is known by here.

    Attributes
    ----------
    texts
        Distinct, in the order of the columns.
    literals
        For each text by which the frame does not find the column: the Python literal it has there, such as ``0`` or
        ``('a', 'x')``; None where there is none, or several columns have the name.
    notes
        What was changed, if anything.
    """

    texts: tuple[str, ...]
    literals: Mapping[str, str | None] = field(default_factory=lambda: MappingProxyType({}))
    notes: tuple[Note, ...] = ()


def distinct_names(names: Sequence[object]) -> Names:
    """Give each column a text of its own; duplicates are numbered as `pandas.read_csv` does.

    Examples
    --------
    >>> distinct_names([0, ("a", "x"), "b", "b"]).texts
    ('0', 'a_x', 'b', 'b.1')
    """
    if all(type(name) is str and name.isascii() for name in names) and len(set(names)) == len(names):
        return Names(tuple(map(str, names)))
    texts = _numbered(names, [_text(name) for name in names])
    counts = Counter(map(_key, names))
    literals = {
        text: _literal(name) if counts[_key(name)] == 1 else None
        for name, text in zip(names, texts, strict=True)
        if text != name or counts[_key(name)] > 1
    }
    return Names(tuple(texts), MappingProxyType(literals), renaming_notes(names, texts))


def whole_text(text: str) -> str:
    """Replace halves of UTF-16 surrogate pairs, which no encoding can write, by U+FFFD.

    Examples
    --------
    >>> whole_text("a" + chr(0xD800))
    'a\ufffd'
    """
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _text(name: object) -> str:
    if isinstance(name, tuple):
        # Levels of a MultiIndex: the lower ones of a short name are empty.
        return "_".join(part for part in map(_text, name) if part)
    try:
        return whole_text(str(name))
    except Exception:  # noqa: BLE001  a name may be any object
        return type(name).__name__


def _numbered(names: Sequence[object], texts: Sequence[str]) -> list[str]:
    """Number repeated texts; a name that is text already keeps it."""
    owners: dict[str, int] = {}
    for at, (name, text) in enumerate(zip(names, texts, strict=True)):
        if text not in owners or (name == text and names[owners[text]] != text):
            owners[text] = at
    taken, numbers, found = set(texts), Counter[str](), []
    for at, text in enumerate(texts):
        free = text
        while owners[text] != at and free in taken:
            numbers[text] += 1
            free = f"{text}.{numbers[text]}"
        taken.add(free)
        found.append(free)
    return found


def _key(name: object) -> object:
    try:
        hash(name)
    except TypeError:
        return repr(name)
    return name


def _literal(name: object) -> str | None:
    """Write a name as Python source, None where no literal is equal to it."""
    plain = name.item() if type(name).__module__ == "numpy" and hasattr(name, "item") else name
    if isinstance(plain, tuple):
        parts = [_literal(part) for part in plain]
        known = [part for part in parts if part is not None]
        return f"({', '.join(known)}{',' * (len(known) == 1)})" if len(known) == len(parts) else None
    if type(plain) in (int, str) or (isinstance(plain, float) and math.isfinite(plain)):
        return repr(plain)
    return None


def renaming_notes(names: Sequence[object], texts: Sequence[str]) -> tuple[Note, ...]:
    """Say how many names became another text, with the first of them."""
    changed = [(name, text) for name, text in zip(names, texts, strict=True) if name != text]
    if not changed:
        return ()
    name, text = changed[0]
    return (Note("names", {"count": len(changed), "name": _shown(name), "text": repr(text)}),)


def _shown(name: object) -> str:
    try:
        return whole_text(_literal(name) or str(name))
    except Exception:  # noqa: BLE001  a name may be any object
        return type(name).__name__
