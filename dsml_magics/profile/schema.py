"""A profile as JSON, in the schema ``dsml.profile/3``: see profile.schema.json."""

import datetime as dt
import json
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

from dsml_magics.profile import iso
from dsml_magics.profile.column import Column
from dsml_magics.profile.decoder import PAIRS, UNKEPT, figures_of
from dsml_magics.profile.figures import Comparison, Figures, Insight
from dsml_magics.profile.language import Statement, say

__all__ = ["SCHEMA", "dict_of", "figures_of", "figures_of_json", "json_of"]

SCHEMA = "dsml.profile/3"
_LONGEST = 1000
"""Texts of the data are cut to so many characters."""


def dict_of(figures: Figures) -> dict[str, Any]:
    """Return the figures in JSON's types.

    Infinite numbers are the texts ``"inf"`` and ``"-inf"``, moments are ISO 8601 texts, and what does not apply
    is None.
    """
    found = _object(figures) | {"columns": _columns(figures.columns)}
    return {"schema": SCHEMA, "exact": figures.is_exact, **found}


def json_of(figures: Figures) -> str:
    """Write the figures as JSON that every reader accepts (RFC 8259: no NaN, no Infinity), one line a column."""
    lines = [f"{_dumped(name)}: {_listed(value)}" for name, value in dict_of(figures).items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def figures_of_json(text: str) -> Figures:
    """Read the figures that `json_of` wrote.

    Raises
    ------
    DataError
        The text is something else.
    """
    from dsml_magics.errors import DataError

    try:
        data = json.loads(text)
    except (ValueError, TypeError, RecursionError) as error:
        raise DataError(
            f"Expected a profile as JSON, got text that is no JSON ({error}). Write it by `to_json`."
        ) from None
    return figures_of(data)


def _listed(value: Any) -> str:
    if not isinstance(value, list) or not value:
        return _dumped(value)
    return "[\n" + ",\n".join(map(_dumped, value)) + "\n]"


def _dumped(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    # Half a character of UTF-16, which some names have, has no UTF-8.
    return text if text.isascii() or _is_whole(text) else json.dumps(value, allow_nan=False)


def _is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _columns(columns: Mapping[str, Column]) -> list[Any]:
    return [_plain(column) for column in columns.values()]


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return _scalar(value)
    if isinstance(value, list | tuple):
        # Most items are numbers, and a call for each is what takes the time.
        return [
            item if type(item) is float and -math.inf < item < math.inf else _plain(item) for item in value
        ]
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if is_dataclass(value):
        return _object(value)
    return iso.written(value) if isinstance(value, dt.date | dt.time | dt.timedelta) else str(value)


def _scalar(value: Any) -> Any:
    if isinstance(value, str) and len(value) > _LONGEST:
        return f"{value[: _LONGEST - 1]}…"
    if isinstance(value, float):
        # A float of numpy is one of Python's too, but is written otherwise.
        return float(value) if math.isfinite(value) else str(float(value))
    return value


def _object(value: Any) -> dict[str, Any]:
    found = {name: _plain(getattr(value, name)) for name in _names(value.__class__)}
    for name, parts in PAIRS.get(type(value), {}).items():
        found[name] = [dict(zip(parts, pair, strict=True)) for pair in found[name]]
    if isinstance(value, Statement):
        found["text"] = say(value.code, value.values)
    if isinstance(value, Insight):
        found["message"] = value.message
    if isinstance(value, Comparison):
        found["columns"] = _columns(value.columns)
    return found


@cache
def _names(kind: Any) -> list[str]:
    return [field.name for field in fields(kind) if kind is not Column or field.name not in UNKEPT]
