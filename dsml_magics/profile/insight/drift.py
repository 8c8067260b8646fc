"""What is different in the second table: distributions, gaps, categories, correlations, columns, types; and shared rows."""

from collections.abc import Iterator
from typing import Any

from dsml_magics.profile.figures import CategoryChange, Comparison, Drift, Figures, Insight, Severity
from dsml_magics.profile.insight.evidence import share, shown, within
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

_NAMED = 3
"""So many categories are named."""
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
    """Columns whose values, gaps or categories differ by more than chance, graded by how far they do."""
    comparison = figures.comparison
    if not comparison or comparison.false_alarms is None:
        return
    for found in comparison.drifts:
        if comparison.is_significant(found):
            yield from _moved(comparison, found, settings)
            yield from _gaps_changed(figures, comparison, found, settings)
            yield from _categories(figures, comparison, found, settings)


def _moved(comparison: Comparison, found: Drift, settings: Settings) -> Iterator[Insight]:
    if found.present_distance is None or not _is_significant(found.p_value, comparison):
        return
    if severity := _severity(found.present_distance, settings):
        evidence = {
            **_tables(comparison),
            "measure": found.measure,
            "distance": found.present_distance,
            "effect": found.effect,
            "p_value": found.p_value,
            **within(found.bound, whole=False),
        }
        yield Insight("drift", found.column, severity, evidence)


def _gaps_changed(
    figures: Figures, comparison: Comparison, found: Drift, settings: Settings
) -> Iterator[Insight]:
    gaps = share(found.missing[0], figures.rows), share(found.missing[1], comparison.rows)
    severity = _severity(abs(gaps[1] - gaps[0]), settings)
    if severity and _is_significant(found.missing_p_value, comparison):
        evidence = {
            **_tables(comparison),
            "share": gaps[0],
            "other": gaps[1],
            "p_value": found.missing_p_value,
        }
        yield Insight("missing_changed", found.column, severity, evidence)


def _categories(
    figures: Figures, comparison: Comparison, found: Drift, settings: Settings
) -> Iterator[Insight]:
    for code, changes, rows in (
        ("category_new", found.new_categories, comparison.rows - found.missing[1]),
        ("category_gone", found.lost_categories, figures.rows - found.missing[0]),
    ):
        part = share(sum(change.rows for change in changes), rows)
        if severity := _severity(part, settings) if changes else None:
            evidence = {
                **_tables(comparison),
                "values": _names(figures, comparison, found.column, changes),
                "categories": len(changes),
                "share": part,
            }
            yield Insight(code, found.column, severity, evidence)


def correlations_changed(figures: Figures, settings: Settings) -> Iterator[Insight]:
    """Pairs of columns that go together otherwise: what a model learned of them no longer holds."""
    comparison = figures.comparison
    least = limit(settings, "correlation_changed")
    for pair in comparison.correlations if comparison else ():
        moved = abs(pair.correlation[1] - pair.correlation[0])
        if comparison and moved >= least:
            evidence = {
                **_tables(comparison),
                "other": pair.other,
                "correlation": pair.correlation[0],
                "correlation_compared": pair.correlation[1],
                "p_value": pair.p_value,
                **within(pair.bound, whole=False),
            }
            severity: Severity = "high" if moved >= 5 * least else "medium" if moved >= 2 * least else "low"
            yield Insight("correlation_changed", pair.column, severity, evidence)


def columns_changed(figures: Figures, _settings: Settings) -> Iterator[Insight]:
    """Columns in one of the tables only, or of another type."""
    comparison = figures.comparison
    if not comparison:
        return
    tables = _tables(comparison)
    for name in comparison.only_here:
        yield Insight(
            "column_gone", name, "high", {"columns": len(comparison.columns), **tables}, *drop(name)
        )
    for name in comparison.only_there:
        yield Insight("column_new", name, "medium", {"columns": len(figures.columns), **tables})
    for name, here, there in comparison.types_changed:
        if not {here, there} <= set(_TEXTS):
            yield Insight(
                "type_changed",
                name,
                "medium",
                {"type": here, "other": there, **tables},
                *_cast(name, here, there),
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


def _tables(comparison: Comparison) -> dict[str, Any]:
    """Name both tables."""
    return {"table": comparison.names[0], "compared": comparison.names[1]}


def _names(
    figures: Figures, comparison: Comparison, name: str, changes: tuple[CategoryChange, ...]
) -> tuple[Any, ...]:
    """Name the most frequent categories, unless the column holds personal data in either table."""
    columns = figures.columns[name], comparison.columns[name]
    column = next((each for each in columns if each.personal), columns[0])
    return tuple(str(shown(column, change.value)) for change in changes[:_NAMED])


def _is_significant(p_value: float | None, comparison: Comparison) -> bool:
    return p_value is not None and comparison.false_alarms is not None and p_value <= comparison.false_alarms


def _severity(size: float, settings: Settings) -> Severity | None:
    """Grade a significant difference by its size; None where it is too small to matter."""
    least = limit(settings, "drift")
    if size < min(least, limit(settings, "drift_least")):
        return None
    return "high" if size >= 2 * least else "medium" if size >= least else "low"


def _cast(name: str, here: str, there: str) -> Mend:
    """Give the column the type it has in the second table, where no value is lost."""
    widened = here.startswith(("int", "uint", "float", "halffloat")) and there in ("double", *_TEXTS)
    whole = here in ("int8", "int16", "int32", "uint8", "uint16", "uint32") and there == "int64"
    if not widened and not whole:
        return NOT_AT_ALL
    pandas, polars = _TYPES[there]
    return replace(name, f"{pandas_column(name)}.astype({pandas!r})", f"{polars_column(name)}.cast({polars})")
