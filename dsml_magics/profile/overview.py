"""The columns as a table of text, one line each."""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from dsml_magics.profile.caption import needed
from dsml_magics.profile.cells import cells, cut, pad
from dsml_magics.profile.column import Column
from dsml_magics.profile.row import cell, tops
from dsml_magics.profile.wording import Wording

WIDTH = 110
"""No line has more cells."""
LISTED = 60
"""So many columns are listed."""
_HEADS = ("column", "kind", "missing", "distinct", "mean", "std_short", "min", "median", "max", "shape")
_LEFT = ("column", "kind", "shape")
_SPARED = ("std_short", "mean", "median", "kind")
"""What is left out first where a line would be too long."""
_SHAPE = 20
_NAME = 24
_FIGURE = 19
_BARS = " ▁▂▃▄▅▆▇█"
_MONTH = dt.timedelta(days=31)


def overview(wording: Wording) -> Iterator[str]:
    """List the columns with their main figures; of many, those that matter most."""
    columns = [*wording.figures.columns.values()]
    if not columns:
        return
    rows = [{head: wording[head] for head in _HEADS}]
    rows += [_row(column, wording) for column in needed(wording.figures, LISTED)]
    widths = _widths(rows)
    for row in rows:
        parts = [pad(cut(row[head], width), width, right=head not in _LEFT) for head, width in widths.items()]
        yield "  ".join(parts).rstrip()
    if len(columns) > LISTED:
        yield wording.say("columns_left_out", count=len(columns) - LISTED)


def _widths(rows: Sequence[dict[str, str]]) -> dict[str, int]:
    """Choose which figures have room, and how wide each is."""
    widths = {head: max(cells(row[head]) for row in rows) for head in _HEADS}
    widths["column"] = min(widths["column"], _NAME)
    for spared in (None, *_SPARED):
        if spared:
            del widths[spared]
        used = sum(widths.values()) - widths["shape"] + 2 * (len(widths) - 1)
        if used + _SHAPE <= WIDTH:
            break
    widths["shape"] = max(1, min(widths["shape"], WIDTH - used))
    return widths


def _row(column: Column, wording: Wording) -> dict[str, str]:
    middle = column.percentiles[50] if len(column.percentiles) == 101 else None
    mark = "≈" if middle is not None and column.bound("percentiles") else ""
    return {
        "column": cut(wording.name(column.name), _NAME),
        "kind": wording.kind(column.kind),
        "missing": wording.share(column.missing, column.rows),
        "distinct": wording.count(column, "distinct"),
        "mean": _figure(column, column.mean, wording),
        "std_short": _figure(column, column.std, wording),
        "min": _figure(column, column.min, wording),
        "median": mark + _figure(column, middle, wording),
        "max": _figure(column, column.max, wording),
        "shape": _shape(column, wording),
    }


def _figure(column: Column, value: Any, wording: Wording) -> str:
    """Write a figure in one cell; moments of a long time as days."""
    if isinstance(value, dt.datetime) and isinstance(column.min, dt.datetime) and not column.personal:
        try:
            is_long = column.max - column.min > _MONTH
        except TypeError:
            is_long = False
        value = value.date() if is_long else value
    return cut(cell(column, value, wording), _FIGURE)


def _shape(column: Column, wording: Wording) -> str:
    if column.histogram and column.histogram.counts and column.kind != "constant":
        highest = max(column.histogram.counts) or 1
        return "".join(_BARS[-(-count * 8 // highest)] for count in column.histogram.counts)
    return ", ".join(f"{cut(value, 18)} {share}".strip() for value, share in tops(column, wording))
