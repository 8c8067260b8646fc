"""Which columns are missing in the same rows."""

from markupsafe import Markup

from dsml_magics.profile import svg
from dsml_magics.profile.cells import cells, cut
from dsml_magics.profile.figures import Figures
from dsml_magics.profile.wording import Wording

COLUMNS = 20
"""So many columns are drawn."""
_NAME = 22
_STEP, _SIDE = 44, 18
_TALL, _TOP = 70, 16
_LETTER = 6.8


def drawn_columns(figures: Figures) -> list[str]:
    """List the columns of the patterns, those with most gaps first."""
    named = {name for pattern in figures.missing.patterns for name in pattern.columns}
    known = [name for name in figures.columns if name in named]
    return sorted(known, key=lambda name: -figures.columns[name].missing)


def patterns(figures: Figures, wording: Wording) -> Markup:
    """Draw a bar and a column of fields for each pattern, a filled field where a column is missing."""
    names = drawn_columns(figures)[:COLUMNS]
    found = [
        ((), figures.missing.complete),
        *((each.columns, each.rows) for each in figures.missing.patterns),
    ]
    shown = [cut(wording.name(name), _NAME) for name in names]
    left = 12 + _LETTER * max((cells(name) for name in shown), default=0)
    floor = _TOP + _TALL
    highest = max(rows for _, rows in found) or 1
    parts = [
        svg.words(left - 8, floor + 10 + (row + 0.5) * _SIDE + 2, name, anchor="end")
        for row, name in enumerate(shown)
    ]
    for place, (columns, rows) in enumerate(found):
        x = left + place * _STEP
        tall = max(_TALL * rows / highest, 1) if rows else 0
        parts.append(svg.words(x + _STEP / 2, floor - tall - 4, _rows(rows), anchor="middle", kind="soft"))
        parts.append(svg.path(svg.box(x + 10, floor - tall, _STEP - 20, tall), "bar" if columns else "good"))
        parts += _fields(x, floor + 6, [name in columns for name in names])
    width, height = left + len(found) * _STEP + 4, floor + 10 + len(names) * _SIDE
    return svg.picture(
        round(width),
        round(height),
        *parts,
        label=wording["patterns"],
        description=wording["patterns_described"],
    )


def _fields(x: float, top: float, gone: list[bool]) -> list[str]:
    outlines = {True: "", False: ""}
    for row, missing in enumerate(gone):
        outlines[missing] += svg.box(x + 4, top + row * _SIDE, _STEP - 8, _SIDE - 3)
    return [
        svg.path(outline, "gap" if missing else "held") for missing, outline in outlines.items() if outline
    ]


def _rows(rows: int) -> str:
    for size, letter in ((10**9, "G"), (10**6, "M"), (10**4, "k")):
        if rows >= size:
            unit = 10**3 if letter == "k" else size
            return f"{rows / unit:.3g}{letter}"
    return f"{rows:,}"
