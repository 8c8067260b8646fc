"""How the values of a column are distributed: bars, and a box under them."""

from markupsafe import Markup

from dsml_magics.profile import svg
from dsml_magics.profile.column import Column, Histogram
from dsml_magics.profile.wording import Wording, span

_SPARK = 150, 30
_WIDTH, _HEIGHT = 360, 150
_TOP, _FLOOR = 14, 104
_BOX = 112, 14


def spark(column: Column, wording: Wording) -> Markup:
    """Draw a histogram in little."""
    width, height = _SPARK
    if column.histogram is None:
        return svg.drawn()
    bars = "".join(_bar(x, height, tall) for x, tall in _bars(column.histogram, width, height) if tall)
    label = wording.say("histogram_of", column=wording.name(column.name))
    floor = svg.path(f"M0 {height - 0.5}h{width}", "axis")
    return svg.picture(
        width, height, floor, _thick(column.histogram, width, svg.path(bars, "bin")), label=label
    )


def distribution(column: Column, wording: Wording) -> Markup:
    """Draw a histogram, with the middle half and the ends of the values below it."""
    histogram = column.histogram
    if histogram is None:
        return svg.drawn()
    bars = [
        svg.path(_bar(x, _FLOOR, tall), "bin", title)
        for (x, tall), title in zip(
            _bars(histogram, _WIDTH, _FLOOR - _TOP), titles(histogram, wording), strict=True
        )
        if tall
    ]
    frame = svg.path(f"M0 {_TOP}h{_WIDTH}", "grid") + svg.path(f"M0 {_FLOOR}h{_WIDTH}", "axis")
    highest = svg.words(0, _TOP - 4, f"{max(histogram.counts):,}", kind="soft")
    return svg.picture(
        _WIDTH,
        _HEIGHT,
        frame,
        highest,
        _thick(histogram, _WIDTH, *bars),
        _box_plot(column, histogram),
        ends(reach(histogram), wording, _HEIGHT - 4, _WIDTH),
        label=wording.say("histogram_of", column=wording.name(column.name)),
        description=_described(column, wording),
    )


def titles(histogram: Histogram, wording: Wording) -> list[str]:
    """Say what each bar stands for."""
    edges = histogram.edges
    return [
        f"{_range(edges[place], edges[place + 1], wording)}: {count:,}"
        for place, count in enumerate(histogram.counts)
    ]


def ends(values: tuple[object, ...], wording: Wording, y: float, width: float) -> str:
    """Write the first, the middle and the last value below an axis."""
    low, high = wording.value(values[0]), wording.value(values[-1])
    if low == high:
        return svg.words(width / 2, y, low, anchor="middle", kind="soft")
    middle = wording.value(values[len(values) // 2]) if len(values) % 2 else ""
    if len(low + middle + high) > width / 8:
        middle = ""
    return (
        svg.words(0, y, low, kind="soft")
        + (svg.words(width / 2, y, middle, anchor="middle", kind="soft") if middle else "")
        + svg.words(width, y, high, anchor="end", kind="soft")
    )


def reach(histogram: Histogram) -> tuple[object, ...]:
    """Give the values an axis is labelled with: the edges, or the whole numbers that bins stand for."""
    low, high = histogram.edges[0], histogram.edges[-1]
    if _is_whole(low, histogram.edges[1]):
        return round(low + 0.5), round(high - 0.5)
    return histogram.edges


def _is_whole(low: object, high: object) -> bool:
    """Tell whether a bin holds a single whole number."""
    return isinstance(low, float) and isinstance(high, float) and high - low == 1 and low % 1 == 0.5


def _range(low: object, high: object, wording: Wording) -> str:
    if isinstance(low, float) and _is_whole(low, high):
        return wording.value(round(low + 0.5))
    return span(wording.value(low), wording.value(high))


def _bars(histogram: Histogram, width: float, height: float) -> list[tuple[float, float]]:
    """Place the bars: their centre and their height."""
    step, highest = width / len(histogram.counts), max(histogram.counts) or 1
    return [
        # A bin with one value among a million must still be seen.
        ((place + 0.5) * step, max(height * count / highest, 1) if count else 0)
        for place, count in enumerate(histogram.counts)
    ]


def _bar(x: float, floor: float, tall: float) -> str:
    return f"M{svg.number(x)} {svg.number(floor)}v{svg.number(-tall)}"


def _thick(histogram: Histogram, width: float, *bars: str) -> str:
    """Make lines as thick as bars: their outlines would take twice the space."""
    step = width / len(histogram.counts)
    return f'<g stroke-width="{svg.number(step - 1 if step > 4 else step)}">{"".join(bars)}</g>'


def _box_plot(column: Column, histogram: Histogram) -> str:
    """Draw the middle half as a box, the median in it, and the middle 98 percent as a line."""
    scale = svg.Scale.over(histogram.edges, start=0, length=_WIDTH)
    if scale is None or len(column.percentiles) != 101:
        return ""
    places = [scale.at(column.percentiles[percent]) for percent in (0, 1, 25, 50, 75, 99, 100)]
    least, low, lower, middle, upper, high, most = places
    top, tall = _BOX
    centre = top + tall / 2
    parts = []
    if low is not None and high is not None:
        parts.append(svg.path(svg.line([(low, centre), (high, centre)]), "whisker"))
    if lower is not None and upper is not None:
        parts.append(svg.path(svg.box(lower, top, max(upper - lower, 1), tall), "box"))
    if middle is not None:
        parts.append(svg.path(f"M{svg.number(middle)} {top}v{tall}", "median"))
    parts += [
        svg.path(f"M{svg.number(min(max(end, 2), _WIDTH - 2))} {centre}h0", "end")
        for end in (least, most)
        if end is not None
    ]
    return "".join(parts)


def _described(column: Column, wording: Wording) -> str:
    if len(column.percentiles) != 101:
        return ""
    return wording.say(
        "box_described",
        **{
            name: wording.of(column, column.percentiles[percent])
            for name, percent in (("min", 0), ("lower", 25), ("median", 50), ("upper", 75), ("max", 100))
        },
    )
