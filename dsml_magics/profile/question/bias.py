"""Whether the data is biased, over groups that the user named or that look sensitive."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from dsml_magics.profile.bands import MISSING, OTHER
from dsml_magics.profile.figures import Figures, Group
from dsml_magics.profile.insight.evidence import shown
from dsml_magics.profile.language import Statement
from dsml_magics.profile.question.saying import Answer, first, some, state
from dsml_magics.profile.settings import Settings
from dsml_magics.profile.threshold import limit

_CHANCE = 3.0
"""A difference of so many standard errors is hardly chance, even if it is the greatest of many."""
_GAPS = 0.05
"""A share of missing cells that differs by so much between groups is named."""


@dataclass(frozen=True, slots=True)
class Disparity:
    """Two groups of a column, one with less and one with more of the target.

    Attributes
    ----------
    spread
        Standard deviation of the target's mean over both groups, were there no difference.
    """

    low: Group
    high: Group
    spread: float

    @property
    def ratio(self) -> float:
        """The less over the more, in the manner of the four-fifths rule (29 CFR 1607.4 D)."""
        return (self.low.target or 0.0) / self.high.target if self.high.target else 1.0

    @property
    def is_certain(self) -> bool:
        """Whether the difference is more than chance makes of groups of this size."""
        return (self.high.target or 0.0) - (self.low.target or 0.0) > _CHANCE * self.spread


def bias(figures: Figures, settings: Settings) -> Answer:
    """Compare the sizes of the groups, the target and the gaps among them."""
    by_column: dict[str, list[Group]] = {}
    for group in figures.groups:
        by_column.setdefault(group.column, []).append(group)
    if not by_column:
        return state("bias_none"), ()
    least = limit(settings, "group_rows")
    found = [_disparity(groups, figures, least) for groups in by_column.values()]
    disparities = sorted(filter(None, found), key=lambda each: (not each.is_certain, each.ratio))
    evidence = [
        *(_compared(each, figures) for each in disparities),
        *(each for groups in by_column.values() for each in _small(groups, least)),
        *(each for groups in by_column.values() for each in _gappy(groups, least)),
    ]
    if not disparities:
        return _sizes(figures, by_column), first([*_largest(by_column), *evidence])
    sampled = [state("bias_sample", examined=figures.examined)] if figures.examined < figures.rows else []
    listed = (*first(evidence, most=5), *sampled, state("bias_caution"))
    return _answer(disparities, figures, settings), listed


def _disparity(groups: list[Group], figures: Figures, least: float) -> Disparity | None:
    """Find the two groups of people that differ most, for certain if there are any; None where no ratio has a meaning."""
    large = [
        group
        for group in groups
        if group.rows >= least and group.target is not None and group.label not in (MISSING, OTHER)
    ]
    if len(large) < 2 or min(group.target or 0.0 for group in large) < 0:
        return None
    ranked = sorted(large, key=lambda group: group.target or 0.0)
    pairs = [Disparity(low, high, _spread(low, high, figures)) for low, high in combinations(ranked, 2)]
    return min(pairs, key=lambda pair: (not pair.is_certain, pair.ratio, -(pair.high.target or 0.0)))


def _spread(low: Group, high: Group, figures: Figures) -> float:
    """Give the standard error of the difference of two shares, or of two means."""
    rows = 1 / low.rows + 1 / high.rows
    if _of(figures):
        goal = figures.columns[figures.target.column] if figures.target else None
        return (goal.std or 0.0) * math.sqrt(rows) if goal else 0.0
    shares = (low.target or 0.0) * low.rows + (high.target or 0.0) * high.rows
    pooled = shares / (low.rows + high.rows)
    return math.sqrt(max(pooled * (1 - pooled), 0.0) * rows)


def _answer(disparities: list[Disparity], figures: Figures, settings: Settings) -> Statement:
    worst = disparities[0]
    least = limit(settings, "disparity")
    below = sum(each.ratio < least and each.is_certain for each in disparities)
    code = "bias_found" if below else "bias_chance" if worst.ratio < least else "bias_not_found"
    return state(
        f"{code}{_of(figures)}",
        **_named(figures),
        column=worst.low.column,
        low=worst.low.label,
        high=worst.high.label,
        ratio=worst.ratio,
        limit=least,
        below=below,
        columns=len(disparities),
    )


def _of(figures: Figures) -> str:
    """Tell shares of a class from means."""
    return "" if figures.target and figures.target.task == "classes" else "_mean"


def _named(figures: Figures) -> dict[str, object]:
    """Name the target and, of classes, the one whose share is compared: the rarer of two, else the most frequent."""
    target = figures.target
    if target is None:
        return {}
    found: dict[str, object] = {"target": target.column}
    if target.task == "classes" and target.classes:
        value = target.classes[1] if len(target.classes) == 2 else target.classes[0]
        found["value"] = shown(figures.columns[target.column], value)
    return found


def _compared(found: Disparity, figures: Figures) -> Statement:
    return state(
        f"bias_column{_of(figures)}",
        column=found.low.column,
        low=found.low.label,
        low_target=found.low.target,
        low_rows=found.low.rows,
        high=found.high.label,
        high_target=found.high.target,
        high_rows=found.high.rows,
        ratio=found.ratio,
    )


def _small(groups: list[Group], least: float) -> Iterator[Statement]:
    small = [group.label for group in groups if group.rows < least and group.label not in (MISSING, OTHER)]
    if small:
        yield state(
            "bias_small", column=groups[0].column, labels=some(small), count=len(small), limit=int(least)
        )


def _gappy(groups: list[Group], least: float) -> Iterator[Statement]:
    large = [group for group in groups if group.rows >= least and group.label != MISSING]
    low, high = min(large, key=_missing, default=None), max(large, key=_missing, default=None)
    if low and high and high.missing - low.missing >= _GAPS:
        yield state(
            "bias_gaps",
            column=low.column,
            low=low.label,
            low_missing=low.missing,
            high=high.label,
            high_missing=high.missing,
        )


def _missing(group: Group) -> float:
    return group.missing


def _sizes(figures: Figures, by_column: dict[str, list[Group]]) -> Statement:
    smallest = min((group for groups in by_column.values() for group in groups), key=lambda group: group.rows)
    return state(
        "bias_sizes" if figures.target is None else "bias_not_comparable",
        columns=len(by_column),
        column=smallest.column,
        label=smallest.label,
        rows=smallest.rows,
        share=smallest.share,
    )


def _largest(by_column: dict[str, list[Group]]) -> Iterator[Statement]:
    for name, groups in by_column.items():
        largest = max(groups, key=lambda group: group.rows)
        yield state("bias_size", column=name, groups=len(groups), label=largest.label, share=largest.share)
