"""What is different in the second table: distributions, gaps, columns, types; and rows that stand in both."""

import math
from collections.abc import Iterator

from dsml_magics.profile.figures import Comparison, Drift, Figures, Insight, Severity
from dsml_magics.profile.insight.evidence import share, within
from dsml_magics.profile.insight.mend import (
    NOT_AT_ALL,
    Mend,
    drop,
    pandas_column,
    polars_column,
    replace,
)
from dsml_magics.profile.settings import Settings
from dsml_magics.profile.threshold import limit

_CHANCE = 1.95
"""Two samples of the same values differ by more than this, over the root of their harmonic size, once in 1,000 times."""
_A_PAIR, _A_CATEGORY = 1.3, 0.4
"""The same for shares, as simulated: with the root of the number of categories less one, of 2 to 200."""
_TYPES = {
    "double": ("float64", "pl.Float64"),
    "int64": ("int64", "pl.Int64"),
    "string": ("str", "pl.String"),
    "large_string": ("str", "pl.String"),
    "string_view": ("str", "pl.String"),
}
"""What both libraries call an Arrow type that other values can be turned into."""
_TEXTS = ("string", "large_string", "string_view")


def drifted(figures: Figures, settings: Settings) -> Iterator[Insight]:
    """Columns with other values, or with more or fewer gaps, than chance explains."""
    least = limit(settings, "drift")
    for found in figures.comparison.drifts if figures.comparison else ():
        rows = _rows(figures, found)
        if found.distance >= max(least, _by_chance(figures, found, rows)):
            evidence = {
                "measure": found.measure,
                "distance": found.distance,
                "effect": found.effect,
                **within(found.bound, whole=False),
            }
            yield Insight("drift", found.column, _severity(found.distance, least), evidence)
        gaps = _gaps(figures, found)
        if abs(gaps[1] - gaps[0]) >= max(least, _CHANCE * _unit(_all_rows(figures))):
            evidence = {"share": gaps[0], "other": gaps[1]}
            yield Insight("missing_changed", found.column, _severity(abs(gaps[1] - gaps[0]), least), evidence)


def columns_changed(figures: Figures, _settings: Settings) -> Iterator[Insight]:
    """Columns in one of the tables only, or of another type."""
    comparison = figures.comparison
    if not comparison:
        return
    for name in comparison.only_here:
        yield Insight("column_gone", name, "high", {"columns": len(comparison.columns)}, *drop(name))
    for name in comparison.only_there:
        yield Insight("column_new", name, "medium", {"columns": len(figures.columns)})
    for name, here, there in comparison.types_changed:
        if not {here, there} <= set(_TEXTS):
            yield Insight(
                "type_changed", name, "medium", {"type": here, "other": there}, *_cast(name, here, there)
            )


def overlap(figures: Figures, settings: Settings) -> Iterator[Insight]:
    """Rows that stand in both tables: a model is tested on what it has learned."""
    comparison = figures.comparison
    if not comparison or not comparison.overlap:
        return
    if comparison.overlap >= limit(settings, "overlap") * comparison.rows:
        evidence = {
            "overlap": comparison.overlap,
            "rows": comparison.rows,
            "share": share(comparison.overlap, comparison.rows),
            **within(comparison.overlap_bound, of=comparison.rows),
        }
        # Of few combinations of values, many stand in both tables as they repeat in one.
        natural = 2 * figures.duplicate_rows >= evidence["share"] * figures.rows
        yield Insight("overlap", None, "medium" if natural else "high", evidence)


def _severity(distance: float, least: float) -> Severity:
    return "high" if distance >= 2 * least else "medium"


def _all_rows(figures: Figures) -> tuple[int, int]:
    return figures.rows, figures.comparison.rows if figures.comparison else 0


def _rows(figures: Figures, found: Drift) -> tuple[int, int]:
    """Count the values present in both tables."""
    here, there = _all_rows(figures)
    return here - found.missing[0], there - found.missing[1]


def _gaps(figures: Figures, found: Drift) -> tuple[float, float]:
    here, there = _all_rows(figures)
    return share(found.missing[0], here), share(found.missing[1], there)


def _unit(rows: tuple[int, int]) -> float:
    return math.sqrt(1 / max(rows[0], 1) + 1 / max(rows[1], 1))


def _by_chance(figures: Figures, found: Drift, rows: tuple[int, int]) -> float:
    """Tell how far two samples of the same values lie apart at most, but once in 1,000 times.

    Numbers: the limit of Kolmogorov (1933) and Smirnov (1939). Categories: more, as each of them adds to the
    distance.
    """
    if found.measure == "Kolmogorov-Smirnov":
        return _CHANCE * _unit(rows)
    categories = _categories(figures.comparison, figures, found.column)
    return (_A_PAIR + _A_CATEGORY * math.sqrt(max(categories - 1, 1))) * _unit(rows)


def _categories(comparison: Comparison | None, figures: Figures, name: str) -> int:
    there = comparison.columns.get(name) if comparison else None
    return max(figures.columns[name].distinct, there.distinct if there else 0)


def _cast(name: str, here: str, there: str) -> Mend:
    """Give the column the type it has in the second table, where no value is lost."""
    widened = here.startswith(("int", "uint", "float", "halffloat")) and there in ("double", *_TEXTS)
    whole = here in ("int8", "int16", "int32", "uint8", "uint16", "uint32") and there == "int64"
    if not widened and not whole:
        return NOT_AT_ALL
    pandas, polars = _TYPES[there]
    return replace(name, f"{pandas_column(name)}.astype({pandas!r})", f"{polars_column(name)}.cast({polars})")
