"""The numbers that an insight rests on."""

import math
from typing import Any

from dsml_magics.profile.column import Column
from dsml_magics.profile.figures import Figures

HIDDEN = "•••"
"""Stands for a value of a column that holds personal data."""

_FEWEST = 10


def share(part: float, whole: float) -> float:
    """Divide; 0 where there is nothing."""
    return part / whole if whole else 0.0


def within(bound: float, *, of: float = 1.0, whole: bool = True) -> dict[str, float]:
    """Say how far a figure may be off, where it is not exact.

    Parameters
    ----------
    bound
        As a share.
    of
        What it is a share of.
    whole
        Whether the figure counts rows or values.
    """
    if not bound:
        return {}
    return {"bound": math.ceil(bound * of) if whole else round(bound * of, 3)}


def most_frequent(column: Column) -> dict[str, Any]:
    """Say which value is the most frequent one, and how frequent."""
    value, count = column.top[0]
    return {
        "value": shown(column, value),
        "count": count,
        "share": share(count, column.present),
        **within(column.bound("top"), of=count),
    }


def shown(column: Column, value: Any) -> Any:
    """Show a value, unless the column holds personal data."""
    if column.personal:
        return HIDDEN
    return value if isinstance(value, int | float | str | bool) else str(value)


def are_few(figures: Figures, *names: str) -> bool:
    """Tell whether columns have so few values that chance makes them go together."""
    return min(figures.columns[name].present for name in names) < _FEWEST


def is_target(figures: Figures, name: str) -> bool:
    """Tell whether a column is the one to be predicted."""
    return figures.target is not None and figures.target.column == name
