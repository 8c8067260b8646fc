"""The figures of a table, as values. How they are measured and shown lives in the modules beside."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

Kind = Literal[
    "numeric",
    "boolean",
    "categorical",
    "text",
    "datetime",
    "date",
    "time",
    "duration",
    "identifier",
    "constant",
    "nested",
    "binary",
    "empty",
]
Severity = Literal["high", "medium", "low"]


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts of values in adjoining bins; `edges` has one more entry than `counts`.

    The last bin includes its right edge, as in numpy. Missing and infinite values are in no bin.
    """

    edges: tuple[Any, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """The figures of one column.

    Attributes
    ----------
    kind
        What the column is, as inferred from its type and values.
    type
        Its Arrow type.
    rows, missing, distinct
        Counts; NaN counts as missing, missing values are not among the distinct ones.
    min, max, mean
        Of the values present, in the column's own unit; None where the kind has no order.
    std
        Standard deviation with ``n - 1`` in the denominator, as pandas has it; numbers only.
    percentiles
        The 101 percentiles 0, 1, ..., 100, interpolated linearly as pandas does.
    histogram
        None where the kind has no order.
    top
        The most frequent values with their counts, most frequent first, at most ten.
    zeros, infinite
        How many values are 0, and how many are infinite.
    lengths
        Shortest, mean and longest text, in characters.
    mixed
        The Python types that stood in the column, where there was more than one.
    parses_as
        ``"number"`` or ``"date"`` where every text is one.
    """

    name: str
    kind: Kind
    type: str
    rows: int
    missing: int
    distinct: int
    min: Any = None
    max: Any = None
    mean: Any = None
    std: float | None = None
    skewness: float | None = None
    percentiles: tuple[Any, ...] = ()
    histogram: Histogram | None = None
    top: tuple[tuple[Any, int], ...] = ()
    zeros: int = 0
    infinite: int = 0
    outliers: int = 0
    lengths: tuple[int, float, int] | None = None
    mixed: str | None = None
    parses_as: str | None = None

    @property
    def present(self) -> int:
        """How many values are not missing."""
        return self.rows - self.missing

    def quantile(self, q: float) -> Any:
        """Return the value below which a share `q` of the values lies, for whole percents.

        Raises
        ------
        ValueError
            `q` is not a whole percent between 0 and 1, or the column has no order.
        """
        percent = round(q * 100)
        if not 0 <= q <= 1 or abs(percent - q * 100) > 1e-9 or not self.percentiles:
            raise ValueError(
                f"Expected a whole percent from 0 to 1 of an ordered column, got {q!r} of {self.kind}."
            )
        return self.percentiles[percent]

    def bound(self, figure: str) -> float:
        """Return the largest relative error of a figure: 0.0, as all are exact."""
        if not hasattr(self, figure) and figure != "quantile":
            raise ValueError(f"No figure {figure!r}.")
        return 0.0


@dataclass(frozen=True, slots=True)
class Insight:
    """Something about a column, or about the table (`column` is None), that deserves a second look."""

    code: str
    column: str | None
    severity: Severity
    message: str


@dataclass(frozen=True, slots=True)
class Association:
    """How strongly a column goes with the target, from 0 (not at all) to 1 (it decides it)."""

    column: str
    measure: str
    strength: float


@dataclass(frozen=True, slots=True)
class Target:
    """The column to be predicted, and every other column's association with it, strongest first."""

    column: str
    associations: tuple[Association, ...]


@dataclass(frozen=True, slots=True)
class Drift:
    """How far a column of the second table has moved, from 0 (same distribution) to 1 (disjoint)."""

    column: str
    measure: str
    distance: float
    missing: tuple[int, int]
    mean: tuple[Any, Any]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A second table held against the first: drift of the shared columns, largest first."""

    rows: int
    drifts: tuple[Drift, ...]
    only_here: tuple[str, ...]
    only_there: tuple[str, ...]
    kinds_changed: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class Profile:
    """What a table looks like. Shows itself as text, as HTML and as JSON."""

    rows: int = 0
    columns: Mapping[str, Column] = field(default_factory=lambda: MappingProxyType({}))
    insights: tuple[Insight, ...] = ()
    target: Target | None = None
    comparison: Comparison | None = None
    duplicate_rows: int = 0
    origin: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the figures in the schema ``dsml.profile/1``, in JSON's types only."""
        from dsml_magics.profile.schema import dict_of

        return dict_of(self)

    def to_json(self, path: str | os.PathLike[str] | None = None) -> str:
        """Return the figures as JSON text, and write it to `path` if given."""
        from dsml_magics.profile.saving import saved
        from dsml_magics.profile.schema import json_of

        return saved(json_of(self), path)

    def to_html(self, path: str | os.PathLike[str] | None = None) -> str:
        """Return the report as one self-contained page, and write it to `path` if given."""
        from dsml_magics.profile.html import page
        from dsml_magics.profile.saving import saved

        return saved(page(self), path)

    def __str__(self) -> str:
        from dsml_magics.profile.text import text

        return text(self)

    def __repr__(self) -> str:
        return f"<Profile of {self.origin or 'nothing'}: {self.rows:,} rows, {len(self.columns)} columns>"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        from dsml_magics.profile.html import fragment

        return {"text/plain": str(self), "text/html": fragment(self)}
