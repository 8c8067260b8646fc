"""The figures of a table, as values: everything the views show."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from dsml_magics.profile.column import Column
from dsml_magics.profile.language import Statement

Severity = Literal["high", "medium", "low"]


@dataclass(frozen=True, slots=True)
class Insight:
    """Something about a column, or about the table (`column` is None), that deserves a second look.

    Attributes
    ----------
    evidence
        The numbers it rests on.
    pandas, polars
        A line that mends it in a frame called ``df``, where one line can.
    """

    code: str
    column: str | None
    severity: Severity
    evidence: Mapping[str, Any] = field(default_factory=dict)
    pandas: str | None = None
    polars: str | None = None

    @property
    def message(self) -> str:
        """What it says, in English."""
        from dsml_magics.profile.language import say

        return say(f"insight.{self.code}", self.evidence)


@dataclass(frozen=True, slots=True)
class Question:
    """One of the nine questions of a data exploration, with its answer and the evidence for it."""

    code: str
    answer: Statement
    evidence: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True)
class Association:
    """How strongly two columns go together, from 0 (not at all) to 1 (one decides the other).

    `bound` is how far `strength` may be off; 0.0 where all rows were used.
    """

    column: str
    other: str
    measure: str
    strength: float
    bound: float = 0.0


@dataclass(frozen=True, slots=True)
class Matrix:
    """The strength of association of each two of the columns; None where it has no measure.

    Negative only for Pearson. `left_out` says how many more columns there are.
    """

    names: tuple[str, ...]
    values: tuple[tuple[float | None, ...], ...]
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Scatter:
    """Points of two numeric columns, at most a few hundred."""

    x: str
    y: str
    measure: str
    strength: float
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class MissingPattern:
    """Columns that are missing in the same rows, and how many rows these are."""

    columns: tuple[str, ...]
    rows: int


@dataclass(frozen=True, slots=True)
class Missing:
    """Where values are missing.

    Attributes
    ----------
    cells, complete
        Missing cells of the table, and rows without any.
    patterns
        The most frequent patterns, the complete rows left out, at most ten.
    together
        Pairs of columns with the correlation of their gaps (phi), strongest first, at most twenty.
    bound
        How far the counts of rows may be off, as a share of all rows; `cells` is exact.
    """

    cells: int = 0
    complete: int = 0
    patterns: tuple[MissingPattern, ...] = ()
    together: tuple[tuple[str, str, float], ...] = ()
    bound: float = 0.0


@dataclass(frozen=True, slots=True)
class TargetGroup:
    """The target among the rows where a column has this value, or lies in this range.

    Attributes
    ----------
    shares
        Share of each of the target's classes; empty where the target is a quantity.
    mean, lower, upper
        Mean and quartiles of the target; None where it has classes.
    """

    label: str
    rows: int
    shares: tuple[float, ...] = ()
    mean: float | None = None
    lower: float | None = None
    upper: float | None = None


@dataclass(frozen=True, slots=True)
class TargetPlot:
    """How the target goes with one column."""

    column: str
    groups: tuple[TargetGroup, ...]


@dataclass(frozen=True, slots=True)
class Target:
    """The column to be predicted, and every other column's association with it, strongest first.

    Attributes
    ----------
    task
        ``"classes"`` or ``"values"``.
    classes
        The classes that the shares of the plots stand for, most frequent first; the last may be None for all others.
    plots
        The target by column, of the strongest associations.
    gaps
        How strongly the target goes with whether a column is missing, of the columns with gaps, strongest first.
    """

    column: str
    associations: tuple[Association, ...]
    task: Literal["classes", "values"] = "values"
    classes: tuple[Any, ...] = ()
    plots: tuple[TargetPlot, ...] = ()
    gaps: tuple[Association, ...] = ()


@dataclass(frozen=True, slots=True)
class CategoryChange:
    """A category that only one of two tables has, and how many of its rows have it."""

    value: Any
    rows: int


@dataclass(frozen=True, slots=True)
class CorrelationChange:
    """Two columns whose rank correlation (Spearman) differs between the tables.

    Attributes
    ----------
    correlation
        In the first and in the second table.
    p_value
        As in `Drift`.
    bound
        How far each correlation may be off, where a sample was ranked; 0.0 where all rows were.
    """

    column: str
    other: str
    correlation: tuple[float, float]
    p_value: float
    bound: float = 0.0


@dataclass(frozen=True, slots=True)
class Drift:
    """How far a column of the second table has moved, from 0 (same distribution) to 1 (disjoint).

    Size and significance are told apart: a large distance of few rows may be chance, a small one of many rows is not.
    Each probability is corrected for all tests of the comparison (Holm 1979): of tables without a difference, the
    share `Comparison.false_alarms` has any below that share.

    Attributes
    ----------
    distance
        Kolmogorov-Smirnov distance, or total variation distance of categories. Missing is a value of its own: it
        counts as one more category, or as a value before or behind all others, whichever is further.
    effect
        Effect size: difference of means in pooled standard deviations (Cohen 1988) for numbers, Cohen's w for
        categories; None where there is none.
    bound
        How far `distance` may be off.
    present_distance
        The distance among the values present; None where these cannot be compared.
    p_value
        Probability that chance alone moves the values present as far; None where they cannot be compared.
    missing_p_value
        Probability that chance alone changes the share of missing values as much; None where nothing is missing.
    new_categories, lost_categories
        Categories that only the second table has, and only the first, too frequent for chance; at most ten.
    """

    column: str
    measure: str
    distance: float
    missing: tuple[int, int]
    mean: tuple[Any, Any]
    effect: float | None = None
    bound: float = 0.0
    present_distance: float | None = None
    p_value: float | None = None
    missing_p_value: float | None = None
    new_categories: tuple[CategoryChange, ...] = ()
    lost_categories: tuple[CategoryChange, ...] = ()

    def is_significant(self, level: float) -> bool:
        """Tell whether anything of the column differs by more than chance."""
        found = [p for p in (self.p_value, self.missing_p_value) if p is not None]
        return bool(self.new_categories or self.lost_categories) or min(found, default=1.0) <= level


@dataclass(frozen=True, slots=True)
class Comparison:
    """A second table compared with the first: drift of the shared columns, significant ones first, then by distance.

    Attributes
    ----------
    columns
        The figures of the second table.
    overlap
        How many distinct rows stand in both tables; None where the columns differ.
    overlap_bound
        How far it may be off, as a share of the second table's distinct rows.
    types_changed, kinds_changed
        Name, type or kind here, and there.
    false_alarms
        Of comparisons of tables that do not differ, the share that may raise any alarm; None where it is not known.
    tests
        How many tests that is divided among.
    correlations
        Pairs of numbers or truth values whose correlation differs by more than chance, by the difference.
    names
        What the user calls both tables; empty where that is not known.
    unpaired
        Columns of numbers or truth values whose correlations were not compared, as there are too many.
    """

    rows: int
    drifts: tuple[Drift, ...]
    only_here: tuple[str, ...]
    only_there: tuple[str, ...]
    kinds_changed: tuple[tuple[str, str, str], ...] = ()
    types_changed: tuple[tuple[str, str, str], ...] = ()
    overlap: int | None = None
    overlap_bound: float = 0.0
    columns: Mapping[str, Column] = field(default_factory=lambda: MappingProxyType({}))
    origin: str = ""
    false_alarms: float | None = None
    tests: int = 0
    correlations: tuple[CorrelationChange, ...] = ()
    names: tuple[str, str] = ("", "")
    unpaired: int = 0

    def is_significant(self, drift: Drift) -> bool:
        """Tell whether anything of a column differs by more than chance."""
        return self.false_alarms is not None and drift.is_significant(self.false_alarms)


@dataclass(frozen=True, slots=True)
class Group:
    """A group of rows, as one sex or one age range, with its size and what the target is like in it.

    Attributes
    ----------
    share
        Of all rows.
    target
        Share of the target's rarest of two classes, or of its most frequent class, or its mean; None without a target.
    missing
        Mean share of missing cells in the rows of the group.
    """

    column: str
    label: str
    rows: int
    share: float
    target: float | None = None
    missing: float = 0.0


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything a profile says, as plain values: what the views show.

    Attributes
    ----------
    duplicate_rows, duplicate_bound
        Rows whose equal stands in another row, the first not counted; and how far that may be off, as a share of the rows.
    associations
        Pairs of columns, strongest first.
    examined
        Rows that pairs of columns and patterns were looked for in; all where it equals `rows`.
    unpaired
        Columns that were not paired with every other one, as there are too many: of their pairs those were measured that
        go together strongly by the ranks of some rows.
    groups
        Groups of people that the target may treat differently, of the columns the user named or that look sensitive.
    notes
        What was changed while the table was opened.
    """

    rows: int = 0
    columns: Mapping[str, Column] = field(default_factory=lambda: MappingProxyType({}))
    insights: tuple[Insight, ...] = ()
    questions: tuple[Question, ...] = ()
    associations: tuple[Association, ...] = ()
    matrix: Matrix | None = None
    scatters: tuple[Scatter, ...] = ()
    missing: Missing = Missing()
    target: Target | None = None
    comparison: Comparison | None = None
    duplicate_rows: int = 0
    duplicate_bound: float = 0.0
    examined: int = 0
    unpaired: int = 0
    groups: tuple[Group, ...] = ()
    origin: str = ""
    notes: tuple[Statement, ...] = ()

    @property
    def is_exact(self) -> bool:
        """Whether every figure is."""
        columns = [*self.columns.values(), *(self.comparison.columns.values() if self.comparison else ())]
        return self.examined == self.rows and not any(column.bounds for column in columns)
