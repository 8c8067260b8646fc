"""The figures of a column in a few words, as a row of a table shows them."""

import datetime as dt
from typing import Any

from dsml_magics.profile.column import Column
from dsml_magics.profile.wording import Wording, span

_BESIDE_HISTOGRAM = 5
_LARGE = 10_000
"""Floats from here on are written without decimals, in a table."""


def cell(column: Column, value: Any, wording: Wording) -> str:
    """Write a figure of a column in one cell: moments to the minute."""
    if isinstance(value, dt.datetime) and not column.personal:
        return value.replace(tzinfo=None).isoformat(" ", "minutes").removesuffix(" 00:00")
    if isinstance(value, dt.timedelta):
        # Nobody reads the microseconds of a mean.
        value = (
            dt.timedelta(days=value.days, seconds=value.seconds)
            if abs(value) > dt.timedelta(minutes=1)
            else value
        )
    if isinstance(value, dt.time):
        value = value.replace(microsecond=0)
    if isinstance(value, float) and _LARGE <= abs(value) < 1e9:
        value = round(value)
    return wording.of(column, value)


def median(column: Column, wording: Wording) -> str:
    """Write the median; one whose rank is not exact is marked."""
    if len(column.percentiles) != 101:
        return ""
    mark = "≈ " if column.bound("percentiles") else ""
    return mark + cell(column, column.percentiles[50], wording)


def tops(column: Column, wording: Wording, *, most: int = 3) -> list[tuple[str, str]]:
    """Give the most frequent values, and their shares where any of them repeats."""
    repeated = column.top and column.top[0][1] > 1
    return [
        (wording.of(column, value), wording.share(count, column.present) if repeated else "")
        for value, count in column.top[:most]
    ]


def listed_tops(column: Column) -> tuple[tuple[Any, int], ...]:
    """Choose the most frequent values that are listed: fewer where there is a histogram too."""
    return column.top[:_BESIDE_HISTOGRAM] if column.histogram else column.top


def tops_caption(column: Column, wording: Wording, *, every: bool = False) -> str:
    """Say which values are listed, and how far their counts may be off."""
    shown = len(listed_tops(column)) if not every else len(column.top)
    if column.top[0][1] == 1:
        return wording.say("examples", shown=shown, count=wording.count(column, "distinct"))
    off = column.bound("top")
    counted = wording.say("counts_within", share=wording.within(off).strip()) if off else ""
    if column.distinct <= shown and not column.bound("distinct"):
        return wording["all_values"] + counted
    return wording.say("most_frequent", shown=shown, count=wording.count(column, "distinct")) + counted


def summary(column: Column, wording: Wording) -> str:
    """Tell of a column in one line."""
    parts = [wording.say("distinct_are", count=wording.count(column, "distinct"))]
    if column.missing:
        parts.append(wording.say("missing_are", share=wording.share(column.missing, column.rows)))
    if column.min is not None and column.kind not in ("boolean", "constant"):
        parts.append(span(cell(column, column.min, wording), cell(column, column.max, wording)))
    elif column.top and column.top[0][1] > 1:
        value, share = tops(column, wording, most=1)[0]
        parts.append(f"{value} {share}")
    return " · ".join(parts)
