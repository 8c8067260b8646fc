"""One part of a table, scored."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from dsml_magics.errors import ColumnUnusable, ContractBroken
from dsml_magics.package.contract import Contract
from dsml_magics.package.scorer import Scorer
from dsml_magics.package.violation import Checked

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from dsml_magics.frames.table import Table

OnViolation = Literal["stop", "quarantine", "ignore"]
ROWS = 65_536
"""Rows of a part."""


@dataclass(frozen=True)
class Part:
    """What became of the rows of a part.

    Attributes
    ----------
    values
        Predictions of the rows that were answered, in order.
    reasons
        Why other rows were not, by their place in the part.
    warned
        How many values the contract warns of, by column.
    """

    values: Any
    reasons: dict[int, str]
    warned: dict[str, int]


def parts_of(table: "Table") -> "Iterator[pa.Table]":
    """Cut a table into parts of the same number of rows, however it is read."""
    import pyarrow as pa

    kept: list[pa.RecordBatch] = []
    rows = 0
    for batch in table.batches():
        kept.append(batch)
        rows += batch.num_rows
        while rows >= ROWS:
            whole = pa.Table.from_batches(kept)
            yield whole.slice(0, ROWS)
            kept, rows = whole.slice(ROWS).to_batches(), rows - ROWS
    if rows:
        yield pa.Table.from_batches(kept)


def named(rows: "pa.Table", contract: Contract) -> "pa.Table":
    """Name columns as the contract does, if they come by position: a model of arrays knows no names."""
    is_array = contract.form == "array" and len(contract.columns) == rows.num_columns
    if is_array and not set(contract.names) <= set(rows.column_names):
        return rows.rename_columns(contract.names)
    return rows


def score_part(scorer: Scorer, rows: "pa.Table", on_violation: OnViolation) -> Part:
    """Validate a part against the contract, and predict the rows that may be answered."""
    checked = scorer.check(named(rows, scorer.contract))
    refused = checked.refused if on_violation != "ignore" else None
    warned = {
        each.column: len(each.rows) for each in checked.violations if not each.refused or refused is None
    }
    if refused is None or not refused.any():
        return Part(scorer.answer(checked), {}, warned)
    reasons = checked.reasons()
    if on_violation == "stop":
        return Part(None, reasons, warned)
    kept = Checked(checked.rows.filter(~refused), (), checked.changed)
    return Part(scorer.answer(kept), reasons, warned)


def stopped(uri: str, reasons: dict[int, str], *, first: int, rows: int) -> ContractBroken:
    """Say that the contract is broken, and what to do.

    Parameters
    ----------
    first
        Number of the part's first row in the table.
    rows
        How many rows were looked at.
    """
    at, said = next(iter(reasons.items()))
    return ContractBroken(
        f"{len(reasons):,} of {rows:,} rows break the contract of {uri}, first row {first + at}: {said}. "
        "Mend the data, or give --on-violation quarantine (with --out) or ignore."
    )


def with_predictions(
    rows: "pa.Table", values: Any, *, kept: "np.ndarray[Any, Any] | None" = None
) -> "pa.Table":
    """Add predictions to rows as one column, or several of a model with several outputs.

    Parameters
    ----------
    kept
        A mask of the rows that were predicted, if not all were: the others get nothing.
    """
    import numpy as np
    import pyarrow as pa

    array = np.asarray(values)
    many = array.ndim > 1
    columns = [array[:, at] for at in range(array.shape[1])] if many else [array]
    for at, column in enumerate(columns):
        name = f"prediction_{at}" if many else "prediction"
        if name in rows.column_names:
            raise ColumnUnusable(
                f"Expected a table without a column {name!r}, which is ours to add. Rename it."
            )
        made = pa.array(column)
        if kept is not None:
            places = np.cumsum(kept) - 1
            made = made.take(pa.array(np.where(kept, places, 0), mask=~kept))
        rows = rows.append_column(name, made)
    return rows
