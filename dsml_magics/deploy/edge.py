"""Rows at the edges of a contract: the package must answer or refuse them as the contract promises."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsml_magics.errors import ColumnNotFound, ModelUnusable
from dsml_magics.package.contract import Contract, Rule
from dsml_magics.package.proof import OTHER_ANSWERS, Edge
from dsml_magics.package.scorer import Scorer

if TYPE_CHECKING:
    import pyarrow as pa

_COLUMNS, _ROWS = 100, 20
"""So many columns are tried one by one, and so many rows together."""
_UNKNOWN = "\N{WHITE QUESTION MARK ORNAMENT} no such category"


def edges(scorer: Scorer, base: "pa.Table") -> tuple[Edge, ...]:
    """Try odd rows on a package.

    Parameters
    ----------
    base
        Some rows that it answers.
    """
    base = base.slice(0, _ROWS)
    return (*_shapes(scorer, base), *_values(scorer, base))


def odd_rows(contract: Contract, base: "pa.Table") -> Iterator[tuple[str, "pa.Table"]]:
    """Make a row of each oddity that a contract lets through."""
    for odd, row in _tried(contract, base):
        if odd.promise == "answers":
            yield f"{odd.rule.name} is {odd.name}", row


def _shapes(scorer: Scorer, base: "pa.Table") -> Iterator[Edge]:
    import polars as pl

    try:
        expected = _answer(scorer, base)
    except ModelUnusable as error:
        yield Edge(f"the first {base.num_rows} rows by themselves", "answers", str(error))
        return
    backwards = base.select(base.column_names[::-1])
    as_polars = pl.DataFrame(base).to_arrow()
    extra = base.append_column("dsml_extra", [list(range(base.num_rows))])
    for name, rows, count in (
        ("one row", base.slice(0, 1), 1),
        ("no rows", base.slice(0, 0), 0),
        ("columns in another order", backwards, None),
        ("from polars", as_polars, None),
        ("an extra column", extra, None),
    ):
        yield Edge(name, "answers", _unlike(lambda rows=rows: _answer(scorer, rows), expected, count))  # type: ignore[misc]
    if base.num_columns > 1:
        yield Edge("a column gone", "refuses", _not_refused(scorer, base.remove_column(0)))


def _unlike(answer: Callable[[], Any], expected: Any, count: int | None) -> str:
    """Say how answers differ from those expected; of fewer rows, by more than rounding."""
    import numpy as np

    try:
        got = np.asarray(answer())
    except ModelUnusable as error:
        return str(error)
    wanted = np.asarray(expected)[:count]
    if got.shape != wanted.shape:
        return f"an answer of shape {list(got.shape)} instead of {list(wanted.shape)}"
    if np.issubdtype(wanted.dtype, np.inexact):
        # Sums over a batch may be taken in another order.
        same = np.allclose(got, wanted, equal_nan=True)
    else:
        same = bool(np.all(got == wanted))
    return "" if same else OTHER_ANSWERS


@dataclass(frozen=True)
class _Odd:
    """One value that is odd: the row has it in `column`, and else what the first row has."""

    rule: Rule
    name: str
    promise: str
    value: Any


def _values(scorer: Scorer, base: "pa.Table") -> Iterator[Edge]:
    tried = list(_tried(scorer.contract, base))
    for odd, row in tried:
        if odd.promise == "refuses":
            yield Edge(f"{odd.rule.name}: {odd.name}", "refuses", _not_refused(scorer, row))
    yield from _answered(scorer, [(odd, row) for odd, row in tried if odd.promise == "answers"])


def _tried(contract: Contract, base: "pa.Table") -> "Iterator[tuple[_Odd, pa.Table]]":
    """Make a row of each oddity; numbers that no table can hold are left out, as none can come."""
    import pyarrow as pa

    row = _decoded(base.slice(0, 1))
    for odd in (odd for rule in contract.columns[:_COLUMNS] for odd in _odd(rule)):
        at = row.column_names.index(odd.rule.name)
        with suppress(OverflowError):
            value = pa.array([odd.value]) if odd.value is not None else pa.nulls(1, row.schema.types[at])
            yield odd, row.set_column(at, odd.rule.name, value)


def _decoded(row: "pa.Table") -> "pa.Table":
    """Write codes as the values they stand for, which an odd value can stand among."""
    import pyarrow as pa

    for at, field in enumerate(row.schema):
        if pa.types.is_dictionary(field.type):
            row = row.set_column(at, field.name, row.column(at).cast(field.type.value_type))
    return row


def _odd(rule: Rule) -> Iterator[_Odd]:
    beyond = "refuses" if rule.policy == "refuse" else "answers"
    yield _Odd(rule, "missing", "answers" if rule.nullable else "refuses", None)
    if (
        rule.categories is not None
        and rule.type == "string"
        and not (rule.categorical and beyond == "answers")
    ):
        yield _Odd(rule, "an unknown category", beyond, _UNKNOWN)
    if rule.type == "integer":
        yield _Odd(rule, "a fraction", "refuses", 0.5)
    if rule.type in ("integer", "number", "boolean", "datetime", "date"):
        yield _Odd(rule, "text", "refuses", "no such value")
    if rule.type in ("integer", "number"):
        for end, name, step in ((rule.min, "least", -1), (rule.max, "greatest", 1)):
            if isinstance(end, int | float):
                yield _Odd(rule, f"the {name} value", "answers", end)
                yield _Odd(rule, f"beyond the {name} value", beyond, end + step * max(1, abs(end)))


def _not_refused(scorer: Scorer, rows: "pa.Table") -> str:
    try:
        checked = scorer.check(rows)
    except ColumnNotFound:
        return ""
    return "" if checked.refused.all() else "the contract let it through"


def _answered(scorer: Scorer, rows: Sequence[tuple[_Odd, "pa.Table"]]) -> Iterator[Edge]:
    """Ask for all odd rows at once, and one by one only if that fails."""
    checked = [(odd, scorer.check(row)) for odd, row in rows]
    let_through = [(odd, each) for odd, each in checked if not each.refused.any()]
    all_at_once = _raised(scorer, [each.rows for _, each in let_through])
    for odd, each in checked:
        if each.refused.any():
            said = "the contract refused it"
        else:
            said = all_at_once and _raised(scorer, [each.rows])
        yield Edge(f"{odd.rule.name}: {odd.name}", "answers", said)


def _raised(scorer: Scorer, parts: Sequence["pa.Table"]) -> str:
    import pyarrow as pa

    from dsml_magics.package.violation import Checked

    if not parts:
        return ""
    try:
        scorer.answer(Checked(pa.concat_tables(parts, promote_options="permissive")))
    except ModelUnusable as error:
        return str(error)
    return ""


def _answer(scorer: Scorer, rows: "pa.Table") -> Any:
    return scorer.answer(scorer.check(rows))
