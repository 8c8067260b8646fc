"""Which names share objects: what one of them changes, the others show."""

import enum
import sys
import types
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from dsml_magics.run.pickling import is_made
from dsml_magics.run.value_digest import Fingerprint

_FIXED = (
    *(str, bytes, tuple, frozenset, int, float, complex, range, slice),
    *(type(None), types.CodeType, enum.Enum),
)
_FIXED_MODULES = frozenset(
    ("datetime", "decimal", "fractions", "uuid", "pathlib", "zoneinfo", "ipaddress", "re", "numpy.dtypes")
)
# Python finds these by a name that is not theirs, as ``code`` of `builtins`.
_OF_PYTHON = (types.CodeType, types.CellType, types.FunctionType, types.ModuleType)


@dataclass
class SharedObjects:
    """The objects each name holds, by their ids; an array also holds the one that owns its data."""

    _held: dict[str, tuple[Fingerprint, frozenset[int]]] = field(default_factory=dict)
    _owners: dict[int, set[str]] = field(default_factory=dict)

    def put(self, name: str, found: Fingerprint) -> None:
        """Note what a name holds now."""
        self.drop(name)
        keys = frozenset((*found.memo, *(root for _, root in found.arrays)))
        self._held[name] = found, keys
        for key in keys:
            self._owners.setdefault(key, set()).add(name)

    def drop(self, name: str) -> None:
        """Forget a name."""
        _, keys = self._held.pop(name, (None, ()))
        for key in keys:
            owners = self._owners[key]
            owners.discard(name)
            if not owners:
                del self._owners[key]

    def holders(self, memo: Mapping[int, Any], arrays: Iterable[tuple[int, int]] = ()) -> set[str]:
        """Find the names that hold one of some objects, if it can change."""
        found: set[str] = set()
        for key, value in memo.items():
            owners = self._owners.get(key)
            if owners and not owners <= found and can_change(value):
                found |= owners
        for _, root in arrays:
            found |= self._owners.get(root, set())
        return found

    def sharing(self, names: Collection[str]) -> set[str]:
        """Find the names that share an object with some names, directly or through others; these too."""
        found, waiting = {*names}, [*names]
        while waiting:
            if (held := self._held.get(waiting.pop())) is not None:
                new = self.holders(held[0].memo, held[0].arrays) - found
                found |= new
                waiting += new
        return found

    def roots(self, names: Collection[str]) -> frozenset[int]:
        """Find the arrays whose data several arrays of some names share."""
        seen: dict[int, int] = {}
        pairs = [pair for name in names if name in self._held for pair in self._held[name][0].arrays]
        return frozenset(root for array, root in pairs if seen.setdefault(root, array) != array)


def joined(names: Collection[str], shared: SharedObjects) -> Iterator[tuple[str, ...]]:
    """Yield names in groups: those that share objects, through others of these names at most."""
    rest = dict.fromkeys(sorted(names))
    while rest:
        group, waiting = set[str](), [next(iter(rest))]
        while waiting:
            name = waiting.pop()
            if name in rest:
                del rest[name]
                group.add(name)
                found, _ = shared._held[name]  # noqa: SLF001  of this module
                waiting += shared.holders(found.memo, found.arrays) & rest.keys()
        yield tuple(sorted(group))


def can_change(value: Any) -> bool:
    """Tell whether it matters that two names hold the very same object."""
    if isinstance(value, types.ModuleType):
        return is_made(value)
    if isinstance(value, _FIXED) or type(value).__module__ in _FIXED_MODULES:
        return False
    if isinstance(value, type | types.FunctionType | types.BuiltinFunctionType):
        return value not in _OF_PYTHON and not _is_by_name(value)
    try:
        # What pickle finds by a name is one object for all.
        return not isinstance(value.__reduce_ex__(4), str)
    except Exception:  # noqa: BLE001  it was pickled by other means
        return True


def _is_by_name(value: Any) -> bool:
    found: Any = sys.modules.get(value.__module__ or "")
    if found is None or value.__module__ == "__main__":
        return False
    for part in value.__qualname__.split("."):
        found = getattr(found, part, None)
    return found is value
