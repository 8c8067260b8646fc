"""The figures of one column, as values. How they are measured and shown lives in the modules beside."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from dsml_magics.errors import UsageError, hint
from dsml_magics.profile.language import Statement
from dsml_magics.profile.notation import Notation

if TYPE_CHECKING:
    from dsml_magics.profile.sketch.frequent import Counts
    from dsml_magics.profile.sketch.quantiles import Points

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
    "other",
    "empty",
]
ORDERED = ("numeric", "datetime", "date", "time", "duration")
"""Kinds whose values have distances."""
GROUPED = ("categorical", "boolean")
"""Kinds whose values name groups."""


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts of values in adjoining bins; `edges` has one more entry than `counts`.

    The last bin includes its right edge, as in numpy. Missing and infinite values are in no bin.
    """

    edges: tuple[Any, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """What the texts of a column are like.

    Attributes
    ----------
    shortest, mean, longest
        Lengths in characters.
    blank
        How many values are empty or nothing but white space.
    words
        Mean number of words, over `examined` distinct values.
    scripts
        Scripts with the share of the examined values they occur in, as ``("Hangul", 0.4)``.
    examined
        How many distinct values words and scripts were counted in; all where it is the column's `distinct`.
    """

    shortest: int
    mean: float
    longest: int
    blank: int
    words: float | None = None
    scripts: tuple[tuple[str, float], ...] = ()
    examined: int = 0


@dataclass(frozen=True, slots=True)
class Time:
    """How the moments of a column follow each other.

    Attributes
    ----------
    timezone
        As Arrow names it; None for local times.
    step, step_share
        The most frequent distance of neighbouring distinct moments, and its share among these distances.
    gap, gap_after
        The longest distance of neighbouring moments, and the moment before it; None where it is not known.
    monotonic
        Whether the rows stand in the order of this column.
    """

    timezone: str | None = None
    step: Any = None
    step_share: float | None = None
    gap: Any = None
    gap_after: Any = None
    monotonic: Literal["increasing", "decreasing"] | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """The figures of one column.

    Attributes
    ----------
    kind
        What the column is, as inferred from its type and values, or as the user said.
    type
        Its Arrow type; ``object`` with the Python types, for objects that no table format holds.
    evidence
        Why it is of this kind.
    rows, missing, distinct
        Counts; NaN counts as missing, missing values are not among the distinct ones.
    min, max, mean
        Of the values present, in the column's own unit; None where the kind has no order.
    std
        Standard deviation with ``n - 1`` in the denominator, as pandas has it; numbers only.
    skewness, kurtosis
        Third and fourth standardised moments of the finite values (kurtosis of a normal distribution: 0).
    percentiles
        The 101 percentiles 0, 1, ..., 100, interpolated linearly as pandas does.
    histogram
        None where the kind has no order.
    top
        The most frequent values with their counts, most frequent first, at most ten.
    zeros, negative, infinite
        How many values are 0, are below 0, and are infinite.
    outliers
        How many finite values lie beyond Tukey's outer fences, 3 interquartile ranges from the quartiles; none of
        fewer than 8.
    deviants
        How many finite values have a modified z-score above 3.5 (Iglewicz and Hoaglin 1993), which
        holds their distance from the median against the median of these distances (MAD); none of fewer than 8, or
        where half of all are one value.
    text, time
        What is particular to texts and to moments.
    mixed
        The Python types that stood in the column, where there was more than one.
    parses_as
        ``"number"`` or ``"date"`` where every text examined is one.
    variants
        Spellings that differ by case or blanks only, as ``(("Seoul", "seoul "), ...)``.
    personal
        Kinds of personal data with the share of the examined values that look like it, as ``("email", 0.98)``.
    bounds
        The bound of each figure that is not exact; see `bound`.
    points
        The distribution that quantiles are read from (`sketch.quantiles.Points`); None when read from JSON.
    counts
        Value counts (`sketch.frequent.Counts`), where they are kept; None when read from JSON.
    notation
        How texts that are numbers or dates are written (`notation.Notation`); None when read from JSON.
    """

    name: str
    kind: Kind
    type: str
    rows: int
    missing: int
    distinct: int
    evidence: Statement | None = None
    min: Any = None
    max: Any = None
    mean: Any = None
    std: float | None = None
    skewness: float | None = None
    kurtosis: float | None = None
    percentiles: tuple[Any, ...] = ()
    histogram: Histogram | None = None
    top: tuple[tuple[Any, int], ...] = ()
    zeros: int = 0
    negative: int = 0
    infinite: int = 0
    outliers: int = 0
    deviants: int = 0
    text: Text | None = None
    time: Time | None = None
    mixed: str | None = None
    parses_as: str | None = None
    variants: tuple[tuple[str, ...], ...] = ()
    personal: tuple[tuple[str, float], ...] = ()
    bounds: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    points: "Points | None" = field(default=None, repr=False, compare=False)
    counts: "Counts | None" = field(default=None, repr=False, compare=False)
    notation: Notation | None = field(default=None, repr=False, compare=False)

    @property
    def present(self) -> int:
        """How many values are not missing."""
        return self.rows - self.missing

    def quantile(self, q: float) -> Any:
        """Return the value below which a share `q` of the values lies.

        Raises
        ------
        UsageError
            `q` is not between 0 and 1, or the column has no order.
        """
        if not 0 <= q <= 1 or not self.percentiles:
            raise UsageError(f"Expected a share from 0 to 1 of an ordered column, got {q!r} of {self.kind}.")
        percent = round(q * 100)
        if percent / 100 == q:
            return self.percentiles[percent]
        if self.points is not None:
            return self.points.quantile(q)
        raise UsageError(
            f"Expected a whole percent, got {q!r}: a profile read from JSON has no more than the percentiles. "
            "Keep it by `to_bytes` for the others."
        )

    def bound(self, figure: str) -> float:
        """Return how far a figure may be off; 0.0 where it is exact.

        ``distinct`` and the counts of ``top``: as a share of the figure. ``outliers`` and ``deviants``: as a share of
        the values present. ``quantile``, ``percentiles`` and ``histogram``: as a share of the rows.

        Raises
        ------
        UsageError
            There is no such figure.
        """
        figures = sorted({*Column.__slots__, "quantile"} - {"bounds", "points", "counts", "notation"})
        if figure not in figures:
            raise UsageError(f"No figure {figure!r}. {hint(figure, figures)}")
        return self.bounds.get("percentiles" if figure == "quantile" else figure, 0.0)
