"""Runs and their differences as text for a terminal."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dsml_magics.profile.language import number, printable

if TYPE_CHECKING:
    from dsml_magics.runs.difference import Difference
    from dsml_magics.runs.listing import Runs

WIDTH = 110
_CELL = 24
_LINES = 60


def table_of_runs(runs: "Runs") -> str:
    """Write a line a run; columns until the line is full, those that differ first."""
    if not runs:
        return (
            "No runs."
            if runs.experiment is None
            else f"No runs in experiment {printable(runs.experiment, 60)}."
        )
    columns: list[tuple[str, list[str]]] = [
        ("id", [run.short_id for run in runs]),
        ("name", [printable(run.name, _CELL) for run in runs]),
        ("state", [run.state for run in runs]),
        ("started", [run.started.astimezone().strftime("%Y-%m-%d %H:%M") for run in runs]),
    ]
    own = [name for name in runs.metrics if not name.startswith("dsml.")]
    more = [(name, [number(run.metrics.get(name)) for run in runs]) for name in own]
    more += [
        (name, [printable(run.params.get(name, ""), _CELL) for run in runs])
        for name in runs.params
        if len(runs) == 1 or runs.varies(name)
    ]
    more.append(("seconds", [number(run.seconds) for run in runs]))
    left = 0
    for name, cells in more:
        width = sum(_width(title, each) + 2 for title, each in columns)
        if width + _width(name, cells) > WIDTH:
            left += 1
        else:
            columns.append((printable(name, _CELL), cells))
    said = f"{len(runs)} runs" + (f", {left} more columns: `.to_pandas()` or `.widget()`" if left else "")
    return "\n".join([*aligned(columns), said])


def _width(title: str, cells: Sequence[str]) -> int:
    return max(len(printable(title, _CELL)), *map(len, cells))


def aligned(columns: Sequence[tuple[str, Sequence[str]]]) -> list[str]:
    """Write columns beside one another; numbers to the right."""
    widths = [_width(title, cells) for title, cells in columns]
    right = [all(_is_number(cell) for cell in cells) for _, cells in columns]
    rows = [
        [printable(title, _CELL) for title, _ in columns],
        *map(list, zip(*(cells for _, cells in columns), strict=True)),
    ]
    return [
        "  ".join(
            cell.rjust(width) if to_right else cell.ljust(width)
            for cell, width, to_right in zip(row, widths, right, strict=True)
        ).rstrip()
        for row in rows
    ]


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", "") or 0)
    except ValueError:
        return False
    return True


def text_of_difference(difference: "Difference") -> str:
    """Write what differs, a section each."""
    first, second = difference.first, difference.second
    lines = [
        f"{printable(first.name, 40)} ({first.short_id}) and {printable(second.name, 40)} ({second.short_id})"
    ]
    if difference.is_same:
        return lines[0] + ": nothing differs that was recorded."
    for title, rows in difference.sections():
        if rows:
            columns = [
                ("", [printable(row.name, 40) for row in rows]),
                (first.short_id, [printable(row.first, 30) for row in rows]),
                (second.short_id, [printable(row.second, 30) for row in rows]),
                ("difference", [printable(row.said, 40) for row in rows]),
            ]
            lines += [
                "",
                f"{title}: {len(rows)} differ{'s' * (len(rows) == 1)}",
                *(f"  {line}" for line in aligned(columns)),
            ]
    if difference.code:
        lines += ["", f"Code: {difference.lines_changed} changed line{'s' * (difference.lines_changed != 1)}"]
        lines += [f"  {printable(line, WIDTH)}" for line in difference.code[:_LINES]]
        if len(difference.code) > _LINES:
            lines.append(f"  ... {len(difference.code) - _LINES} more lines: `.code`")
    return "\n".join(lines)
