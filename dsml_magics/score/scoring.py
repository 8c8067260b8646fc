"""Score a table with a package: in memory, to a file, or on an engine."""

import os
from pathlib import Path
from typing import Any

from dsml_magics.errors import ColumnUnusable, TableEmpty, UsageError
from dsml_magics.frames.opening import is_distributed, open_table
from dsml_magics.package.contract import Contract
from dsml_magics.package.opening import open_package
from dsml_magics.package.scorer import Scorer, without_name_warnings
from dsml_magics.profile.notice import print_notes
from dsml_magics.score.files import score_to_file
from dsml_magics.score.part import OnViolation, named, parts_of, score_part, stopped
from dsml_magics.score.predictions import Predictions


def score(  # noqa: PLR0913  each is an option of the command
    reference: str,
    data: Any,
    *,
    out: str | os.PathLike[str] | None,
    on_violation: OnViolation,
    workers: int,
    verify_key: str | os.PathLike[str] | None = None,
) -> Predictions:
    """Score `data` with the package that `reference` names.

    Raises
    ------
    ModelNotFound, PackageAltered
        There is no such package, or it is not as it was proved.
    ContractBroken
        Rows break its contract, and `on_violation` is ``stop``.
    DataError
        A column the package needs is missing, or there are no rows.
    """
    if workers < 1:
        raise UsageError(f"Expected one worker or more, got {workers}.")
    if on_violation == "quarantine" and out is None and not is_distributed(data):
        raise UsageError(
            "Expected a file to write to with --on-violation quarantine, got none. Give it by --out."
        )
    package = open_package(reference, verify_key=verify_key)
    if is_distributed(data):
        from dsml_magics.score.engine import score_on_engine

        return score_on_engine(package, data, out=out, on_violation=on_violation)
    if out is not None:
        table = open_table(data)
        print_notes(table)
        target = Path(out).expanduser()
        return score_to_file(package, table, target, on_violation=on_violation, count=workers)
    with without_name_warnings():
        return _in_memory(package.load(), data, on_violation)


def _in_memory(scorer: Scorer, data: Any, on_violation: OnViolation) -> Predictions:
    import numpy as np

    root = type(data).__module__.partition(".")[0]
    if root == "numpy" and not data.dtype.names:
        return _array(scorer, data, on_violation)
    if root == "pandas" and type(data).__name__ == "DataFrame" and len(data):
        from dsml_magics.frames.pandas import with_text_names

        named_by_text = with_text_names(data)
        return _whole(scorer, open_table(named_by_text).to_arrow(), on_violation, came=named_by_text)
    table, found, warned, first = open_table(data), [], dict[str, int](), 0
    print_notes(table)
    for rows in parts_of(table):
        part = score_part(scorer, rows, on_violation)
        if part.values is None:
            raise stopped(scorer.uri, part.reasons, first=first, rows=first + rows.num_rows)
        found.append(np.asarray(part.values))
        first += rows.num_rows
        warned |= {name: warned.get(name, 0) + count for name, count in part.warned.items()}
    if not found:
        raise TableEmpty(f"Expected rows to score, got none in {table.origin}.")
    values = found[0] if len(found) == 1 else np.concatenate(found)
    return Predictions(scorer.uri, len(values), values=values, warned=tuple(sorted(warned.items())))


def _whole(scorer: Scorer, table: Any, on_violation: OnViolation, *, came: Any = None) -> Predictions:
    """Score all rows at once, as the notebook's model would be asked."""
    checked = scorer.check(named(table, scorer.contract))
    if on_violation == "stop" and checked.refused.any():
        raise stopped(scorer.uri, checked.reasons(), first=0, rows=table.num_rows)
    warned = {each.column: len(each.rows) for each in checked.violations}
    values = scorer.answer(
        checked, came=came if came is not None and scorer.contract.form == "frame" else None
    )
    return Predictions(scorer.uri, table.num_rows, values=values, warned=tuple(sorted(warned.items())))


def _array(scorer: Scorer, data: Any, on_violation: OnViolation) -> Predictions:
    import pyarrow as pa

    contract = scorer.contract
    if not len(data):
        raise TableEmpty("Expected rows to score, got none in a numpy array.")
    if contract.columns and data.ndim == 2 and data.shape[1] == len(contract.columns):
        columns = {name: data[:, at] for at, name in enumerate(contract.names)}
        return _whole(scorer, pa.table(columns), on_violation)
    if contract.columns or not _fits(data, contract):
        wanted = (len(contract.columns),) if contract.columns else contract.shape
        raise ColumnUnusable(
            f"Expected an array of {contract.dtype or 'numbers'} of shape (rows, {', '.join(map(str, wanted or ()))}), "
            f"got {data.dtype} of shape {data.shape}."
        )
    values = scorer.predict(data)
    return Predictions(scorer.uri, len(data), values=values)


def _fits(data: Any, contract: Contract) -> bool:
    if contract.shape is None:
        return True
    return tuple(data.shape[1:]) == contract.shape and str(data.dtype) == contract.dtype
