"""Whether the target goes with where a column is missing."""

from typing import Literal

from dsml_magics.profile.coded import Coded
from dsml_magics.profile.figures import Association
from dsml_magics.profile.measured import measured_groups, measured_mixed
from dsml_magics.profile.vectors import Groups


def gaps_of(coded: Coded, target: str, *, task: Literal["classes", "values"]) -> tuple[Association, ...]:
    """Measure the association of the target with the gaps of each column that has some, strongest first.

    Classes: Cramér's V. Values: correlation ratio. Values that are missing at random have no association
    with anything (Rubin 1976), so filling them in does no harm.
    """
    found = [
        each
        for name, column in coded.columns.items()
        if name != target and 0 < column.missing < column.rows
        if (each := _measured(coded, (name, target), task=task))
    ]
    return tuple(sorted(found, key=lambda each: (-each.strength, each.column)))


def _groups(coded: Coded, name: str) -> Groups:
    import numpy as np

    codes = coded.gaps(name).astype(np.intp)
    return Groups(codes, (False, True), np.bincount(codes, coded.weights, 3))


def _measured(coded: Coded, names: tuple[str, str], *, task: str) -> Association | None:
    gaps = _groups(coded, names[0])
    if task == "classes":
        classes = coded.groups(names[1])
        return None if classes is None else measured_groups(coded, names, gaps, classes)
    values = coded.numbers(names[1])
    return None if values is None else measured_mixed(coded, names, gaps, values)
