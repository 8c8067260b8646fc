"""Plain values validated against a contract, as requests bring them: by column, without a frame where nothing is odd."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dsml_magics.package.checking import check
from dsml_magics.package.contract import Contract, Rule
from dsml_magics.package.violation import Checked, Violation

if TYPE_CHECKING:
    import pyarrow as pa

Columns = Sequence[Sequence[Any]]
_NOTHING = type(None)
_TYPES: dict[str, frozenset[type]] = {
    "integer": frozenset({int}),
    "number": frozenset({int, float}),
    "boolean": frozenset({bool}),
    "string": frozenset({str}),
}
_WHOLE = 1 << 63
_FAMILIES: dict[type, str] = {bool: "boolean", int: "number", float: "number", str: "string", _NOTHING: ""}
_NESTED = "list or object"


def _family(kind: type) -> str:
    """Name the types that a table can hold together; moments and the like come from files, not from JSON."""
    return _NESTED if kind in (list, dict) else _FAMILIES.get(kind, kind.__name__)


def plainly_kept(contract: Contract) -> Callable[[Columns], bool] | None:
    """Return a quick test of whether columns keep a contract as they are; what it denies, `checked` looks at.

    None if there is no such test, as for moments, which come as text.
    """
    tests = [_test(rule) for rule in contract.columns]
    if not tests or None in tests:
        return None

    return lambda columns: all(map(_applied, tests, columns))


def _applied(test: Any, values: Sequence[Any]) -> bool:
    return bool(test(values))


def _test(rule: Rule) -> Callable[[Sequence[Any]], bool] | None:
    allowed = _TYPES.get(rule.type)
    if allowed is None:
        return None
    if rule.type in ("integer", "number"):
        return _numbers(rule, allowed)
    return _texts(rule, allowed)


def _texts(rule: Rule, allowed: frozenset[type]) -> Callable[[Sequence[Any]], bool]:
    known = None if rule.categories is None else frozenset(rule.categories)
    types = allowed | {_NOTHING} if rule.nullable else allowed
    if known is None:
        return lambda values: types.issuperset(map(type, values))
    known_or_nothing = known | {None}
    # The types first: True == 1, and lists have no hash.
    return lambda values: types.issuperset(map(type, values)) and known_or_nothing.issuperset(values)


def _numbers(rule: Rule, allowed: frozenset[type]) -> Callable[[Sequence[Any]], bool]:
    low = rule.min if rule.min is not None else -_WHOLE
    high = rule.max if rule.max is not None else _WHOLE - 1
    known = None if rule.categories is None else frozenset(rule.categories)

    def is_kept(values: Sequence[Any]) -> bool:
        types = set(map(type, values))
        if _NOTHING in types and rule.nullable:
            values = [value for value in values if value is not None]
            types.discard(_NOTHING)
        # NaN compares as false, so it is denied.
        return allowed.issuperset(types) and (
            not values
            or (
                low <= min(values)
                and max(values) <= high
                and (float not in types or all(value == value for value in values))  # noqa: PLR0124  NaN
                and (known is None or known.issuperset(values))
            )
        )

    return is_kept


def checked(columns: Columns, contract: Contract) -> Checked:
    """Validate columns of plain values against a contract, whatever they hold; see `check`."""
    import pyarrow as pa

    arrays, violations, changed = [], list[Violation](), set[str]()
    for rule, values in zip(contract.columns, columns, strict=True):
        array, found, is_changed = _column(rule, values)
        arrays.append(array)
        violations += found
        if is_changed:
            changed.add(rule.name)
    return Checked(pa.Table.from_arrays(arrays, names=contract.names), tuple(violations), frozenset(changed))


def _column(rule: Rule, values: Sequence[Any]) -> "tuple[pa.Array, list[Violation], bool]":
    """Check one column: values of several types by themselves, as no table can hold them together."""
    import numpy as np

    families = {_family(kind) for kind in set(map(type, values))} - {""}
    if len(families) <= 1 and families != {_NESTED}:
        return _whole(rule, _array(values))
    kept, found = [None] * len(values), []
    for family in sorted(families):
        rows = np.array(
            [at for at, value in enumerate(values) if _family(type(value)) == family],
            dtype=int,
        )
        if family == _NESTED:
            found.append(Violation(rule.name, "type", rule.expected, _NESTED, refused=True, rows=rows))
            continue
        array, odd, _ = _whole(rule, _array([values[at] for at in rows]))
        found += [replace(each, rows=rows[each.rows]) for each in odd]
        for at, value in zip(rows.tolist(), array.to_pylist(), strict=True):
            kept[at] = value
    missing = np.array([at for at, value in enumerate(values) if value is None], dtype=int)
    if len(missing) and not rule.nullable:
        found.append(Violation(rule.name, "missing", rule.expected, "nothing", refused=True, rows=missing))
    refused = {int(row) for each in found if each.refused for row in each.rows}
    return _array([None if at in refused else value for at, value in enumerate(kept)]), found, True


def _whole(rule: Rule, array: "pa.Array") -> "tuple[pa.Array, list[Violation], bool]":
    import pyarrow as pa

    found = check(pa.table({rule.name: array}), Contract((rule,)))
    return found.rows.column(0).combine_chunks(), list(found.violations), bool(found.changed)


def _array(values: Sequence[Any]) -> "pa.Array":
    """Make a column of values of one kind."""
    import pyarrow as pa

    try:
        return pa.array(values)
    except (pa.ArrowInvalid, OverflowError):
        # Whole numbers beyond 64 bits, or among floats that cannot hold them.
        try:
            return pa.array([None if value is None else float(value) for value in values], pa.float64())
        except OverflowError:
            far = float("inf")
            return pa.array([None if value is None else far for value in values], pa.float64())


def values_of(column: "pa.ChunkedArray | pa.Array") -> list[Any]:
    """Return a column as plain values; NaN is None, as in requests."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_floating(column.type):
        column = pc.if_else(pc.is_nan(column), None, column)
    values: list[Any] = column.to_pylist()
    return values
