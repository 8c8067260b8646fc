"""Tables for columns of few values, filled by the fitted transformers themselves."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from dsml_magics.package.compiled.part import Codes, Lookup
from dsml_magics.package.compiled.refusal import Uncompiled
from dsml_magics.package.compiled.step import dense
from dsml_magics.package.contract import Contract, Rule
from dsml_magics.package.inputs import inputs_of

ENCODERS = ("OneHotEncoder", "OrdinalEncoder", "TargetEncoder")
"""Transformers that make other columns out of each column by itself."""
_ONE_TO_ONE = (
    "OrdinalEncoder",
    "SimpleImputer",
    "StandardScaler",
    "MinMaxScaler",
    "MaxAbsScaler",
    "RobustScaler",
    "FunctionTransformer",
)
_CELLS = 4_000_000
"""No larger table is worth its memory."""
_UNKNOWN = "\N{WHITE QUESTION MARK ORNAMENT} no such category"


@dataclass(frozen=True)
class Lookups:
    """Tables, one a column, and whether the transformer gave a sparse matrix."""

    parts: tuple[Lookup, ...]
    is_sparse: bool


def widths(transformer: Any, columns: int) -> list[int]:
    """Return how many columns a fitted transformer makes out of each.

    Raises
    ------
    Uncompiled
        It does not treat each column by itself, as far as is known.
    """
    import numpy as np

    kind = type(transformer).__name__
    if kind == "OneHotEncoder":
        return [int(count) for count in transformer._n_features_outs]  # noqa: SLF001  scikit-learn shows only their sum
    if kind == "TargetEncoder":
        classes = len(transformer.classes_) if transformer.target_type_ == "multiclass" else 1
        return [classes] * columns
    if kind == "KBinsDiscretizer":
        return [1 if transformer.encode == "ordinal" else int(count) for count in transformer.n_bins_]
    if kind == "SimpleImputer" and (
        transformer.add_indicator
        or (transformer.statistics_.dtype.kind == "f" and np.isnan(transformer.statistics_).any())
    ):
        raise Uncompiled("an imputer adds or drops columns")
    if kind in _ONE_TO_ONE and not (kind == "FunctionTransformer" and transformer.func is not None):
        return [1] * columns
    raise Uncompiled(f"{kind} is not known to treat each column by itself")


def lookups(
    transformer: Any, steps: Sequence[Any], at: Sequence[int], start: int, contract: Contract
) -> Lookups:
    """Make a table for each column, by asking the fitted transformer for every value.

    Raises
    ------
    Uncompiled
        A column has no known set of values, or the transformer mixes columns.
    """
    outs = _composed(steps, len(at))
    domains = [_domain(contract.columns[each], steps, place) for place, each in enumerate(at)]
    asker = _Asker(transformer, [contract.columns[each] for each in at], domains, contract)
    parts, stop = [], 0
    for place, (each, width) in enumerate(zip(at, outs, strict=True)):
        stop += width
        if (len(domains[place]) + 2) * sum(outs) > _CELLS:
            raise Uncompiled(f"the column {contract.columns[each].name!r} has too many values for a table")
        parts.append(asker.lookup(place, each, slice(stop - width, stop), start))
    return Lookups(tuple(parts), asker.is_sparse)


def _composed(steps: Sequence[Any], columns: int) -> list[int]:
    """Return how many columns a chain of transformers makes out of each."""
    found = [1] * columns
    for step in steps:
        made = iter(widths(step, sum(found)))
        found = [sum(next(made) for _ in range(width)) for width in found]
    return found


def _domain(rule: Rule, steps: Sequence[Any], place: int) -> list[Any]:
    """List the values a column can have: those of the contract and those the encoder was fitted on."""
    if rule.type == "boolean":
        return [True, False]
    found: list[Any] = list(rule.categories or ())
    # An imputer before the encoder leaves each column in its place.
    encoder = next((step for step in steps if hasattr(step, "categories_")), None)
    if encoder is not None:
        found += [_plain(value) for value in encoder.categories_[place]]
    found = list(dict.fromkeys(value for value in found if value is not None and value == value))  # noqa: PLR0124  NaN
    if not found:
        raise Uncompiled(f"the values of the column {rule.name!r} are not known")
    if any(isinstance(value, str) != (rule.type == "string") for value in found):
        raise Uncompiled(f"the values of the column {rule.name!r} are of several types")
    return found


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


class _Asker:
    """Asks a fitted transformer about one column at a time; the others hold their first value meanwhile."""

    def __init__(
        self, transformer: Any, rules: Sequence[Rule], domains: Sequence[Sequence[Any]], contract: Contract
    ) -> None:
        self.transformer, self.rules, self.domains = transformer, rules, domains
        self.contract = Contract(tuple(rules), contract.form, contract.dtype)
        self.is_sparse = False

    def lookup(self, place: int, at: int, within: slice, start: int) -> Lookup:
        """Fill the table of a column."""
        import numpy as np

        domain = self.domains[place]
        known = self._ask(place, domain)
        rows, codes = (
            [known[:, within]],
            dict[Hashable, int]((value, row) for row, value in enumerate(domain)),
        )
        outside = np.delete(known, within, axis=1)
        if not np.array_equal(outside, np.broadcast_to(outside[:1], outside.shape), equal_nan=True):
            raise Uncompiled(f"the column {self.rules[place].name!r} has a say in what others become")
        unknown = -1
        for value, is_known in ((None, True), (_stranger(self.rules[place], domain), False)):
            row = self._try(place, value)
            if row is None:
                continue
            code = sum(map(len, rows))
            rows.append(row[:, within])
            if is_known:
                codes[value] = code
            else:
                unknown = code
        table = np.vstack(rows)
        return Lookup(at, Codes(codes, unknown), table, start + within.start, start + within.stop)

    def _try(self, place: int, value: Any) -> Any:
        try:
            return self._ask(place, [value])
        except Exception:  # noqa: BLE001  the transformer refuses it; so will the plain way, with its own words
            return None

    def _ask(self, place: int, values: Sequence[Any]) -> Any:
        import pyarrow as pa

        columns = {}
        for other, (rule, domain) in enumerate(zip(self.rules, self.domains, strict=True)):
            held = list(values) if other == place else [domain[0]] * len(values)
            columns[rule.name] = (
                pa.array(held, pa.string()) if rule.type == "string" else pa.array(held, _arrow(rule))
            )
        made = self.transformer.transform(inputs_of(pa.table(columns), self.contract))
        self.is_sparse = self.is_sparse or hasattr(made, "toarray")
        return dense(made)


def _arrow(rule: Rule) -> Any:
    import pyarrow as pa

    return {"boolean": pa.bool_(), "integer": pa.int64()}.get(rule.type, pa.float64())


def _stranger(rule: Rule, domain: Sequence[Any]) -> Any:
    """Return a value of the column's type that is not among the known."""
    if rule.type == "string":
        return _UNKNOWN
    if rule.type == "boolean":
        return True
    return max(domain) + 1
