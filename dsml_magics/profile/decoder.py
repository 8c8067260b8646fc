"""Figures read back from JSON's types: what does not fit is refused, with its place."""

import math
import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from dsml_magics.errors import DataError
from dsml_magics.profile.column import Column, Text
from dsml_magics.profile.figures import Figures

PAIRS: Mapping[Any, Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        Column: {"top": ("value", "count"), "personal": ("kind", "share")},
        Text: {"scripts": ("script", "share")},
    }
)
"""Pairs that JSON has as objects, and the names of their parts."""
UNKEPT = ("points", "counts", "notation")
"""Figures of a column that JSON does not hold."""
_SCHEMAS = ("dsml.profile/3", "dsml.profile/2")
"""What the first one has beside the second has a default."""
_MOST = 2**64
"""No number that is counted, and none of Arrow's whole ones, is larger."""
_INFINITE = ("inf", "-inf", "nan")
_DEPTH = 3


def figures_of(data: Any) -> Figures:
    """Read the figures that `schema.dict_of` wrote.

    Raises
    ------
    DataError
        It is something else; the message tells where.
    """
    from dsml_magics.profile.restoring import restored

    schema = data.get("schema") if isinstance(data, Mapping) else None
    if schema not in _SCHEMAS:
        raise DataError(
            f"Expected a profile in the schema {_SCHEMAS[0]!r} or {_SCHEMAS[1]!r}, got {str(schema)[:60]!r}. "
            "Write it by `to_json` of this release, or read it with the release that wrote it."
        )
    figures: Figures = _read(Figures, data, "profile")
    return restored(figures)


def require(met: object, expected: str, got: object, where: str) -> None:
    """Refuse what is no profile.

    Raises
    ------
    DataError
        With what was expected, what came, and where.
    """
    if not met:
        raise DataError(
            f"Expected a profile as `to_json` writes it, with {expected} at {where[:200]}, got {str(got)[:60]!r}."
        )


def _read(hint: Any, data: Any, where: str) -> Any:
    """Read a value of the type that a field is declared with."""
    origin, parts = get_origin(hint), get_args(hint)
    if hint is Any:
        return _any(data, where, _DEPTH)
    if origin in (types.UnionType, Union):
        return None if data is None else _read(parts[0], data, where)
    if origin is Literal:
        return _literal(parts, data, where)
    if origin in _GENERIC:
        return _GENERIC[origin](parts, data, where)
    return _dataclass(hint, data, where) if is_dataclass(hint) else _SIMPLE[hint](data, where)


def _literal(parts: tuple[Any, ...], data: Any, where: str) -> Any:
    require(isinstance(data, str) and data in parts, f"one of {', '.join(map(str, parts))}", data, where)
    return data


def _any(data: Any, where: str, depth: int) -> Any:
    if isinstance(data, list | Mapping):
        require(depth > 0, "a value of few levels", "more", where)
    if isinstance(data, list):
        return tuple(_any(item, where, depth - 1) for item in data)
    if isinstance(data, Mapping):
        return {str(name): _any(item, where, depth - 1) for name, item in data.items()}
    if isinstance(data, int) and not isinstance(data, bool):
        require(abs(data) < _MOST, "a number of 64 bits", "a longer one", where)
    return data


def _int(data: Any, where: str) -> int:
    whole = isinstance(data, int) and not isinstance(data, bool) and 0 <= data < _MOST
    require(whole, "a whole number, 0 or more", data, where)
    return int(data)


def _float(data: Any, where: str) -> float:
    if isinstance(data, str) and data in _INFINITE:
        return float(data)
    number = isinstance(data, int | float) and not isinstance(data, bool) and abs(data) < math.inf
    require(number and abs(data) <= 1.8e308, "a number", data, where)
    return float(data)


def _text(data: Any, where: str) -> str:
    require(isinstance(data, str), "a text", data, where)
    return str(data)


_SIMPLE: Mapping[Any, Callable[[Any, str], Any]] = {int: _int, float: _float, str: _text}


def _tuple(parts: tuple[Any, ...], data: Any, where: str) -> tuple[Any, ...]:
    require(isinstance(data, list), "a list", data, where)
    if len(parts) == 2 and parts[1] is Ellipsis:
        return tuple(_read(parts[0], item, f"{where}[{place}]") for place, item in enumerate(data))
    require(len(data) == len(parts), f"{len(parts)} values", f"{len(data)}", where)
    return tuple(
        _read(part, item, f"{where}[{place}]")
        for place, (part, item) in enumerate(zip(parts, data, strict=True))
    )


def _mapping(parts: tuple[Any, ...], data: Any, where: str) -> Mapping[str, Any]:
    if parts and parts[1] is Column:
        return _columns(data, where)
    require(isinstance(data, Mapping), "an object", data, where)
    inner = parts[1] if parts else Any
    return MappingProxyType({str(name): _read(inner, item, f"{where}.{name}") for name, item in data.items()})


def _columns(data: Any, where: str) -> Mapping[str, Column]:
    require(isinstance(data, list), "a list", data, where)
    columns = [_read(Column, item, f"{where}[{place}]") for place, item in enumerate(data)]
    found = {column.name: column for column in columns}
    require(len(found) == len(columns), "columns of different names", "one twice", where)
    return MappingProxyType(found)


_GENERIC: Mapping[Any, Callable[[Any, Any, str], Any]] = {tuple: _tuple, Mapping: _mapping}


def _dataclass(kind: Any, data: Any, where: str) -> Any:
    require(isinstance(data, Mapping), "an object", data, where)
    found = {}
    for name, (hint, required) in _fields(kind).items():
        require(name in data or not required, f"{name!r}", "none", where)
        if name in data:
            names = PAIRS.get(kind, {}).get(name)
            part = data[name] if names is None else _pairs(names, data[name], f"{where}.{name}")
            found[name] = _read(hint, part, f"{where}.{name}")
    return kind(**found)


def _pairs(names: tuple[str, str], data: Any, where: str) -> list[list[Any]]:
    require(isinstance(data, list), "a list", data, where)
    for item in data:
        require(
            isinstance(item, Mapping) and set(names) <= set(item),
            f"objects with {' and '.join(names)}",
            item,
            where,
        )
    return [[item[name] for name in names] for item in data]


@cache
def _fields(kind: Any) -> Mapping[str, tuple[Any, bool]]:
    """Tell of which type each field is, and whether it must be there."""
    hints = get_type_hints(kind, localns={"Points": object, "Counts": object})
    return {
        field.name: (hints[field.name], field.default is MISSING and field.default_factory is MISSING)
        for field in fields(kind)
        if kind is not Column or field.name not in UNKEPT
    }
