"""The target by the values of a column: shares of its classes, or its mean and quartiles."""

from markupsafe import Markup

from dsml_magics.profile import svg
from dsml_magics.profile.cells import cells, cut
from dsml_magics.profile.figures import Target, TargetGroup, TargetPlot
from dsml_magics.profile.wording import Wording

_WIDTH, _ROW, _TOP = 370, 19, 4
_NAME, _LETTER = 26, 6.8
_RIGHT = 66


def outcome(plot: TargetPlot, target: Target, wording: Wording, scale: svg.Scale | None) -> Markup:
    """Draw one line for each part of the rows: its name, the target in it, how many rows it has.

    Parameters
    ----------
    scale
        From 0 to 1, of the values of a target that is a quantity: the same for all columns.
    """
    names = [cut(wording.label(plot.column, group.label), _NAME) for group in plot.groups]
    left = 8 + _LETTER * max((cells(name) for name in names), default=0)
    length = _WIDTH - _RIGHT - left
    parts = []
    for row, (name, group) in enumerate(zip(names, plot.groups, strict=True)):
        y = _TOP + row * _ROW
        parts.append(svg.words(left - 6, y + 13, name, anchor="end"))
        parts.append(svg.words(_WIDTH, y + 13, wording.rows(group.rows), anchor="end", kind="soft"))
        if group.shares:
            parts += _shares(group, target, wording, (left, y, length))
        elif scale is not None:
            parts += _quartiles(group, wording, (left, y, length), scale)
    height = _TOP + _ROW * len(names) + 2
    if scale is not None and target.task == "values":
        parts += _axis(scale, wording, (left, height, length))
        height += 16
    return svg.picture(
        _WIDTH,
        height,
        *parts,
        label=wording.say("outcome_of", target=wording.name(target.column), column=wording.name(plot.column)),
    )


def scale_of(target: Target) -> svg.Scale | None:
    """Reach from the least to the greatest quartile or mean of all plots."""
    groups = [group for plot in target.plots for group in plot.groups]
    values = [value for group in groups for value in (group.lower, group.mean, group.upper)]
    return svg.Scale.over(values, start=0.02, length=0.96)


def class_names(target: Target, wording: Wording) -> list[str]:
    """Name the classes that the colours stand for."""
    column = wording.figures.columns.get(target.column)
    return [
        wording["other"]
        if name is None
        else wording.of(column, name)
        if column is not None
        else wording.value(name)
        for name in target.classes
    ]


def _shares(
    group: TargetGroup, target: Target, wording: Wording, place: tuple[float, float, float]
) -> list[str]:
    x, y, length = place
    names = class_names(target, wording)
    parts, said = [], []
    for number, (share, name) in enumerate(zip(group.shares, names, strict=False)):
        wide = length * min(1.0, max(0.0, share))
        if wide >= 0.4:
            parts.append(svg.path(f"M{svg.number(x)} {y + _ROW / 2}h{svg.number(wide)}", f"k{number % 9}"))
        said.append(f"{cut(name, _NAME)} {wording.share(share, 1)}")
        x += wide
    return [svg.group(", ".join(said), *parts)]


def _quartiles(
    group: TargetGroup, wording: Wording, place: tuple[float, float, float], scale: svg.Scale
) -> list[str]:
    x, y, length = place
    lower, mean, upper = (
        None if (at := scale.at(value)) is None else x + length * at
        for value in (group.lower, group.mean, group.upper)
    )
    middle = y + _ROW / 2
    title = wording.say("outcome_described", mean=group.mean, lower=group.lower, upper=group.upper)
    parts = [svg.path(f"M{svg.number(x)} {svg.number(middle)}h{svg.number(length)}", "grid")]
    if lower is not None and upper is not None:
        outline = svg.box(lower, y + 5, max(upper - lower, 1), _ROW - 10)
        parts.append(svg.path(outline, "range", title))
    if mean is not None:
        parts.append(svg.path(f"M{svg.number(mean)} {svg.number(middle)}h0", "mean", title))
    return parts


def _axis(scale: svg.Scale, wording: Wording, place: tuple[float, float, float]) -> list[str]:
    left, y, length = place
    low, high = scale.at(scale.low), scale.at(scale.high)
    if low is None or high is None or low == high:
        return []
    return [
        svg.words(left + length * low, y + 10, wording.value(scale.low), kind="soft"),
        svg.words(left + length * high, y + 10, wording.value(scale.high), anchor="end", kind="soft"),
    ]
