"""Parameters that a run left at their defaults, where another run names them: a sweep has no blanks."""

from collections.abc import Sequence
from dataclasses import replace

from dsml_magics.ledger.store import defaults_in
from dsml_magics.runs.run import Run


def with_defaults(runs: Sequence[Run]) -> list[Run]:
    """Fill in parameters that one of the runs has and another left at its default."""
    named = {name for run in runs for name in run.params}
    filled = []
    for run in runs:
        left = {name: value for name, value in defaults_in(run.tags).items() if name in named}
        filled.append(replace(run, params={**left, **run.params}))
    return filled
