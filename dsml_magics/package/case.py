"""The rows that travel with a package, made up, and what the model answered: so it can be checked anywhere, later.

No row of the data is among them: each column is drawn by itself from what the baseline says of it.
"""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsml_magics.package.contract import Contract, Rule

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from dsml_magics.profile.column import Column

ROWS = 200
ROWS_FILE, ARRAY_FILE, ANSWERS_FILE = "dsml/case.parquet", "dsml/case.npy", "dsml/case-answers.npz"
_WORDS = ("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta")


def made_up(contract: Contract, columns: "Mapping[str, Column]") -> "pa.Table | np.ndarray[Any, Any] | None":
    """Make rows up that a contract allows; None where it says too little of a column."""
    import numpy as np
    import pyarrow as pa

    rng = np.random.default_rng(0)
    if not contract.columns:
        return _array(contract, rng)
    made = {rule.name: _column(rule, columns.get(rule.name), rng) for rule in contract.columns}
    if any(values is None for values in made.values()):
        return None
    return pa.table(made)


def write_case(folder: Path, rows: Any, answers: Mapping[str, Any]) -> None:
    """Write made-up rows, and the answers by method."""
    import numpy as np
    import pyarrow.parquet as pq

    if isinstance(rows, np.ndarray):
        np.save(folder / ARRAY_FILE, rows, allow_pickle=False)
    else:
        pq.write_table(rows, folder / ROWS_FILE)
    np.savez(
        folder / ANSWERS_FILE, **dict[str, Any]((name, plain(values)) for name, values in answers.items())
    )


def read_case(folder: Path) -> tuple[Any, dict[str, Any]] | None:
    """Read what `write_case` wrote; None if the package has none."""
    import numpy as np
    import pyarrow.parquet as pq

    if not (folder / ANSWERS_FILE).exists():
        return None
    with np.load(folder / ANSWERS_FILE, allow_pickle=False) as content:
        answers = {name: content[name] for name in content.files}
    if (folder / ARRAY_FILE).exists():
        return np.load(folder / ARRAY_FILE, allow_pickle=False), answers
    return pq.read_table(folder / ROWS_FILE), answers


def plain(values: Any) -> "np.ndarray[Any, Any]":
    """Write answers as an array without Python objects, where they are texts or numbers."""
    import numpy as np

    array = np.asarray(values)
    return np.asarray(array.tolist()) if array.dtype.kind == "O" else array


def _array(contract: Contract, rng: Any) -> Any:
    import numpy as np

    shape, kind = (min(ROWS, 20), *(contract.shape or ())), np.dtype(contract.dtype or "float64")
    if kind.kind == "f":
        return rng.normal(size=shape).astype(kind)
    return rng.integers(0, 2, shape).astype(kind) if kind.kind in "biu" else None


def _column(rule: Rule, column: "Column | None", rng: Any) -> "pa.Array | None":
    import pyarrow as pa

    values = _values(rule, column, rng)
    if values is None:
        return None
    if rule.nullable:
        gaps = rng.random(ROWS) < 0.05
        values = [None if gap else value for value, gap in zip(values, gaps, strict=True)]
    return pa.array(values)


def _values(rule: Rule, column: "Column | None", rng: Any) -> list[Any] | None:
    if rule.categories:
        return [rule.categories[at] for at in rng.integers(0, len(rule.categories), ROWS)]
    if rule.type == "boolean":
        return list(map(bool, rng.integers(0, 2, ROWS)))
    if rule.type == "string":
        return [" ".join(_WORDS[at] for at in rng.integers(0, len(_WORDS), 3)) for _ in range(ROWS)]
    if rule.type in ("integer", "number", "datetime", "date"):
        return _between(rule, column, rng)
    return None


def _between(rule: Rule, column: "Column | None", rng: Any) -> list[Any] | None:
    """Draw between the percentiles of the baseline, within the contract."""
    import numpy as np

    marks = list(column.percentiles) if column is not None and column.percentiles else [rule.min, rule.max]
    if any(mark is None or mark != mark for mark in marks):  # noqa: PLR0124  NaN
        return None
    ends = [dt.datetime.fromisoformat(mark) if isinstance(mark, str) else mark for mark in marks]
    numbers = np.array([_number(mark) for mark in ends], float)
    if not np.isfinite(numbers).all():
        return None
    drawn = np.interp(rng.random(ROWS), np.linspace(0, 1, len(numbers)), numbers)
    if rule.type == "integer":
        return [round(value) for value in drawn.tolist()]
    if rule.type == "number":
        return list(drawn.tolist())
    zone = getattr(ends[0], "tzinfo", None)
    moments = [dt.datetime.fromtimestamp(round(value), dt.UTC) for value in drawn.tolist()]
    if rule.type == "date":
        return [moment.date() for moment in moments]
    return [moment.astimezone(zone) if zone else moment.replace(tzinfo=None) for moment in moments]


def _number(mark: Any) -> float:
    if isinstance(mark, dt.datetime):
        return (mark if mark.tzinfo else mark.replace(tzinfo=dt.UTC)).timestamp()
    if isinstance(mark, dt.date):
        return dt.datetime(mark.year, mark.month, mark.day, tzinfo=dt.UTC).timestamp()
    return float(mark)
