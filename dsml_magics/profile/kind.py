"""What a column is, inferred from its type, values and name, with the evidence."""

import re
from typing import Any, Literal

from dsml_magics.errors import UsageError, hint
from dsml_magics.profile.column import Kind
from dsml_magics.profile.language import Statement
from dsml_magics.profile.sketch.column import ColumnSketch
from dsml_magics.profile.sketch.family import Family

_IDENTIFIER_ROWS = 20
_TEXT_WORDS = 4.0
_KEY = {"id", "ids", "uid", "uuid", "guid", "key", "pk", "index", "번호", "식별자"}
_YEARS = (1500, 2200)
"""Whole numbers in this range that follow one another are years, unless the name says that they are a key."""
_CALENDAR = {
    *("date", "time", "period", "year", "yr", "month", "week", "day", "hour", "minute", "second", "quarter"),
    *(
        "decade",
        "age",
        "날짜",
        "기간",
        "연월",
        "연도",
        "년도",
        "년",
        "월",
        "주차",
        "일자",
        "시간",
        "나이",
        "연령",
    ),
}

_ALLOWED: dict[Family, tuple[Kind, ...]] = {
    "number": ("numeric", "categorical", "identifier"),
    "boolean": ("boolean", "categorical"),
    "time": ("datetime", "date", "time", "duration", "identifier"),
    "text": ("categorical", "text", "identifier"),
    "binary": ("binary", "identifier"),
    "nested": ("nested",),
    "null": ("empty",),
}

Inferred = tuple[Kind, Statement]


def kind_of(
    sketch: ColumnSketch,
    *,
    words: float | None,
    notation: Literal["number", "date"] | None = None,
    said: Kind | None,
) -> Inferred:
    """Infer the kind of a column, unless the user said it.

    Parameters
    ----------
    words
        Mean number of words of its texts.
    notation
        What its texts are, if they are numbers or dates.
    said
        What the user said, checked by `check_said`.
    """
    if said is not None:
        return said, Statement("kind.because_said")
    if not sketch.present:
        return "empty", Statement("kind.because_no_value")
    if sketch.is_object:
        return "other", Statement("kind.because_objects", {"types": sketch.mixed})
    return _of_values(sketch, words, notation)


def _of_values(
    sketch: ColumnSketch, words: float | None, notation: Literal["number", "date"] | None
) -> Inferred:
    count, bound = sketch.distinct()
    if count == 1 and not bound and not sketch.missing:
        return "constant", Statement("kind.because_one_value")
    if sketch.family == "number":
        return _of_numbers(sketch, count, bound)
    if sketch.family == "text":
        return _of_texts(sketch, count, bound, words, notation)
    return _of_type(sketch), Statement("kind.because_type", {"type": str(sketch.type)})


def check_said(sketch: ColumnSketch, said: str) -> Kind:
    """Refuse a kind that the values cannot be of.

    Raises
    ------
    UsageError
        With the kinds there are for this column.
    """
    own = (_of_type(sketch),) if sketch.family == "time" else ()
    allowed: list[Kind] = (
        ["other"]
        if sketch.is_object
        else [
            kind
            for kind in _ALLOWED[sketch.family]
            if sketch.family != "time" or kind in (*own, "identifier")
        ]
    )
    for kind in allowed:
        if kind == said:
            return kind
    raise UsageError(
        f"Expected one of {', '.join(allowed)} as kind of column {sketch.name!r} ({sketch.type}), got {said!r}. "
        f"{hint(said, list(allowed))}"
    )


def _of_numbers(sketch: ColumnSketch, count: int, bound: float) -> Inferred:
    from pyarrow import types

    whole = types.is_integer(sketch.value_type)
    unique = _is_unique(sketch, count, bound)
    if whole and unique and _is_gapless(sketch) and not _is_calendar(sketch):
        return "identifier", Statement("kind.because_consecutive", {"distinct": count})
    if whole and unique and _is_key(sketch.name):
        return "identifier", Statement("kind.because_unique", {"distinct": count})
    return "numeric", Statement("kind.because_type", {"type": str(sketch.type)})


def _of_texts(
    sketch: ColumnSketch, count: int, bound: float, words: float | None, notation: str | None
) -> Inferred:
    if notation == "date" or (notation == "number" and not _is_key(sketch.name)):
        # Every moment differs in a series, and every measurement may: that makes no key of them.
        return "categorical", Statement(f"kind.because_{notation}", {"distinct": count})
    if words is not None and words >= _TEXT_WORDS and count > sketch.present / 2:
        return "text", Statement("kind.because_words", {"words": words, "distinct": count})
    if _is_unique(sketch, count, bound):
        kind: Kind = "categorical" if _is_named_in_time(sketch.name) else "identifier"
        return kind, Statement("kind.because_unique", {"distinct": count})
    return "categorical", Statement("kind.because_few", {"distinct": count})


def _is_gapless(sketch: ColumnSketch) -> bool:
    return int(sketch.highest) - int(sketch.lowest) + 1 == sketch.rows


def _is_calendar(sketch: ColumnSketch) -> bool:
    """Tell whether whole numbers count years or parts of a year rather than rows."""
    years = sketch.lowest >= _YEARS[0] and sketch.highest <= _YEARS[1]
    return (years and not _is_key(sketch.name)) or _is_named_in_time(sketch.name)


def _is_named_in_time(name: str) -> bool:
    return not _is_key(name) and any(word in _CALENDAR for word in _words(name))


def _is_unique(sketch: ColumnSketch, count: int, bound: float) -> bool:
    if sketch.present < _IDENTIFIER_ROWS or (sketch.missing and sketch.family == "number"):
        return False
    if not bound:
        return count == sketch.present
    # A value that is certain to repeat says more than an estimate.
    return count >= (1 - bound) * sketch.present and not any(
        number > max(1, sketch.counts.error) for number in sketch.counts.counts.values()
    )


def _is_key(name: str) -> bool:
    return any(word in _KEY for word in _words(name))


def _words(name: str) -> list[str]:
    return [word.lower() for word in re.split(r"[^0-9A-Za-z가-힣]+|(?<=[a-z])(?=[A-Z])", name)]


def _of_type(sketch: ColumnSketch) -> Kind:
    from pyarrow import types

    kinds: tuple[tuple[Any, Kind], ...] = (
        (types.is_boolean, "boolean"),
        (types.is_date, "date"),
        (types.is_time, "time"),
        (types.is_duration, "duration"),
        (types.is_timestamp, "datetime"),
        (types.is_nested, "nested"),
        (types.is_null, "empty"),
    )
    for test, kind in kinds:
        if test(sketch.value_type):
            return kind
    return "datetime" if sketch.family == "time" else "binary"
