"""The percentiles of a column as a curve."""

from markupsafe import Markup

from dsml_magics.profile import svg
from dsml_magics.profile.column import Column
from dsml_magics.profile.wording import Wording

_WIDTH, _HEIGHT = 360, 130
_TOP, _FLOOR = 14, 110
_SEEN = 0.7
_PERCENTS = (0, 25, 50, 75, 100)
_ANCHORS = ("start", "middle", "middle", "middle", "end")


def curve(column: Column, wording: Wording) -> Markup:
    """Draw which value each percent of the values lies below."""
    values = column.percentiles
    scale = svg.Scale.over(values, start=_FLOOR, length=_TOP - _FLOOR)
    if scale is None or len(values) != 101:
        return svg.drawn()
    step = _WIDTH / 100
    points = [
        (percent * step, y) for percent, value in enumerate(values) if (y := scale.at(value)) is not None
    ]
    low = wording.of(column, values[0]) if points[0][1] < _FLOOR - 20 else ""
    return svg.picture(
        _WIDTH,
        _HEIGHT,
        svg.path("".join(f"M{percent * step:g} {_TOP}V{_FLOOR}" for percent in _PERCENTS[1:-1]), "grid"),
        svg.path(f"M0 {_FLOOR}h{_WIDTH}", "axis"),
        svg.path(svg.line(_turns(points)), "curve"),
        svg.words(0, _TOP - 4, wording.of(column, values[100]), kind="soft"),
        svg.words(0, _FLOOR - 4, low, kind="soft"),
        *(
            svg.words(percent * step, _HEIGHT - 6, f"{percent}%", anchor=anchor, kind="soft")
            for percent, anchor in zip(_PERCENTS, _ANCHORS, strict=True)
        ),
        label=wording.say("percentiles_of", column=wording.name(column.name)),
    )


def _turns(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Leave out points that lie on the line between their neighbours."""
    kept = points[:1]
    for place, (x, y) in enumerate(points[1:-1], 1):
        before, after = kept[-1], points[place + 1]
        expected = before[1] + (after[1] - before[1]) * (x - before[0]) / (after[0] - before[0])
        if abs(y - expected) > _SEEN:
            kept.append((x, y))
    return kept + points[-1:] if len(points) > 1 else kept
