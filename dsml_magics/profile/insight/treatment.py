"""How the gaps of a column are best treated, and the lines that do it."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from dsml_magics.profile.bands import MISSING
from dsml_magics.profile.column import Column
from dsml_magics.profile.figures import Association, Figures
from dsml_magics.profile.insight.evidence import is_target, share
from dsml_magics.profile.insight.mend import (
    NOT_AT_ALL,
    Mend,
    drop,
    drop_rows,
    free_name,
    is_plain,
    is_whole,
    pandas_column,
    polars_gapless,
    polars_text,
    replace,
)
from dsml_magics.profile.settings import Settings
from dsml_magics.profile.threshold import limit

Way = Literal[
    "drop", "rows", "presence", "median", "frequent", "category", "interpolate", "empty", "convert", "keep"
]
"""Drop the column; drop the rows; keep only whether there is a value; fill in the median, the most frequent value, a
category of its own, what lies between the neighbours, an empty text; convert the column first; keep the gaps."""
_TRACELESS = ("median", "interpolate", "frequent", "keep")
"""After these, nothing tells where the gaps were."""
_FEWEST = 10
"""Of fewer gaps it is not said that they go with the target."""
_CHANCE = 3.5
"""An association of no more than so many standard errors may be chance."""
_SERIES = 8


@dataclass(frozen=True, slots=True)
class Treatment:
    """What to do with the gaps of a column.

    Attributes
    ----------
    indicator
        Whether a further column should say where there were gaps.
    related
        The association of the gaps with the target, where there is one.
    """

    way: Way
    indicator: bool = False
    related: Association | None = None


def treatments(figures: Figures, settings: Settings) -> dict[str, Treatment]:
    """Choose how to treat the gaps of each column that has some.

    Gaps that go with the target, or are not few, carry information: they are told from values (van Buuren
    2018, Flexible Imputation of Missing Data; Josse et al. 2024 for indicators).
    """
    related = {each.column: each for each in _related(figures, settings)}
    series = in_time_order(figures)
    return {
        name: Treatment("rows")
        if is_target(figures, name)
        else _treatment(column, related.get(name), settings, series=series)
        for name, column in figures.columns.items()
        if column.missing
    }


def _treatment(column: Column, related: Association | None, settings: Settings, *, series: bool) -> Treatment:
    gone = share(column.missing, column.rows)
    informs = related is not None or gone >= limit(settings, "missing_some")
    if column.kind == "empty" or (gone >= limit(settings, "missing_drop") and related is None):
        return Treatment("drop")
    way = _way(column, informs=informs, series=series)
    return Treatment(way, indicator=informs and way in _TRACELESS, related=related)


def _way(column: Column, *, informs: bool, series: bool) -> Way:
    if column.distinct == 1:
        return "presence"
    if column.parses_as:
        # Filled as a category, it would be no number or date any more.
        return "convert"
    ways: dict[str, Way] = {
        "numeric": "interpolate" if series else "median",
        "boolean": "frequent",
        "categorical": "category" if informs else "frequent",
        "text": "empty",
    }
    if column.kind in ("datetime", "date", "time") and not informs:
        return "rows"
    return ways.get(column.kind, "keep")


def _related(figures: Figures, settings: Settings) -> Iterator[Association]:
    """Find the columns whose gaps go with the target, unless they are too few to say or it may be chance."""
    least = limit(settings, "missing_related_to_target")
    for found in figures.target.gaps if figures.target else ():
        column, goal = figures.columns[found.column], figures.columns[found.other]
        by_chance = max(found.bound, _CHANCE / math.sqrt(goal.present))
        if min(column.missing, column.present) >= _FEWEST and found.strength >= max(least, by_chance):
            yield found


def in_time_order(figures: Figures) -> bool:
    """Tell whether the rows are a series in time."""
    return any(
        column.kind in ("datetime", "date")
        and column.time is not None
        and column.time.monotonic is not None
        and _SERIES <= column.distinct == column.present
        for column in figures.columns.values()
    )


def lines(column: Column, found: Treatment, figures: Figures) -> Mend:
    """Write the treatment."""
    name, theirs = column.name, polars_gapless(column)
    if found.way == "drop":
        return drop(name)
    if found.way == "rows":
        return drop_rows(name)
    filled = None if column.kind == "numeric" and not is_plain(column) else _filled(column, found)
    if filled is None or not found.indicator:
        return NOT_AT_ALL if filled is None else replace(name, *filled)
    flag = free_name(f"{name}_missing", figures)
    ours = pandas_column(name)
    return Mend(
        f"df = df.assign(**{{{flag!r}: {ours}.isna(), {name!r}: {filled[0]}}})",
        f"df = df.with_columns({theirs}.is_null().alias({flag!r}), {filled[1]})",
    )


def _filled(column: Column, found: Treatment) -> tuple[str, str] | None:
    """Write the expressions of the filled column; None where nothing is filled in."""
    ours, theirs = pandas_column(column.name), polars_gapless(column)
    median = f"round({ours}.median())" if is_whole(column) else f"{ours}.median()"
    return {
        "median": (f"{ours}.fillna({median})", f"{theirs}.fill_null({theirs}.median())"),
        "frequent": (
            f"{ours}.fillna({ours}.mode().iloc[0])",
            f"{theirs}.fill_null({theirs}.drop_nulls().mode().sort().first())",
        ),
        "category": (
            f"{ours}.astype(object).fillna({MISSING!r})",
            f"{polars_text(column)}.fill_null({MISSING!r})",
        ),
        "interpolate": (
            f"{ours}.interpolate(limit_direction='both')",
            f"{theirs}.interpolate().backward_fill().forward_fill()",
        ),
        "empty": (f"{ours}.fillna('')", f"{theirs}.fill_null('')"),
        "presence": (f"{ours}.notna()", f"{theirs}.is_not_null()"),
    }.get(found.way)
