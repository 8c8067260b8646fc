"""Columns that tell little, or too much: one value, one dominant value, a value a row, many categories."""

from collections.abc import Iterator

from dsml_magics.profile.bands import OTHER
from dsml_magics.profile.column import GROUPED, Column
from dsml_magics.profile.figures import Figures, Insight
from dsml_magics.profile.insight.evidence import HIDDEN, is_target, most_frequent, shown, within
from dsml_magics.profile.insight.mend import (
    NOT_AT_ALL,
    Mend,
    drop,
    pandas_column,
    polars_column,
    polars_text,
    replace,
)
from dsml_magics.profile.settings import Settings
from dsml_magics.profile.threshold import limit

_KEPT = 20
"""So many categories are kept where the others become one."""


def constant(figures: Figures, _settings: Settings) -> Iterator[Insight]:
    """Columns with one value, in every row or wherever there is one; of the latter, `missing` treats the gaps."""
    for column in figures.columns.values():
        if column.kind == "constant" or (column.distinct == 1 and not column.bound("distinct")):
            value = shown(column, column.top[0][0]) if column.top else HIDDEN
            evidence = {"value": value, "rows": column.present, "missing": column.missing}
            mend = NOT_AT_ALL if column.missing else _dropped(figures, column)
            yield Insight("constant", column.name, "medium", evidence, *mend)


def dominated(figures: Figures, settings: Settings) -> Iterator[Insight]:
    """Columns in which one value stands for nearly all, or one category for most."""
    nearly, most = limit(settings, "nearly_constant"), limit(settings, "category_imbalance")
    for column in figures.columns.values():
        if column.distinct < 2 or not column.top or is_target(figures, column.name):
            continue
        evidence = most_frequent(column)
        if evidence["share"] >= nearly:
            yield Insight("nearly_constant", column.name, "low", evidence, *drop(column.name))
        elif evidence["share"] >= most and column.kind in GROUPED:
            yield Insight("category_imbalance", column.name, "low", evidence)


def identifier(figures: Figures, _settings: Settings) -> Iterator[Insight]:
    """Columns with another value in each row."""
    for column in figures.columns.values():
        if column.kind == "identifier":
            evidence = {
                "distinct": column.distinct,
                "rows": column.rows,
                **within(column.bound("distinct"), of=column.distinct),
            }
            yield Insight("identifier", column.name, "medium", evidence, *_dropped(figures, column))


def high_cardinality(figures: Figures, settings: Settings) -> Iterator[Insight]:
    """Categories that are too many for a column each."""
    most = limit(settings, "high_cardinality")
    for column in figures.columns.values():
        told = column.parses_as or column.mixed or column.personal
        if column.kind == "categorical" and column.distinct > most and not told:
            evidence = {
                "distinct": column.distinct,
                "limit": most,
                **within(column.bound("distinct"), of=column.distinct),
            }
            kept = min(_KEPT, int(most) - 1)
            merge = not is_target(figures, column.name) and kept >= 1 and _covers_most(column, kept)
            mend = _most_frequent(column, kept) if merge else NOT_AT_ALL
            yield Insight("high_cardinality", column.name, "low", evidence, *mend)


def _dropped(figures: Figures, column: Column) -> Mend:
    return NOT_AT_ALL if is_target(figures, column.name) else drop(column.name)


def _covers_most(column: Column, number: int) -> bool:
    """Tell whether the most frequent categories hold half of the values: else merging the others would lose most."""
    counts = sorted(column.counts.counts.values(), reverse=True) if column.counts else []
    return 2 * sum(counts[:number]) >= column.present


def _most_frequent(column: Column, number: int) -> Mend:
    """Keep the most frequent categories; all others become one."""
    name = column.name
    ours, theirs = pandas_column(name), polars_text(column)
    counted = "rows" if name != "rows" else "count"
    frequent = f"df.get_column({name!r}).drop_nulls().value_counts(sort=True, name={counted!r}).to_series().head({number})"
    return replace(
        name,
        f"{ours}.astype(object).where({ours}.isin({ours}.value_counts().index[:{number}]) | {ours}.isna(), {OTHER!r})",
        f"pl.when({polars_column(name)}.is_in({frequent}.to_list()) | {polars_column(name)}.is_null())"
        f".then({theirs}).otherwise(pl.lit({OTHER!r}))",
    )
