"""What a value is, as plain data that two processes can compare.

A description is a tuple of built-in values: ``("leaf", type, text)``, ``("data", type, beginning, digest, layout)`` for
what is long, ``("parts", type, {name: description})``, ``("same", path)`` for an object that was met before, and
``("opaque", type)`` for what cannot be looked into.
"""

import hashlib
import types
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from dsml_magics.pipeline.proof.contents import Contents, Layout
from dsml_magics.pipeline.proof.kinds import describer_of
from dsml_magics.pipeline.proof.libraries import is_plain, tells_who_ran

Description = tuple[Any, ...]

_SCALARS = (int, float, complex, bool, str, bytes, type(None))
_LONG = 1_000
_DEEP = 150
_SHOWN = 60
_LONGEST = 2_000
MOST_PARTS = 50_000
"""Parts of one variable that are looked into; the rest is told as not compared."""


def described(
    names: Mapping[str, Any], roots: Iterable[str] = (), contents: Contents | None = None
) -> dict[str, Description]:
    """Describe variables; what is under a folder of `roots` is named relative to it, long values go to `contents`."""
    walk = Walk(tuple(roots), contents)
    return {name: walk.variable(name, names[name]) for name in sorted(names)}


class Walk:
    """One walk through the variables of a process: aliases are told by the path they were first met at."""

    def __init__(self, roots: tuple[str, ...] = (), contents: Contents | None = None) -> None:
        self.roots = roots
        self._contents = contents
        self._met: dict[int, str] = {}
        # An object made while walking must not give its address to the next one.
        self._alive: list[Any] = []
        self._left = MOST_PARTS
        self._depth = 0

    def variable(self, name: str, value: Any) -> Description:
        self._left = MOST_PARTS
        return self.value(value, name)

    def value(self, value: Any, path: str) -> Description:
        """Describe a value that stands at a path."""
        if type(value) in _SCALARS:
            return self.scalar(value)
        if id(value) in self._met:
            return ("same", self._met[id(value)])
        self._left -= 1
        if self._left < 0 or self._depth > _DEEP:
            return ("opaque", f"{kind_of(value)}, larger than is compared")
        if not _is_common(value):
            self._met[id(value)] = path
            self._alive.append(value)
        self._depth += 1
        try:
            return self._described(value, path)
        finally:
            self._depth -= 1

    def scalar(self, value: Any) -> Description:
        return self.leaf(type(value).__name__, value if isinstance(value, str) else repr(value))

    def leaf(self, kind: str, text: str) -> Description:
        for root in self.roots:
            text = text.replace(root, "<folder>")
        if len(text) > _LONGEST:
            return self.data(kind, text.encode("utf-8", "surrogatepass"), text, ("text",))
        return ("leaf", kind, text)

    def data(
        self, kind: str, content: bytes | memoryview, shown: str, layout: Layout = ("bytes",)
    ) -> Description:
        """Describe what is too long to be kept by its digest and its beginning."""
        known = digest(content)
        if self._contents is not None:
            self._contents.keep(known, content)
        return ("data", kind, shown[:_SHOWN], known, layout)

    def parts(self, kind: str, parts: Mapping[str, Any], path: str) -> Description:
        """Describe named parts."""
        return ("parts", kind, {name: self.value(part, f"{path}{name}") for name, part in parts.items()})

    def items(self, kind: str, items: Any, path: str) -> Description:
        """Describe a sequence."""
        if len(items) > _LONG and _all_plain(items):
            return self._lines(f"{kind} of {len(items)}", map(repr, items))
        return self.parts(f"{kind} of {len(items)}", {f"[{at}]": item for at, item in enumerate(items)}, path)

    def _lines(self, kind: str, elements: Iterable[str]) -> Description:
        text = "\n".join(elements)
        shown = ", ".join(text[:_SHOWN].split("\n"))
        return self.data(kind, text.encode("utf-8", "surrogatepass"), shown, ("lines",))

    def mapping(self, kind: str, mapping: Mapping[Any, Any], path: str) -> Description:
        """Describe a mapping in its order."""
        pairs = [(key, value) for key, value in mapping.items() if not tells_who_ran(key)]
        if len(pairs) > _LONG and _all_plain(part for pair in pairs for part in pair):
            return self._lines(f"{kind} of {len(pairs)}", (f"{key!r}: {value!r}" for key, value in pairs))
        if all(type(key) in _SCALARS for key, _ in pairs):
            described = self.parts(
                f"{kind} of {len(pairs)}", {f"[{key!r}]": value for key, value in pairs}, path
            )
            # Two dicts are equal whatever their order; what is made from them is not.
            order = ("leaf", "order", shortened(repr([key for key, _ in pairs])))
            return ("parts", described[1], {" order": order, **described[2]})
        keyed = {f".keys[{at}]": key for at, (key, _) in enumerate(pairs)}
        return self.parts(
            f"{kind} of {len(pairs)}",
            keyed | {f".values[{at}]": value for at, (_, value) in enumerate(pairs)},
            path,
        )

    def _described(self, value: Any, path: str) -> Description:
        find: Callable[[Any], Callable[[Any, Walk, str], Description]] = describer_of
        try:
            return find(value)(value, self, path)
        except RecursionError:
            return ("opaque", f"{kind_of(value)}, larger than is compared")
        except Exception as error:  # noqa: BLE001  foreign code runs here; what it refuses is told, not compared
            return ("opaque", f"{kind_of(value)}, which cannot be read ({type(error).__name__})")


def _is_common(value: Any) -> bool:
    """Whether names may share an object without meaning to: Python has but one empty tuple."""
    return value == () if isinstance(value, tuple) else isinstance(value, types.ModuleType)


def _all_plain(items: Iterable[Any]) -> bool:
    return all(kind in _SCALARS or is_plain(kind) for kind in set(map(type, items)))


def kind_of(value: Any) -> str:
    """Name a value's type."""
    kind = type(value)
    return (
        kind.__qualname__
        if kind.__module__ in ("builtins", "__main__")
        else f"{kind.__module__}.{kind.__qualname__}"
    )


def digest(content: bytes | memoryview) -> str:
    return hashlib.blake2b(content, digest_size=12).hexdigest()


def shortened(text: str) -> str:
    """Keep short text, and the beginning and digest of long text."""
    if len(text) <= _LONGEST:
        return text
    return f"{text[:200]}… ({len(text)} characters, {digest(text.encode('utf-8', 'surrogatepass'))})"
