"""The limits beyond which something deserves a second look."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from dsml_magics.errors import UsageError, hint
from dsml_magics.profile.language import catalog
from dsml_magics.profile.settings import Settings

DEFAULTS: Mapping[str, float] = MappingProxyType(
    {
        "nearly_constant": 0.98,
        "category_imbalance": 0.95,
        "high_cardinality": 50,
        "missing_some": 0.05,
        "missing_much": 0.4,
        "missing_drop": 0.6,
        "missing_together": 0.8,
        "missing_related_to_target": 0.1,
        "duplicate_rows": 0.0,
        "skewed": 2.0,
        "zeros": 0.5,
        "outliers": 0.01,
        "deviants": 0.05,
        "personal": 0.05,
        "associated": 0.9,
        "leakage": 0.98,
        "imbalance": 0.1,
        "drift": 0.1,
        "drift_least": 0.01,
        "correlation_changed": 0.1,
        "false_alarms": 0.01,
        "overlap": 0.01,
        "rows_per_feature": 10,
        "group_rows": 30,
        "disparity": 0.8,
    }
)
"""Each limit and its value where the user gives no other.

nearly_constant
    Share of the values present that are the same one.
category_imbalance
    Share of the values of a category or truth value that are the most frequent one.
high_cardinality
    Number of categories.
missing_some, missing_much, missing_drop
    Share of missing values: from the first on a gap is told from a value when it is filled, from the
    second on it is a severe finding, from the third on the column had better be dropped.
missing_together
    Correlation (phi) of the gaps of two columns.
missing_related_to_target
    Association of the gaps of a column with the target, from 0 to 1.
duplicate_rows
    Share of rows that repeat another; more than that is pointed out.
skewed
    Absolute skewness.
zeros, outliers, deviants
    Share of the values present that are 0, beyond Tukey's outer fences (3 interquartile ranges), or with a
    modified z-score above 3.5. Long tails have many deviants, so their limit is higher.
personal
    Share of the distinct values examined that look like personal data.
associated, leakage
    Association of two columns, and of a column with the target, from 0 to 1. Of a category with numbers, where the
    one does not give back the other, two columns must come closer to 1 by half of what is left.
imbalance
    Share of the target's rarest class; less than that is pointed out.
drift
    Distance of a column's distributions in two tables, or of its shares of missing values or of a new category, from
    0 to 1, from which on a significant difference is a medium finding; from twice as much on it is a severe one.
drift_least, correlation_changed
    Significant differences of a distance or share, and of a correlation, smaller than this are not pointed out.
false_alarms
    Share of comparisons of two tables without any difference in which any column or pair may be pointed out.
overlap
    Distinct rows that stand in both tables, as a share of the rows of the second.
rows_per_feature
    Rows, or rows of the rarest class, a feature after encoding (Peduzzi et al. 1996: 10).
group_rows
    Rows from which on a group of people is compared with others.
disparity
    Ratio of the target among two groups of people (29 CFR 1607.4 D, the four-fifths rule: 0.8).
"""


def limit(settings: Settings, name: str) -> float:
    """Return the user's limit, or the default one."""
    return settings.thresholds.get(name, DEFAULTS[name])


def codes() -> tuple[str, ...]:
    """List the codes of all insights."""
    words = catalog("insight", "en")
    return tuple(key for key in words if key != "bound" and not key.startswith("severity_"))


def check(settings: Settings) -> None:
    """Refuse limits and codes that there are none of.

    Raises
    ------
    UsageError
        With the nearest name.
    """
    _require_known("threshold", settings.thresholds, DEFAULTS)
    _require_known("insight", settings.silenced, codes())


def _require_known(what: str, names: Iterable[str], known: Iterable[str]) -> None:
    for name in sorted(set(names) - set(known)):
        raise UsageError(f"No {what} {name!r}. {hint(name, known, limit=50)}")
