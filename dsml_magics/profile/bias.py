"""Groups of people, and whether the target or the gaps treat them differently."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from dsml_magics.profile.bands import MISSING, OTHER, divided, in_ranges, labelled
from dsml_magics.profile.coded import Coded
from dsml_magics.profile.column import GROUPED, ORDERED, Column
from dsml_magics.profile.figures import Group, TargetGroup
from dsml_magics.profile.sensitive import OLDEST, is_age, is_sensitive
from dsml_magics.profile.target import Goal
from dsml_magics.profile.vectors import Groups, numbers_in

if TYPE_CHECKING:
    import numpy as np

    from dsml_magics.profile.sketch.sample import Sample

MOST = 20
"""So many groups of a column are told apart; smaller ones are one group."""
COLUMNS = 10
"""So many columns that look sensitive are examined; those that the user names all are."""
_AGES = (18, 25, 35, 45, 55, 65)


def groups_of(
    columns: Mapping[str, Column], sample: "Sample", *, target: str | None, named: tuple[str, ...]
) -> tuple[Group, ...]:
    """Describe the groups of the columns that the user named, else of those that look sensitive.

    Ages are put into bands, other ordered values into ranges with about as many rows each.
    """
    if named:
        names = [name for name in named if name in columns]
    else:
        names = [name for name in columns if name != target and _is_grouping(columns[name])][:COLUMNS]
    if not names:
        return ()
    coded = Coded(columns, sample)
    goal = None if target is None else Goal(coded, target)
    gaps = _gaps(coded)
    return tuple(group for name in names for group in _described(coded, name, goal=goal, gaps=gaps))


def _is_grouping(column: Column) -> bool:
    few = column.kind in GROUPED or column.distinct <= MOST
    return (
        column.kind in GROUPED + ORDERED
        and is_sensitive(column)
        and (few or column.kind != "numeric" or is_age(column))
    )


def _gaps(coded: Coded) -> "np.ndarray[Any, Any]":
    """Give the share of the cells of each row that are missing."""
    import numpy as np

    found = np.zeros(coded.table.num_rows)
    for name, column in coded.columns.items():
        if column.missing:
            found += coded.gaps(name)
    return found / len(coded.columns)


def _described(
    coded: Coded, name: str, *, goal: Goal | None, gaps: "np.ndarray[Any, Any]"
) -> Iterator[Group]:
    import numpy as np

    parts = _parts(coded, name)
    if parts is None or not coded.total:
        return
    labels = (*parts.labels, MISSING)
    weighted = gaps if coded.weights is None else gaps * coded.weights
    missing = np.bincount(parts.codes, weighted, len(labels)) / np.maximum(parts.counts, 1)
    targets = goal.by(parts) if goal is not None else ()
    for place, (label, count) in enumerate(zip(labels, parts.counts.tolist(), strict=True)):
        if count:
            rate = _rate(targets[place]) if targets else None
            yield Group(name, label, coded.rows(count), count / coded.total, rate, float(missing[place]))


def _parts(coded: Coded, name: str) -> Groups | None:
    column = coded.columns[name]
    if column.kind == "numeric" and is_age(column):
        return _ages(coded, name)
    if column.kind == "numeric" and column.distinct <= MOST:
        groups = coded.groups(name)
        return None if groups is None else labelled(groups)
    return divided(coded, name) if column.kind in ORDERED else divided(coded, name, most=MOST - 1)


def _ages(coded: Coded, name: str) -> Groups | None:
    """Put ages in completed years into bands; what is no age is another group."""
    import numpy as np

    values = numbers_in(coded.array(name))
    if values is None:
        return None
    edges = np.nextafter([0, *_AGES, OLDEST + 1], -np.inf)
    groups = in_ranges(coded, values, edges)
    bands = [f"{low} to {high - 1}" for low, high in pairwise(_AGES)]
    labels = (f"under {_AGES[0]}", *bands, f"{_AGES[-1]} or more", OTHER)
    # Below 0 and above the oldest are one group, the last.
    codes = np.array([len(labels) - 1, *range(len(labels)), len(labels)])[groups.codes]
    return Groups(codes, labels, np.bincount(codes, coded.weights, len(labels) + 1))


def _rate(group: TargetGroup) -> float | None:
    """Tell the share of the rarest of two classes, or of the most frequent one, or the mean."""
    if not group.rows or not group.shares:
        return group.mean
    return group.shares[1] if len(group.shares) == 2 else group.shares[0]
