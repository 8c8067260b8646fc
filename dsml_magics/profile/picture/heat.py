"""The association of each two columns as a map of colours."""

from markupsafe import Markup, escape

from dsml_magics.profile import svg
from dsml_magics.profile.cells import cells, cut
from dsml_magics.profile.figures import Matrix
from dsml_magics.profile.wording import Wording

_NAME = 20
_CELL, _WIDE_CELL = 20, 33
_FEW = 16
"""Of so many columns the numbers are written into the map."""
_LETTER, _SLANTED = 6.8, 5.1


def heat_map(matrix: Matrix, wording: Wording) -> Markup:
    """Draw the lower half of the matrix, one colour for each direction."""
    few = len(matrix.names) <= _FEW
    side = _WIDE_CELL if few else _CELL
    names = [cut(wording.name(name), _NAME) for name in matrix.names]
    left = round(8 + _LETTER * max(map(cells, names)))
    top = round(4 + _SLANTED * max(map(cells, names[:-1])))
    # Weak fields are all but clear: what they lie on shows where they are.
    parts = [
        svg.path(
            "".join(
                svg.box(left, top + row * side, (row + 1) * side - 1, side - 1)
                for row in range(len(names) - 1)
            ),
            "held",
        )
    ]
    for row, values in enumerate(matrix.values[1:], 1):
        middle = top + (row - 0.5) * side
        parts.append(svg.words(left - 6, middle + 4, names[row], anchor="end"))
        for place, value in enumerate(values[:row]):
            parts.append(_field(left + place * side, middle, side, value, f"{names[place]}, {names[row]}"))
            if few:
                parts.append(_number(left + (place + 0.5) * side, middle, value))
    parts += [_slanted(left + (place + 0.5) * side, top - 4, name) for place, name in enumerate(names[:-1])]
    size = side * (len(names) - 1)
    return svg.picture(
        round(left + size + max(0.0, _SLANTED * cells(names[-2]) - side / 2) + 4),
        top + size + 4,
        f'<g stroke-width="{side - 1}">{"".join(parts)}</g>',
        label=wording["heat_map"],
        description=wording["heat_map_described"],
    )


def _field(x: float, middle: float, side: int, value: float | None, title: str) -> str:
    """Draw one field as a line as thick as it is wide: an outline would take twice the space."""
    place = svg.place_of(value)
    if place is None:
        return svg.path(svg.box(x, middle - side / 2 + 0.5, side - 1, side - 1), "none", f"{title}: -")
    kind = "minus" if place < 0 else "plus"
    return (
        f'<path class="{kind}" opacity="{min(1.0, abs(place)):.2g}" '
        f'd="M{svg.number(x)} {svg.number(middle)}h{side - 1}">'
        f"<title>{escape(title)}: {place:.2f}</title></path>"
    )


def _number(x: float, middle: float, value: float | None) -> str:
    place = svg.place_of(value)
    if place is None:
        return ""
    written = f"{place:.2f}".replace("0.", ".", 1) if abs(place) < 0.995 else f"{place:.0f}"
    return svg.words(x - 0.5, middle + 4, written, anchor="middle")


def _slanted(x: float, y: float, name: str) -> str:
    place = f"{svg.number(x)} {svg.number(y)}"
    return f'<text transform="translate({place})rotate(-45)">{escape(name)}</text>'
