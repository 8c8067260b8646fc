"""Whether the target goes with where a column is missing."""

from typing import Literal

from dsml_magics.profile.coded import Coded
from dsml_magics.profile.figures import Association
from dsml_magics.profile.strength import correlation_ratio, cramers_v
from dsml_magics.profile.vectors import Groups


def gaps_of(coded: Coded, target: str, *, task: Literal["classes", "values"]) -> tuple[Association, ...]:
    """Measure the association of the target with the gaps of each column that has some, strongest first.

    Classes: Cramér's V. Values: correlation ratio. Values that are missing at random have no association
    with anything (Rubin 1976), so filling them in does no harm.
    """
    found = [
        Association(name, target, measure, strength, coded.bound)
        for name, column in coded.columns.items()
        if name != target and 0 < column.missing < column.rows
        for measure, strength in [_measured(coded, _groups(coded, name), target, task=task)]
        if strength is not None
    ]
    return tuple(sorted(found, key=lambda each: (-each.strength, each.column)))


def _groups(coded: Coded, name: str) -> Groups:
    import numpy as np

    codes = coded.gaps(name).astype(np.intp)
    return Groups(codes, (False, True), np.bincount(codes, coded.weights, 3))


def _measured(coded: Coded, gaps: Groups, target: str, *, task: str) -> tuple[str, float | None]:
    share = coded.effective / coded.total if coded.total else 1.0
    if task == "classes":
        classes = coded.groups(target)
        weights = coded.weights
        return "Cramér's V", None if classes is None else cramers_v(
            gaps, classes, weights=weights, share=share
        )
    values = coded.numbers(target)
    return "correlation ratio", None if values is None else correlation_ratio(gaps, values, share=share)
