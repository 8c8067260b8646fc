"""The words of the views, in several languages: one folder a language, one file a view."""

import datetime as dt
import json
import string
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Literal

Language = Literal["en", "ko"]


@dataclass(frozen=True, slots=True)
class Statement:
    """Something said in numbers: a code, whose words the catalogs of language/ hold, and its values."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)


def say(code: str, values: Mapping[str, Any] | None = None, language: str = "en") -> str:
    """Put a code and its values into words.

    The first part of a code names the file: ``insight.missing`` stands in ``en/insight.json`` as ``missing``.
    A value without a format is written as `number` writes it. A format with bars chooses words by a count, ``#``
    standing for it: ``{rows:row|# rows}`` for one and for more, ``{rows:|, 1 row|, # rows}`` for none too.
    Values called ``table`` and ``compared`` name two tables; "this table" and the like where they are empty.
    A value called ``bound``, where there is one, is how far the count or measure may be off: the catalog's
    ``bound`` puts it behind.
    """
    topic, _, key = code.partition(".")
    words, values = catalog(topic, language), _with_tables(values or {}, language)
    said = words[key] + (words.get("bound", "") if values.get("bound") else "")
    return _WORDS.vformat(said, (), values)


def _with_tables(values: Mapping[str, Any], language: str) -> Mapping[str, Any]:
    """Name two tables that are compared, where they have no names of their own."""
    names = values.get("table"), values.get("compared")
    if all(names):
        return values
    words = catalog("view", language)
    return {**values, "table": words["this_table"], "compared": words["compared_table"]}


@cache
def catalog(topic: str, language: str) -> Mapping[str, str]:
    """Read the words of one topic."""
    found: dict[str, str] = json.loads(
        files(__package__).joinpath(language, f"{topic}.json").read_text(encoding="utf-8")
    )
    return found


class _Words(string.Formatter):
    def format_field(self, value: Any, format_spec: str) -> str:
        if not format_spec:
            return number(value)
        if "|" in format_spec:
            return _agreeing(value, format_spec.split("|"))
        return (
            share(value, int(format_spec[1:-1])) if format_spec.endswith("%") else format(value, format_spec)
        )


_WORDS = _Words()


def _agreeing(count: int, words: Sequence[str]) -> str:
    """Choose the words that agree with a count."""
    none, one, many = words if len(words) == 3 else (words[-1], *words)
    chosen = one if count == 1 else many if count else none
    return chosen.replace("#", f"{count:,}")


def share(part: float, digits: int) -> str:
    """Write a share in percent; only nothing reads as 0 %, and only the whole as 100 %."""
    least = 10.0**-digits
    percent = 100 * part
    if 0 < percent < least / 2 or 100 - least / 2 < percent < 100:
        return f"< {least:.{digits}f}%" if percent < 50 else f"> {100 - least:.{digits}f}%"
    return f"{percent:.{0 if percent in (0, 100) else digits}f}%"


def printable(value: object, limit: int | None = None) -> str:
    """Make any text safe for a terminal: control characters as escapes, cut to `limit` characters."""
    shown = str(value) if limit is None else str(value)[: limit + 1]
    shown = "".join(c if unicodedata.category(c)[0] != "C" else repr(c)[1:-1] for c in shown)
    return shown if limit is None or len(shown) <= limit else shown[: limit - 1] + "…"


def number(value: Any) -> str:
    """Write a figure shortly: about five significant digits, thousands separated; several with commas between."""
    if value is None:
        return ""
    if isinstance(value, tuple | list):
        return ", ".join(map(number, value))
    if isinstance(value, dt.datetime):
        return value.isoformat(" ", "seconds")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return printable(value, 60)
    return _integer(value) if isinstance(value, int) else _float(value)


def _integer(value: int) -> str:
    return _separated(value, "") if abs(value) < 10**12 else f"{value:.5g}"


def _float(value: float) -> str:
    if value != 0 and not 1e-4 <= abs(value) < 1e9:
        return f"{value:.4g}"
    return _separated(value, ".2f") if abs(value) >= 100 else f"{value:.5g}"


def _separated(value: float, precision: str) -> str:
    """Separate thousands from five digits on: a year stays a year."""
    return f"{value:,{precision}}" if abs(value) >= 10_000 else f"{value:{precision}}"
