"""Validate a batch of rows against a contract: by columns, never by rows."""

import datetime as dt
from typing import TYPE_CHECKING, Any

from dsml_magics.errors import ColumnNotFound, hint
from dsml_magics.package.contract import Contract, Rule, Type
from dsml_magics.package.learning import type_of
from dsml_magics.package.violation import Checked, Violation, What

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

_READABLE: dict[Type, str] = {
    "integer": "int64",
    "number": "float64",
    "boolean": "bool",
    "datetime": "timestamp[us]",
    "date": "date32",
}
"""Texts are read as these: a CSV file with one odd value in a column holds nothing but texts there."""
_ARROW: dict[Type, str] = {**_READABLE, "string": "string"}


def check(batch: "pa.RecordBatch | pa.Table", contract: Contract) -> Checked:
    """Find what is wrong with the rows of a batch, and bring the others into the form the contract names.

    A text that reads as what is expected is taken for it, so that files of text can be scored; a whole number for a
    float, and a float without a fraction for a whole number.

    Raises
    ------
    ColumnNotFound
        A column is missing: no row could be answered.
    """
    import pyarrow as pa

    if missing := [name for name in contract.names if name not in batch.schema.names]:
        raise ColumnNotFound(
            f"Expected the column {missing[0]!r} that the package was proved with, got none. "
            f"{hint(missing[0], batch.schema.names)}"
        )
    columns, violations, changed = [], [], set()
    for rule in contract.columns:
        came = _one(batch.column(rule.name))
        column = _Column(rule, came)
        columns.append(column.checked())
        violations += column.violations
        if columns[-1] is not came:
            changed.add(rule.name)
    rows = pa.Table.from_arrays(columns, names=contract.names)
    return Checked(rows, tuple(violations), frozenset(changed))


class _Column:
    """One column on its way through its rule."""

    def __init__(self, rule: Rule, values: "pa.Array") -> None:
        self.rule, self.values = rule, values
        self.violations: list[Violation] = []

    def checked(self) -> "pa.Array":
        """Return the values as the model takes them, after every rule was asked."""
        self._check_type()
        self._check_missing()
        if self.rule.min is not None or self.rule.max is not None:
            self._check_range()
        if self.rule.categories is not None:
            self._check_categories()
        return self.values

    def _say(self, what: What, got: str, wrong: "np.ndarray[Any, Any]") -> None:
        import numpy as np

        refused = what in ("type", "missing") or self.rule.policy == "refuse"
        rows = np.flatnonzero(wrong)
        self.violations.append(Violation(self.rule.name, what, self.rule.expected, got, refused, rows))

    def _check_type(self) -> None:
        import pyarrow as pa
        from pyarrow import types

        expected, got = self.rule.type, type_of(self.values.type)
        if types.is_null(self.values.type) and expected in _ARROW:
            # Else a model would get other nothings than among rows that have values.
            self.values = self.values.cast(pa.type_for_alias(_ARROW[expected]))
        if expected in ("any", got) or types.is_null(self.values.type):
            return
        if (expected, got) in (("number", "integer"), ("datetime", "date")):
            return
        if got == "string":
            self._read()
        elif (expected, got) == ("integer", "number"):
            self._without_fractions()
        else:
            present = _mask(self.values.is_valid())
            if present.any():
                self._say("type", got, present)
            self.values = pa.nulls(len(self.values), pa.type_for_alias(_ARROW.get(expected, "string")))

    def _read(self) -> None:
        """Read texts as what is expected."""
        import polars as pl
        import pyarrow as pa

        if self.rule.type not in _READABLE:
            self._say("type", "string", _mask(self.values.is_valid()))
            self.values = pa.nulls(len(self.values), pa.string())
            return
        texts = pl.Series(self.values.cast(pa.large_string())).str.strip_chars()
        read = _read_as(texts, self.rule.type)
        wrong = (read.is_null() & texts.is_not_null() & (texts != "")).to_numpy()
        if wrong.any():
            self._say("type", "string", wrong)
        self.values = read.to_arrow()

    def _without_fractions(self) -> None:
        import numpy as np
        import pyarrow as pa

        numbers = np.asarray(self.values.cast(pa.float64()))
        wrong = np.isfinite(numbers) & (numbers != np.floor(numbers)) | np.isinf(numbers)
        if wrong.any():
            self._say("type", "number with a fraction", wrong)

    def _check_missing(self) -> None:
        import pyarrow.compute as pc
        from pyarrow import types

        # Nearly every row that is served has nothing missing: to see that costs less than to look for it.
        if self.rule.nullable or not (self.values.null_count or types.is_floating(self.values.type)):
            return
        missing = _mask(pc.is_null(self.values, nan_is_null=True))
        for violation in self.violations:
            missing[violation.rows] = False
        if missing.any():
            self._say("missing", "nothing", missing)

    def _check_range(self) -> None:
        import pyarrow as pa
        import pyarrow.compute as pc

        values = self.values
        if pa.types.is_dictionary(values.type):
            values = values.dictionary_decode()
        for end, beyond, got in ((self.rule.min, pc.less, "less"), (self.rule.max, pc.greater, "more")):
            if end is None:
                continue
            compared, limit = _comparable(values, end)
            wrong = _mask(beyond(compared, limit))
            if not wrong.any():
                continue
            if self.rule.policy == "clip":
                try:
                    values = pc.if_else(wrong, limit.cast(values.type), values)
                except pa.ArrowInvalid:
                    # Whole numbers, or short ones, cannot hold every limit.
                    values = pc.if_else(wrong, limit, compared)
                self.values = values
            self._say("range", got, wrong)

    def _check_categories(self) -> None:
        import pyarrow as pa
        import pyarrow.compute as pc

        values = self.values
        if pa.types.is_dictionary(values.type):
            values = values.dictionary_decode()
        try:
            known = pa.array(list(self.rule.categories or ())).cast(values.type)
        except pa.ArrowException:
            known = pa.nulls(0)
        wrong = _mask(pc.and_(pc.is_valid(values), pc.invert(pc.is_in(values, known))))
        for violation in self.violations:
            wrong[violation.rows] = False
        if wrong.any():
            self._say("category", "an unknown category", wrong)


def _read_as(texts: Any, type_: Type) -> Any:
    import polars as pl

    if type_ == "boolean":
        lower = texts.str.to_lowercase()
        return lower.replace_strict({"true": True, "false": False}, default=None)
    if type_ == "integer":
        whole = texts.cast(pl.Int64, strict=False)
        return whole.fill_null(_whole(texts.cast(pl.Float64, strict=False)))
    if type_ == "number":
        return texts.cast(pl.Float64, strict=False)
    moments = _moments(texts)
    return moments.dt.date() if type_ == "date" else moments


def _moments(texts: Any) -> Any:
    import polars as pl

    try:
        return texts.str.to_datetime(strict=False).dt.replace_time_zone(None)
    except pl.exceptions.ComputeError:
        # No text reads as a moment.
        return pl.Series([None] * len(texts), dtype=pl.Datetime("us"))


def _whole(numbers: Any) -> Any:
    import polars as pl

    return numbers.set(numbers.floor() != numbers, None).cast(pl.Int64, strict=False)


def _comparable(values: "pa.Array", end: Any) -> "tuple[pa.Array, pa.Scalar]":
    """Bring values and the end of a range into types that compare."""
    import pyarrow as pa

    type_ = values.type
    if not isinstance(end, str):
        if pa.types.is_signed_integer(type_) and isinstance(end, int) and abs(end) < 1 << 63:
            return values, pa.scalar(end)
        # The largest whole numbers lose their last digits as floats: no range is that narrow.
        return values.cast(pa.float64(), safe=False), pa.scalar(float(end))
    moment = dt.datetime.fromisoformat(end)
    if pa.types.is_date(type_):
        return values, pa.scalar(moment.date()).cast(type_)
    if type_.tz is None:
        moment = moment.replace(tzinfo=None)
    return values, pa.scalar(moment).cast(type_, safe=False)


def _one(values: "pa.Array | pa.ChunkedArray") -> "pa.Array":
    """Give a column as one array; few functions of Arrow know views of texts."""
    import pyarrow as pa

    if pa.types.is_string_view(values.type):
        values = values.cast(pa.large_string())
    if not isinstance(values, pa.ChunkedArray):
        return values
    return values.chunk(0) if values.num_chunks == 1 else values.combine_chunks()


def _mask(values: Any) -> "np.ndarray[Any, Any]":
    """Give which values are true; nothing is not."""
    import pyarrow.compute as pc

    if values.null_count:
        # NumPy would get objects, which takes thirty times as long.
        values = pc.fill_null(values, fill_value=False)
    found: np.ndarray[Any, Any] = values.to_numpy(zero_copy_only=False)
    return found
