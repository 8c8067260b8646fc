"""Columns that are not kept as what they are: mixed types, numbers and dates as text, variants of spelling."""

import re
from collections.abc import Iterator

from dsml_magics.profile.column import Column
from dsml_magics.profile.figures import Figures, Insight
from dsml_magics.profile.insight.evidence import is_target, shown
from dsml_magics.profile.insight.mend import (
    NOT_AT_ALL,
    Mend,
    pandas_column,
    polars_text,
    replace,
)
from dsml_magics.profile.settings import Settings

_DATE = re.compile(
    r"(?P<blank>\s*)(?P<first>\d+)(?P<sign>[-/.])(?P<middle>\d+)[-/.](?P<last>\d+)"
    r"(?:(?P<between>[ T])\d+:\d\d(?P<seconds>:\d\d)?(?P<fraction>\.\d+)?)?\s*"
)
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
        if not column.parses_as or column.mixed:
            continue
        mend = _as_numbers(column) if column.parses_as == "number" else _as_dates(column)
        examined = column.text.examined if column.text else column.distinct
        yield Insight(f"{column.parses_as}_as_text", column.name, "medium", {"examined": examined}, *mend)


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


def _as_numbers(column: Column) -> Mend:
    """Percentages stay percentages."""
    return replace(
        column.name,
        f"pd.to_numeric({pandas_column(column.name)}.str.replace(r'[,%\\s]', '', regex=True))",
        f"{polars_text(column)}.str.replace_all(r'[,%\\s]', '').cast(pl.Float64)",
    )


def _as_dates(column: Column) -> Mend:
    ours, theirs = pandas_column(column.name), polars_text(column)
    written = _format_of(column)
    if written is None:
        return replace(column.name, f"pd.to_datetime({ours}, format='mixed')", None)
    return replace(
        column.name,
        f"pd.to_datetime({ours}.str.strip(), format={written.replace('%.f', '.%f')!r})",
        f"{theirs}.str.strip_chars().str.to_datetime({written!r})",
    )


def _format_of(column: Column) -> str | None:
    """Read the one format that all known values are written in; None if there are several."""
    known = [str(value) for value in (column.counts.counts if column.counts else dict(column.top))]
    found = [_DATE.fullmatch(value) for value in known]
    parts = [match for match in found if match]
    if not parts or len(parts) < len(found):
        return None
    # Where no day is above 12, the month is taken to come first, as pandas does.
    day_first = any(int(part["first"]) > 12 for part in parts)
    written = {_written(part, day_first=day_first) for part in parts}
    return written.pop() if len(written) == 1 else None


def _written(part: "re.Match[str]", *, day_first: bool) -> str:
    order = (
        ("%Y", "%m", "%d")
        if len(part["first"]) == 4
        else ("%d", "%m", "%Y")
        if day_first
        else ("%m", "%d", "%Y")
    )
    if not part["between"]:
        return part["sign"].join(order)
    seconds = ":%S" if part["seconds"] else ""
    fraction = "%.f" if part["fraction"] else ""
    return f"{part['sign'].join(order)}{part['between']}%H:%M{seconds}{fraction}"


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
