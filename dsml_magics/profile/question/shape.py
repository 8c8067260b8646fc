"""How the main features are distributed, which values are far off, and which columns go together."""

import math
from collections.abc import Iterator

from dsml_magics.profile.association import MOST
from dsml_magics.profile.column import GROUPED, ORDERED, Column
from dsml_magics.profile.figures import Association, Figures
from dsml_magics.profile.insight.evidence import is_target, share, shown, within
from dsml_magics.profile.insight.numbers import FEW, judge_outliers
from dsml_magics.profile.language import Statement
from dsml_magics.profile.question.role import LEFT_OUT, roles
from dsml_magics.profile.question.saying import Answer, first, state
from dsml_magics.profile.settings import Settings
from dsml_magics.profile.threshold import limit

_SYMMETRIC = 0.5
_REGULAR = 0.5
"""A step is named if this share of the moments are that far apart."""
_STRONG, _WEAK = 0.7, 0.3


def distribution(figures: Figures, settings: Settings) -> Answer:
    """Count the kinds, and describe the target and the features that go most with it, or with one another."""
    columns = figures.columns.values()
    kinds = [column.kind for column in columns]
    numbers, groups = kinds.count("numeric"), sum(kind in GROUPED for kind in kinds)
    times, texts = sum(kind in ORDERED for kind in kinds) - numbers, kinds.count("text")
    answer = state(
        "distribution_answer",
        rows=figures.rows,
        columns=len(kinds),
        numbers=numbers,
        groups=groups,
        times=times,
        texts=texts,
        others=len(kinds) - numbers - groups - times - texts,
        skewed=sum(1 for column in columns if abs(column.skewness or 0) > limit(settings, "skewed")),
    )
    described = main(figures, settings)
    listed = first(found for column in described for found in _described(column, figures))
    off = max((column.bound("percentiles") for column in described), default=0.0)
    return answer, (*listed, state("distribution_ranks", off=off)) if off else listed


def main(figures: Figures, settings: Settings) -> list[Column]:
    """Put the target first, then the features that are of use: the most strongly associated ones before others."""
    used = [name for name, role in roles(figures, settings).items() if role not in LEFT_OUT]
    weights = dict.fromkeys(used, 0.0)
    pairs = figures.target.associations if figures.target else figures.associations
    for pair in pairs:
        for name in {pair.column, pair.other} & weights.keys():
            weights[name] += pair.strength
    ranked = sorted(used, key=lambda name: -weights[name])
    goal = [figures.target.column] if figures.target else []
    return [figures.columns[name] for name in (*goal, *ranked)]


def _described(column: Column, figures: Figures) -> Iterator[Statement]:
    """Describe a column as its kind allows; nothing is said of identifiers, nested and binary columns."""
    goal = figures.target if is_target(figures, column.name) else None
    if (column.kind in GROUPED or (goal and goal.task == "classes")) and column.top:
        yield _groups(column)
    elif column.kind == "numeric" and column.percentiles:
        yield _numbers(column)
    elif column.kind in ORDERED and column.percentiles:
        yield _moments(column)
    elif column.kind == "text" and column.text:
        yield state(
            "distribution_text",
            column=column.name,
            words=column.text.words or 0.0,
            shortest=column.text.shortest,
            longest=column.text.longest,
            script=column.text.scripts[0][0] if column.text.scripts else "-",
        )


def _groups(column: Column) -> Statement:
    value, count = column.top[0]
    return state(
        "distribution_groups",
        column=column.name,
        distinct=column.distinct,
        value=shown(column, value),
        share=share(count, column.present),
        **within(column.bound("distinct"), of=column.distinct),
    )


def _numbers(column: Column) -> Statement:
    skewness = column.skewness or 0.0
    shape = "even" if abs(skewness) < _SYMMETRIC else "right" if skewness > 0 else "left"
    return state(
        f"distribution_{shape}",
        column=column.name,
        median=column.percentiles[50],
        lower=column.percentiles[25],
        upper=column.percentiles[75],
        min=column.min,
        max=column.max,
        skewness=skewness,
    )


def _moments(column: Column) -> Statement:
    ends = {"column": column.name, "min": str(column.min), "max": str(column.max)}
    time = column.time
    if time and time.step is not None and (time.step_share or 0) >= _REGULAR:
        return state("distribution_regular", **ends, step=str(time.step), share=time.step_share)
    return state("distribution_times", **ends)


def outliers(figures: Figures, settings: Settings) -> Answer:
    """Count the numeric columns with values far off, and tell long tails from single values."""
    numeric = [column for column in figures.columns.values() if column.kind == "numeric"]
    if not numeric:
        return state("outliers_no_numbers"), ()
    found = [column for column in numeric if (column.outliers and column.distinct > FEW) or column.infinite]
    if not found:
        if most := math.ceil(max(column.bound("outliers") * column.present for column in numeric)):
            return state("outliers_at_most", numbers=len(numeric), most=most), ()
        return state("outliers_none", numbers=len(numeric)), ()
    found.sort(key=lambda column: -share(column.outliers + column.infinite, column.present))
    many = [
        column for column in found if share(column.outliers, column.present) >= limit(settings, "outliers")
    ]
    answer = state(
        "outliers_answer",
        columns=len(found),
        numbers=len(numeric),
        many=len(many),
        limit=limit(settings, "outliers"),
    )
    return answer, first(each for column in found for each in _far_off(column, settings))


def _far_off(column: Column, settings: Settings) -> Iterator[Statement]:
    if column.infinite:
        yield state("outliers_infinite", column=column.name, infinite=column.infinite)
    if column.outliers:
        yield state(
            f"outliers_{judge_outliers(column, settings)}",
            column=column.name,
            count=column.outliers,
            share=share(column.outliers, column.present),
            lower=column.percentiles[25],
            upper=column.percentiles[75],
            median=column.percentiles[50],
            min=column.min,
            max=column.max,
            **within(column.bound("outliers"), of=column.present),
        )


def relations(figures: Figures, _settings: Settings) -> Answer:
    """Name the columns that go most strongly with the target, and with one another."""
    goal = figures.target.column if figures.target else None
    pairs = [pair for pair in figures.associations if goal not in (pair.column, pair.other)]
    ours = [
        pair for pair in (figures.target.associations if figures.target else ()) if pair.strength >= _WEAK
    ]
    strong = sum(pair.strength >= _STRONG for pair in pairs)
    told = [pair for pair in pairs if pair.strength >= _WEAK]
    evidence = [_pair("relations_target", pair) for pair in ours[:3]]
    evidence += [_pair("relations_pair", pair) for pair in told[: 6 - len(evidence)]]
    hidden = len(ours[3:]) + len(told[6 - len(ours[:3]) :])
    if hidden:
        code = "relations_more_cut" if len(figures.associations) >= MOST else "more"
        evidence.append(state(code, count=hidden))
    return _related(ours, told, strong, goal), tuple(evidence)


def _related(ours: list[Association], pairs: list[Association], strong: int, goal: str | None) -> Statement:
    if ours:
        best = ours[0]
        return state(
            "relations_answer_target",
            column=best.column,
            target=best.other,
            measure=best.measure,
            strength=best.strength,
            columns=len(ours),
            strong=strong,
        )
    if pairs:
        best = pairs[0]
        return state(
            "relations_answer" if goal is None else "relations_answer_no_target",
            column=best.column,
            other=best.other,
            measure=best.measure,
            strength=best.strength,
            strong=strong,
        )
    return state("relations_none", limit=_WEAK)


def _pair(code: str, pair: Association) -> Statement:
    return state(
        code,
        column=pair.column,
        other=pair.other,
        measure=pair.measure,
        strength=pair.strength,
        **within(pair.bound, whole=False),
    )
