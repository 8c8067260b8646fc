"""The way on which requests are answered: the plan of the pipeline, if it gives the same bits; else the pipeline."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from dsml_magics.deploy.edge import odd_rows
from dsml_magics.errors import ModelUnusable
from dsml_magics.package.compiled.compiling import compiled
from dsml_magics.package.compiled.plan import Plan
from dsml_magics.package.compiled.refusal import Uncompiled
from dsml_magics.package.reading import checked, values_of
from dsml_magics.package.scorer import Scorer

if TYPE_CHECKING:
    import pyarrow as pa

_ROWS = 10_000
_SINGLE = 20


@dataclass(frozen=True)
class Path:
    """Which way, and why; `plan` is that of the compiled way."""

    name: Literal["compiled", "plain"]
    why: str
    plan: Plan | None = None


def path_of(scorer: Scorer, base: "pa.Table | None") -> Path:
    """Compile the model of a package and hold the plan's answers against the model's own.

    Parameters
    ----------
    base
        Rows to hold them against, all of them; None if there are none.
    """
    if base is None or not base.num_rows:
        return Path("plain", "there were no rows to prove a plan with")
    try:
        plan = compiled(scorer.model.get_raw_model(), scorer.contract)
    except Uncompiled as error:
        return Path("plain", str(error))
    except Exception as error:  # noqa: BLE001  MLflow's wrappers raise whatever they like
        return Path("plain", f"the model is no pipeline ({type(error).__name__})")
    if said := next(_differences(scorer, plan, base), None):
        return Path("plain", f"the plan of the pipeline {said}")
    return Path("compiled", f"its plan gave the same bits for {base.num_rows:,} rows and at the edges", plan)


def _differences(scorer: Scorer, plan: Plan, base: "pa.Table") -> Iterator[str]:
    for start in range(0, base.num_rows, _ROWS):
        if not _same(scorer, plan, base.slice(start, _ROWS)):
            yield f"answered otherwise among rows {start:,} to {start + _ROWS:,}"
    for at in range(min(_SINGLE, base.num_rows)):
        if not _same(scorer, plan, base.slice(at, 1)):
            yield f"answered row {at} otherwise by itself"
    for name, row in odd_rows(scorer.contract, base):
        if not _same(scorer, plan, row):
            yield f"answered otherwise where {name}"


def _same(scorer: Scorer, plan: Plan, rows: "pa.Table") -> bool:
    """Whether the plan gives the same bits; it may leave a row to the pipeline."""
    found = checked([values_of(rows.column(name)) for name in scorer.contract.names], scorer.contract)
    if found.refused.any():
        return True
    try:
        expected = scorer.answer(found)
    except ModelUnusable:
        return True
    try:
        got = plan.answer([values_of(column) for column in found.rows.columns], found.rows.num_rows)
    except Exception:  # noqa: BLE001  whatever stops the plan, the pipeline answers then
        return True
    return _equal(expected, got)


def _equal(expected: Any, got: Any) -> bool:
    import numpy as np

    ours, theirs = np.asarray(expected), np.asarray(got)
    if ours.shape != theirs.shape or ours.dtype != theirs.dtype:
        return False
    return bool(np.all((ours == theirs) | ((ours != ours) & (theirs != theirs))))  # noqa: PLR0124  NaN
