"""What was read from JSON, given its meaning back: moments, infinite numbers, words that can be said."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from dsml_magics.profile import iso
from dsml_magics.profile.column import Column, Histogram, Time
from dsml_magics.profile.decoder import require
from dsml_magics.profile.figures import Comparison, Figures, Insight, Matrix, Question, Target
from dsml_magics.profile.language import Statement, say

_NUMBERS = ("int", "uint", "float", "double", "halffloat", "decimal")
_MOMENTS = ("timestamp", "date", "time", "duration")
_INFINITE = ("inf", "-inf", "nan")
_TEXTS = (
    "column",
    "other",
    "target",
    "table",
    "compared",
    "value",
    "label",
    "low",
    "high",
    "first",
    "second",
)
"""Values of a statement that are texts, even where they are called as a number is written."""
_PERCENTILES = 101


def restored(figures: Figures) -> Figures:
    """Give the values of each column their types, and check what the views rely on.

    Raises
    ------
    DataError
        Something in it cannot be shown.
    """
    columns = _columns(figures.columns, "columns")
    comparison = figures.comparison and _comparison(figures.comparison, columns)
    found = replace(
        figures,
        columns=columns,
        comparison=comparison,
        target=figures.target and _target(figures.target, columns),
        matrix=figures.matrix and _matrix(figures.matrix),
        insights=tuple(map(_insight, figures.insights)),
        questions=tuple(map(_question, figures.questions)),
        notes=tuple(_statement(note, "notes") for note in figures.notes),
    )
    require(
        found.examined <= found.rows or not found.rows,
        "no more rows examined than there are",
        found.examined,
        "examined",
    )
    return found


def _columns(columns: Mapping[str, Column], where: str) -> Mapping[str, Column]:
    return MappingProxyType({name: _column(column, f"{where}[{name!r}]") for name, column in columns.items()})


def _column(column: Column, where: str) -> Column:
    count = len(column.percentiles)
    require(count in (0, _PERCENTILES), f"no or {_PERCENTILES} percentiles", count, where)
    require(column.missing <= column.rows, "no more values missing than rows", column.missing, where)
    kind = column.type
    figures = {name: _value(getattr(column, name), kind, where) for name in ("min", "max", "mean")}
    return replace(
        column,
        **figures,
        evidence=column.evidence and _statement(column.evidence, where),
        percentiles=tuple(_value(value, kind, where) for value in column.percentiles),
        histogram=column.histogram and _histogram(column.histogram, kind, where),
        top=tuple((_value(value, kind, where), count) for value, count in column.top),
        time=column.time and _time(column.time, kind, where),
    )


def _value(value: Any, kind: str, where: str) -> Any:
    """Give a value the type it has in Python, as the Arrow type tells."""
    kind = kind.removeprefix("dictionary<values=")
    if value is None:
        return None
    if kind.startswith(_NUMBERS):
        if isinstance(value, str) and value in _INFINITE:
            return float(value)
        require(isinstance(value, int | float) and not isinstance(value, bool), "a number", value, where)
    elif kind.startswith(_MOMENTS):
        require(isinstance(value, str), "a moment", value, where)
        return iso.read(value, kind)
    require(not isinstance(value, tuple | dict), "a plain value", value, where)
    return value


def _histogram(histogram: Histogram, kind: str, where: str) -> Histogram:
    fits = histogram.counts and len(histogram.edges) == len(histogram.counts) + 1
    require(fits, "one edge more than counts", f"{len(histogram.edges)} edges", f"{where}.histogram")
    return replace(histogram, edges=tuple(_value(edge, kind, where) for edge in histogram.edges))


def _time(time: Time, kind: str, where: str) -> Time:
    return replace(
        time,
        step=_value(time.step, "duration", where),
        gap=_value(time.gap, "duration", where),
        gap_after=_value(time.gap_after, kind, where),
    )


def _comparison(comparison: Comparison, here: Mapping[str, Column]) -> Comparison:
    there = _columns(comparison.columns, "comparison.columns")
    drifts = []
    for drift in comparison.drifts:
        shared = drift.column in here and drift.column in there
        require(shared, "the drift of a column of both tables", drift.column, "comparison.drifts")
        means = zip(drift.mean, (here[drift.column], there[drift.column]), strict=True)
        mean = tuple(_value(value, column.type, "comparison.drifts") for value, column in means)
        kinds = there[drift.column].type, here[drift.column].type
        new, lost = (
            tuple(replace(each, value=_category(each.value, kind)) for each in changes)
            for changes, kind in zip((drift.new_categories, drift.lost_categories), kinds, strict=True)
        )
        drifts.append(replace(drift, mean=mean, new_categories=new, lost_categories=lost))
    return replace(comparison, columns=there, drifts=tuple(drifts))


def _category(value: Any, kind: str) -> Any:
    """Read a category: of a number compared with text it is text."""
    return (
        value
        if isinstance(value, str) and value not in _INFINITE
        else _value(value, kind, "comparison.drifts")
    )


def _target(target: Target, columns: Mapping[str, Column]) -> Target:
    require(target.column in columns, "a target among the columns", target.column, "target")
    kind = columns[target.column].type
    return replace(target, classes=tuple(_value(each, kind, "target.classes") for each in target.classes))


def _matrix(matrix: Matrix) -> Matrix:
    size = len(matrix.names)
    square = len(matrix.values) == size and all(len(row) == size for row in matrix.values)
    require(square, "one row and one column a name", f"{len(matrix.values)} rows", "matrix")
    return matrix


def _insight(insight: Insight) -> Insight:
    evidence = _evidence(insight.evidence)
    _require_words(f"insight.{insight.code}", evidence, "insights")
    return replace(insight, evidence=evidence)


def _question(question: Question) -> Question:
    _require_words(f"question.{question.code}", {}, "questions")
    answer = _statement(question.answer, "questions")
    return replace(
        question,
        answer=answer,
        evidence=tuple(_statement(each, "questions") for each in question.evidence),
    )


def _statement(statement: Statement, where: str) -> Statement:
    values = _evidence(statement.values)
    _require_words(statement.code, values, where)
    return replace(statement, values=values)


def _evidence(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: float(value) if isinstance(value, str) and value in _INFINITE and name not in _TEXTS else value
        for name, value in values.items()
    }


def _require_words(code: str, values: Mapping[str, Any], where: str) -> None:
    """Refuse a code without words, or with others than those of its values."""
    topic, _, key = code.partition(".")
    require(topic in ("insight", "kind", "note", "question") and key, "a known code", code, where)
    try:
        say(code, values)
    except (LookupError, ValueError, TypeError, AttributeError, OverflowError) as error:
        require(False, "a known code and its values", f"{code}: {error}", where)
