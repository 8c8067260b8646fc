"""How answers are put together."""

from collections.abc import Iterable, Sequence
from typing import Any

from dsml_magics.profile.language import Statement

Answer = tuple[Statement, tuple[Statement, ...]]
"""An answer and its evidence."""
_MOST = 6
_NAMES = 5


def state(code: str, **values: Any) -> Statement:
    """Say something of the catalog of questions."""
    return Statement(f"question.{code}", {name: _plain(value) for name, value in values.items()})


def _plain(value: Any) -> Any:
    """Write whole floats as what they are."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def first(statements: Iterable[Statement], *, most: int = _MOST) -> tuple[Statement, ...]:
    """Keep the first statements, and say how many more there are."""
    every = list(statements)
    if len(every) <= most:
        return tuple(every)
    return (*every[:most], state("more", count=len(every) - most))


def some(names: Sequence[str]) -> tuple[str, ...]:
    """Keep the first names of a list; the last one then stands for the others."""
    return tuple(names) if len(names) <= _NAMES else (*names[:_NAMES], "…")
