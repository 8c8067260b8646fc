"""A column in two tables: both histograms on one axis, or both shares of each value."""

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from dsml_magics.profile import svg
from dsml_magics.profile.cells import cells, cut
from dsml_magics.profile.column import Column, Histogram
from dsml_magics.profile.picture.histogram import ends, reach
from dsml_magics.profile.wording import Wording

_WIDTH, _HEIGHT = 370, 140
_TOP, _FLOOR = 4, 118
_MOST, _ROW, _NAME, _LETTER = 8, 22, 20, 7

Outline = list[tuple[float, float]]


def overlay(here: Column, there: Column, wording: Wording) -> Markup:
    """Draw a column in both tables; nothing where its kind has no picture."""
    label = wording.say("overlay_of", column=wording.name(here.name))
    if here.histogram and there.histogram:
        return _histograms(here.histogram, there.histogram, wording, label)
    return _values(here, there, wording, label) if here.top and there.top else svg.drawn()


def _histograms(here: Histogram, there: Histogram, wording: Wording, label: str) -> Markup:
    """Draw shares of the values by area, as the bins of the tables differ."""
    scale = svg.Scale.over((*here.edges, *there.edges), start=0, length=_WIDTH)
    ranked = sorted((*reach(here), *reach(there)), key=lambda edge: svg.place_of(edge) or 0.0)
    ours, theirs = (None if scale is None else _steps(each, scale) for each in (here, there))
    if ours is None or theirs is None:
        return svg.drawn()
    highest = max(y for outline in (ours, theirs) for _, y in outline) or 1.0
    drawn = [
        svg.line((x, _FLOOR - (_FLOOR - _TOP) * y / highest) for x, y in outline)
        for outline in (ours, theirs)
    ]
    return svg.picture(
        _WIDTH,
        _HEIGHT,
        svg.path(drawn[0], "first"),
        svg.path(drawn[1], "second"),
        svg.path(f"M0 {_FLOOR}h{_WIDTH}", "axis"),
        ends((ranked[0], ranked[-1]), wording, _HEIGHT - 6, _WIDTH),
        label=label,
    )


def _steps(histogram: Histogram, scale: svg.Scale) -> Outline | None:
    """Outline a histogram; a step is as high as its share of the values is dense."""
    places = [scale.at(edge) for edge in histogram.edges]
    total = sum(histogram.counts)
    if None in places or not total:
        return None
    found = [place for place in places if place is not None]
    outline: Outline = [(found[0], 0.0)]
    for left, right, count in zip(found[:-1], found[1:], histogram.counts, strict=True):
        # A table with one value has a bin without a width.
        y = count / total / max(right - left, 3.0)
        outline += [(left, y), (max(right, left + 3.0) if left == right else right, y)]
    return [*outline, (outline[-1][0], 0.0)]


def _values(here: Column, there: Column, wording: Wording, label: str) -> Markup:
    shares = [_shares(here), _shares(there)]
    values = list(dict.fromkeys([value for each in shares for value in each]))
    values.sort(key=lambda value: -max(each.get(value, 0.0) for each in shares))
    names = [cut(wording.of(here, value), _NAME) for _, value in values[:_MOST]]
    left = 12 + _LETTER * max(map(cells, names))
    highest = max(max(each.values()) for each in shares) or 1.0
    parts = []
    for row, (name, value) in enumerate(zip(names, values, strict=False)):
        pair = [
            each.get(value, _unlisted(column)) for each, column in zip(shares, (here, there), strict=True)
        ]
        parts.append(svg.words(left - 6, _TOP + row * _ROW + 13, name, anchor="end"))
        parts += _pair(pair, wording, (left, _TOP + row * _ROW, (_WIDTH - 100 - left) / highest))
    return svg.picture(_WIDTH, _TOP + len(names) * _ROW + 2, *parts, label=label)


def _pair(pair: Sequence[float | None], wording: Wording, place: tuple[float, float, float]) -> list[str]:
    left, y, length = place
    parts = [
        svg.path(svg.box(left, y + 2 + row * 8, max(length * share, 0.5), 7), kind)
        for row, (share, kind) in enumerate(zip(pair, ("bar", "other"), strict=True))
        if share
    ]
    written = " → ".join("-" if share is None else wording.share(share, 1) for share in pair)
    return [*parts, svg.words(_WIDTH, y + 13, written, anchor="end", kind="soft")]


def _shares(column: Column) -> dict[tuple[bool, Any], float]:
    """Give the shares of the values listed; True and 1 are two values."""
    return {
        (isinstance(value, bool), value): count / column.present
        for value, count in column.top
        if column.present
    }


def _unlisted(column: Column) -> float | None:
    """Tell the share of a value that is not listed, where it can be told."""
    return 0.0 if column.distinct <= len(column.top) and not column.bound("distinct") else None
