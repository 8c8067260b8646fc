"""Columns that are not kept as what they are: mixed types, numbers and dates as text, variants of spelling."""

from collections.abc import Iterator
from typing import Any

from dsml_magics.profile.column import Column
from dsml_magics.profile.date_format import DateFormat
from dsml_magics.profile.figures import Figures, Insight
from dsml_magics.profile.insight.evidence import is_target, shown
from dsml_magics.profile.insight.mend import (
    NOT_AT_ALL,
    Mend,
    pandas_column,
    polars_text,
    replace,
)
from dsml_magics.profile.notation import Notation
from dsml_magics.profile.settings import Settings

_BESIDE_BLANKS = r"\s*([^\d\s])\s*"
"""As `textual.spelling` has it."""


def mixed_types(figures: Figures, _settings: Settings) -> Iterator[Insight]:
    """Values of several Python types in one column; polars has no such columns."""
    for column in figures.columns.values():
        if column.mixed:
            mend = replace(column.name, f"{pandas_column(column.name)}.map(str, na_action='ignore')", None)
            yield Insight("mixed_types", column.name, "high", {"types": column.mixed}, *mend)


def as_text(figures: Figures, _settings: Settings) -> Iterator[Insight]:
    """Numbers or dates kept as text."""
    for column in figures.columns.values():
        notation = column.notation
        # Keys, and card numbers and the like, are no quantities.
        if not notation or column.mixed or column.personal or column.kind == "identifier":
            continue
        evidence: dict[str, Any] = {
            "examined": notation.examined,
            "unseen": 0 if notation.complete else column.distinct - notation.examined,
            "unclear": 0 if notation.unclear is None else 1,
            "first": notation.unclear or "",
        }
        convert = _as_numbers if notation.kind == "number" else _as_dates
        yield Insight(f"{notation.kind}_as_text", column.name, "medium", evidence, *convert(column, notation))


def spelling_variants(figures: Figures, _settings: Settings) -> Iterator[Insight]:
    """Spellings of one value that differ by case, blanks or normal form."""
    for column in figures.columns.values():
        if not column.variants or column.parses_as:
            continue
        first, second = column.variants[0][:2]
        evidence = {
            "groups": len(column.variants),
            "spellings": sum(map(len, column.variants)),
            "first": shown(column, first),
            "second": shown(column, second),
        }
        mend = NOT_AT_ALL if is_target(figures, column.name) and column.kind == "text" else _as_most(column)
        yield Insight("spelling_variants", column.name, "medium", evidence, *mend)


def _as_numbers(column: Column, notation: Notation) -> Mend:
    """Remove what stands beside the numbers; percentages stay percentages.

    Of texts that were not seen it is not known whether a comma means the same: a line is given where pandas and
    polars would refuse any that does not.
    """
    written = notation.number
    if written is None or not (notation.complete or written.is_plain):
        return NOT_AT_ALL
    ours, theirs = pandas_column(column.name), polars_text(column)
    if written.removed:
        removed = f"[{written.removed}]"
        ours += f".str.replace({removed!r}, '', regex=True)"
        theirs += f".str.replace_all({removed!r}, '')"
    if written.decimal == ",":
        ours += ".str.replace(',', '.')"
        theirs += ".str.replace(',', '.', literal=True)"
    return replace(column.name, f"pd.to_numeric({ours})", f"{theirs}.cast(pl.Float64)")


def _as_dates(column: Column, notation: Notation) -> Mend:
    """Read each format by itself; where texts were not seen, only one that refuses all others."""
    if not notation.dates or (len(notation.dates) > 1 and not notation.complete):
        return NOT_AT_ALL
    ours = f"{pandas_column(column.name)}.str.strip()"
    theirs = f"{polars_text(column)}.str.strip_chars()"
    if len(notation.dates) == 1:
        (only,) = notation.dates
        return replace(column.name, _pandas_dates(ours, only), _polars_dates(theirs, only))
    first, *others = [_pandas_dates(ours, written, ", errors='coerce'") for written in notation.dates]
    each = ", ".join(_polars_dates(theirs, written, ", strict=False") for written in notation.dates)
    return replace(
        column.name, first + "".join(f".fillna({other})" for other in others), f"pl.coalesce({each})"
    )


def _pandas_dates(texts: str, written: DateFormat, more: str = "") -> str:
    return f"pd.to_datetime({texts}, format={written.pattern!r}{', utc=True' if written.zoned else ''}{more})"


def _polars_dates(texts: str, written: DateFormat, more: str = "") -> str:
    pattern = written.pattern.replace(".%f", "%.f").replace("%z", "%#z")
    return f"{texts}.str.to_datetime({pattern!r}{more})"


def _as_most(column: Column) -> Mend:
    """Write each value as it is written most often."""
    ours, theirs = pandas_column(column.name), polars_text(column)
    return replace(
        column.name,
        f"{ours}.groupby({ours}.str.normalize('NFKC').str.strip().str.lower()"
        f".str.replace(r'{_BESIDE_BLANKS}', r'\\1', regex=True)).transform(lambda same: same.mode().iloc[0])",
        f"{theirs}.mode().sort().first().over({theirs}.str.normalize('NFKC').str.strip_chars().str.to_lowercase()"
        f".str.replace_all(r'{_BESIDE_BLANKS}', '${{1}}'))",
    )
