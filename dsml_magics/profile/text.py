"""A profile as text: for a terminal, and for exports that drop HTML."""

import datetime as dt
import unicodedata
from typing import Any

from dsml_magics.profile.value import Column, Profile

_NAME_WIDTH = 28
_INSIGHTS = 10
_ASSOCIATIONS = 10
_BARS = " ▁▂▃▄▅▆▇█"


def text(profile: Profile) -> str:
    """Render the profile as lines of at most about 110 characters."""
    parts = [
        f"{printable(profile.origin) or 'Profile'}: {profile.rows:,} rows x {len(profile.columns)} columns",
        _insights(profile),
        _target(profile),
        _comparison(profile),
        _table(profile),
    ]
    return "\n\n".join(part for part in parts if part)


def printable(value: object, limit: int | None = None) -> str:
    """Make any text safe for a terminal: control characters as escapes, cut to `limit` characters."""
    shown = "".join(c if unicodedata.category(c)[0] != "C" else repr(c)[1:-1] for c in str(value))
    return shown if limit is None or len(shown) <= limit else shown[: limit - 1] + "…"


def number(value: Any) -> str:
    """Write a figure shortly: about five significant digits, thousands separated."""
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return value.isoformat(" ", "seconds")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return printable(value, 24)
    if isinstance(value, int):
        return _separated(value, "") if abs(value) < 10**12 else f"{value:.5g}"
    if value != 0 and not 1e-4 <= abs(value) < 1e9:
        return f"{value:.4g}"
    return _separated(value, ".2f") if abs(value) >= 100 else f"{value:.5g}"


def _separated(value: float, precision: str) -> str:
    """Separate thousands from five digits on: a year stays a year."""
    return f"{value:,{precision}}" if abs(value) >= 10_000 else f"{value:{precision}}"


def _insights(profile: Profile) -> str:
    shown = profile.insights[:_INSIGHTS]
    marks = {"high": "!!", "medium": " !", "low": "  "}
    lines = [
        f"{marks[insight.severity]} {printable(insight.column, _NAME_WIDTH) + ' ' if insight.column else ''}{printable(insight.message)}"
        for insight in shown
    ]
    if hidden := len(profile.insights) - len(shown):
        lines.append(f"   ... and {hidden} less severe ones: see `.insights`")
    return "\n".join(lines)


def _target(profile: Profile) -> str:
    if not profile.target:
        return ""
    shown = profile.target.associations[:_ASSOCIATIONS]
    lines = [f"Association with {printable(profile.target.column)} (0 none, 1 decides it):"]
    lines += [
        f"   {printable(found.column, _NAME_WIDTH):<{_NAME_WIDTH}} {found.strength:5.3f} {'█' * round(found.strength * 20):<20} {found.measure}"
        for found in shown
    ]
    if hidden := len(profile.target.associations) - len(shown):
        lines.append(f"   ... and {hidden} weaker ones: see `.target.associations`")
    return "\n".join(lines)


def _comparison(profile: Profile) -> str:
    if not profile.comparison:
        return ""
    shown = profile.comparison.drifts[:_ASSOCIATIONS]
    lines = [f"Compared with {profile.comparison.rows:,} rows (distance 0 same, 1 disjoint):"]
    lines += [
        f"   {printable(drift.column, _NAME_WIDTH):<{_NAME_WIDTH}} {drift.distance:5.3f} {drift.measure}"
        for drift in shown
    ]
    if hidden := len(profile.comparison.drifts) - len(shown):
        lines.append(f"   ... and {hidden} nearer ones: see `.comparison.drifts`")
    return "\n".join(lines)


def _table(profile: Profile) -> str:
    heads = [
        "column",
        "kind",
        "missing",
        "distinct",
        "mean",
        "std",
        "min",
        "median",
        "max",
        "distribution / most frequent",
    ]
    rows = [heads, *(_row(column) for column in profile.columns.values())]
    widths = [max(len(row[position]) for row in rows) for position in range(len(heads) - 1)]
    lines = []
    for row in rows:
        cells = [
            f"{cell:<{width}}" if position < 2 else f"{cell:>{width}}"
            for position, (cell, width) in enumerate(zip(row, widths, strict=False))
        ]
        lines.append("  ".join([*cells, row[-1]]).rstrip())
    return "\n".join(lines)


def _row(column: Column) -> list[str]:
    missing = f"{column.missing / column.rows:.1%}" if column.missing else "0"
    return [
        printable(column.name, _NAME_WIDTH),
        column.kind,
        missing,
        f"{column.distinct:,}",
        number(column.mean),
        number(column.std),
        number(column.min),
        number(column.percentiles[50] if column.percentiles else None),
        number(column.max),
        _shape(column),
    ]


def _shape(column: Column) -> str:
    if column.histogram and column.kind != "constant":
        highest = max(column.histogram.counts) or 1
        return "".join(_BARS[-(-count * 8 // highest)] for count in column.histogram.counts)
    return ", ".join(
        f"{printable(value, 18)} {count / column.present:.0%}" for value, count in column.top[:3]
    )
