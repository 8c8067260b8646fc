"""The association of two vectors of a sample, with its bound; None where chance alone often makes one as strong."""

from dsml_magics.profile.coded import Coded
from dsml_magics.profile.figures import Association
from dsml_magics.profile.precision import (
    chance_of_ratio,
    chance_of_v,
    error_of_pearson,
    error_of_ratio,
    error_of_v,
    is_chance,
)
from dsml_magics.profile.strength import correlation_ratio, cramers_v, pearson, reach
from dsml_magics.profile.vectors import Groups, Numbers

LEAST = 0.1
"""Weaker associations are not listed."""


def measured_numbers(coded: Coded, names: tuple[str, str]) -> Association | None:
    """Correlate two columns of numbers."""
    x, y = (coded.numbers(name) for name in names)
    strength = None if x is None or y is None else pearson(x, y)
    if x is None or y is None or strength is None:
        return None
    off = error_of_pearson(x, y, strength, coded.drawn) if coded.drawn.left else 0.0
    return Association(*names, "Pearson", strength, off)


def measured_groups(coded: Coded, names: tuple[str, str], one: Groups, two: Groups) -> Association | None:
    """Measure how strongly two groupings go together."""
    strength = cramers_v(one, two, weights=coded.weights, share=coded.drawn.corrected)
    if strength is None or (strength >= LEAST and _is_chance(coded, one, two, strength)):
        return None
    off = (
        error_of_v(one, two, strength, weights=coded.weights, drawn=coded.drawn) if coded.drawn.left else 0.0
    )
    return Association(*names, "Cramér's V", strength, off)


def _is_chance(coded: Coded, one: Groups, two: Groups, strength: float) -> bool:
    rows = coded.drawn.share * (coded.total - max(one.counts[-1], two.counts[-1]))
    sizes = [each.counts[:-1] * (rows / max(float(each.counts[:-1].sum()), 1.0)) for each in (one, two)]
    smaller = min(reach(len(each), max(rows - 1, 1.0)) for each in sizes)
    return is_chance(strength**2 * max(0.0, smaller), chance_of_v(*sizes))


def measured_mixed(
    coded: Coded, names: tuple[str, str], groups: Groups, numbers: Numbers
) -> Association | None:
    """Measure how much of the spread of numbers lies between groups."""
    strength = correlation_ratio(groups, numbers, share=coded.drawn.corrected)
    rows = coded.drawn.share * (coded.total - groups.counts[-1])
    if strength is None or (
        strength >= LEAST and is_chance(strength**2, chance_of_ratio(len(groups.labels), rows))
    ):
        return None
    off = error_of_ratio(groups, numbers, strength, coded.drawn) if coded.drawn.left else 0.0
    return Association(*names, "correlation ratio", strength, off)
