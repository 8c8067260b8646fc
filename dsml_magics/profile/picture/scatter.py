"""Two numeric columns against each other."""

from markupsafe import Markup

from dsml_magics.profile import svg
from dsml_magics.profile.cells import cut
from dsml_magics.profile.figures import Scatter
from dsml_magics.profile.wording import Wording, span

_WIDTH, _HEIGHT = 370, 230
_TOP, _FLOOR = 18, 206
_NAME = 26


def scatter(found: Scatter, wording: Wording) -> Markup:
    """Draw points; which columns they are of stands in the caption."""
    across = svg.Scale.over((x for x, _ in found.points), start=4, length=_WIDTH - 8)
    up = svg.Scale.over((y for _, y in found.points), start=_FLOOR - 4, length=_TOP + 8 - _FLOOR)
    if across is None or up is None:
        return svg.drawn()
    places = [(across.at(x), up.at(y)) for x, y in found.points]
    dots = "".join(f"M{x:.0f} {y:.0f}h0" for x, y in places if x is not None and y is not None)
    return svg.picture(
        _WIDTH,
        _HEIGHT,
        svg.path(f"M0.5 {_TOP}V{_FLOOR}H{_WIDTH}", "axis"),
        svg.path(dots, "dots"),
        svg.words(0, _TOP - 6, _axis(found.y, up, wording), kind="soft"),
        svg.words(_WIDTH, _HEIGHT - 8, _axis(found.x, across, wording), anchor="end", kind="soft"),
        label=wording.say("scatter_of", x=wording.name(found.x), y=wording.name(found.y)),
        description=wording.say(
            "scatter_described",
            count=len(found.points),
            rows=wording.figures.rows,
            measure=wording.measure(found.measure),
            strength=found.strength,
        ),
    )


def _axis(name: str, scale: svg.Scale, wording: Wording) -> str:
    """Name an axis, and the values it reaches over."""
    return f"{cut(wording.name(name), _NAME)}: {span(wording.value(scale.low), wording.value(scale.high))}"
