"""Which names share objects: what one of them changes, the others show."""

import enum
import sys
import types
from collections.abc import Iterable, Mapping
from typing import Any

from dsml_magics.run.pickling import Pickled, is_made, pickled

_FIXED = (
    *(str, bytes, tuple, frozenset, int, float, complex, range, slice),
    *(type(None), types.CodeType, enum.Enum),
)
_FIXED_MODULES = frozenset(
    ("datetime", "decimal", "fractions", "uuid", "pathlib", "zoneinfo", "ipaddress", "re", "numpy.dtypes")
)


_LONGEST = 80


def groups_of(
    values: Mapping[str, Any],
) -> tuple[list[tuple[tuple[str, ...], Pickled]], dict[str, str]]:
    """Write down values, those that share objects together; tell of the others why that cannot be.

    Returns
    -------
    tuple
        Names in groups, each with a pickle of a dict of its values; and the names that are lost, with the reason.
    """
    pieces, lost = _pieces(values)
    roots = _shared_roots(pieces)
    groups: list[tuple[tuple[str, ...], Pickled]] = []
    for names in _joined(pieces, roots):
        if len(names) == 1 and not _has_views(pieces[names[0]], roots):
            groups.append((names, pieces[names[0]]))
            continue
        try:
            groups.append((names, pickled({name: values[name] for name in names}, roots=roots)))
        except Exception as error:  # noqa: BLE001  pickling runs code of any library
            lost |= dict.fromkeys(names, _reason(error))
    return groups, lost


def _pieces(values: Mapping[str, Any]) -> tuple[dict[str, Pickled], dict[str, str]]:
    pieces: dict[str, Pickled] = {}
    lost: dict[str, str] = {}
    for name, value in values.items():
        try:
            pieces[name] = pickled({name: value})
        except Exception as error:  # noqa: BLE001  as above
            lost[name] = _reason(error)
    return pieces, lost


def _reason(error: Exception) -> str:
    text = str(error).partition("\n")[0]
    return (text if len(text) <= _LONGEST else f"{text[:_LONGEST]}...") or type(error).__name__


def _shared_roots(pieces: Mapping[str, Pickled]) -> frozenset[int]:
    """Find the arrays whose data several arrays share."""
    seen: dict[int, int] = {}
    shared: set[int] = set()
    for piece in pieces.values():
        for array, root in piece.arrays:
            if seen.setdefault(root, array) != array:
                shared.add(root)
    return frozenset(shared)


def _has_views(piece: Pickled, roots: frozenset[int]) -> bool:
    return any(root in roots for _, root in piece.arrays)


def _joined(pieces: Mapping[str, Pickled], roots: frozenset[int]) -> list[tuple[str, ...]]:
    """Join names that hold one object, or views of one array's data."""
    parents = {name: name for name in pieces}

    def top(name: str) -> str:
        while parents[name] != name:
            parents[name] = parents[parents[name]]
            name = parents[name]
        return name

    owners: dict[int, str] = {}
    for name, piece in pieces.items():
        for key in _held(piece, roots):
            owner = owners.setdefault(key, name)
            if owner != name and top(owner) != top(name) and (key in roots or _can_change(piece.memo[key])):
                parents[top(name)] = top(owner)
    groups: dict[str, list[str]] = {}
    for name in pieces:
        groups.setdefault(top(name), []).append(name)
    return [tuple(sorted(names)) for names in groups.values()]


def _held(piece: Pickled, roots: frozenset[int]) -> Iterable[int]:
    yield from piece.memo
    yield from (root for _, root in piece.arrays if root in roots)


def _can_change(value: Any) -> bool:
    """Tell whether it matters that two names hold the very same object."""
    if isinstance(value, types.ModuleType):
        return is_made(value)
    if isinstance(value, _FIXED) or type(value).__module__ in _FIXED_MODULES:
        return False
    if isinstance(value, type | types.FunctionType | types.BuiltinFunctionType):
        return not _is_by_name(value)
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
