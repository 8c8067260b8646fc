"""The values of parameters: plain ones alone, neither tables nor models."""

from collections.abc import Mapping
from typing import Any

from dsml_magics.track.roles import Roles
from dsml_magics.track.source import Source

_ITEMS = 50
_DEPTH = 4
NOT_PLAIN = object()


def parameter_values(source: Source, roles: Roles, bound: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of the names that are parameters by their role, as they are after the block."""
    found: dict[str, Any] = {}
    for name, value in bound.items():
        if roles.of(name) != "parameter":
            continue
        # A long literal is recorded; a long list that was computed is data.
        is_literal = name in source.constants and not isinstance(value, list | dict | set)
        written = source.constants[name] if is_literal else plain(value)
        if written is not NOT_PLAIN and not _is_empty(written):
            found[name] = written
    return found


def plain(value: Any, depth: int = _DEPTH) -> Any:
    """Return a number, a text, or a short container of these in Python's own types; `NOT_PLAIN` for all else.

    Examples
    --------
    >>> plain({"a": (1, 2.5)}), plain(object()) is NOT_PLAIN
    ({'a': (1, 2.5)}, True)
    """
    kind, module = type(value), type(value).__module__.partition(".")[0]
    if value is None or kind in (bool, int, float, complex, str, bytes):
        return value
    if module == "numpy" and hasattr(kind, "tolist"):
        is_short = kind.__name__ != "ndarray" or (value.ndim == 1 and value.size <= _ITEMS)
        return plain(value.tolist(), depth) if is_short and not value.dtype.hasobject else NOT_PLAIN
    if kind in (list, tuple, set, frozenset, dict) and len(value) <= _ITEMS and depth:
        items = list(value.items()) if kind is dict else list(value)
        parts = [plain(each, depth - 1) for each in items]
        return NOT_PLAIN if any(each is NOT_PLAIN for each in parts) else kind(parts)
    return NOT_PLAIN


def _is_empty(value: Any) -> bool:
    """Tell an empty container: it waits for results."""
    return isinstance(value, list | dict | set) and not value
