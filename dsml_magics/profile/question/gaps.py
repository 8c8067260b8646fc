"""How much is missing, and how it should be treated."""

from collections import Counter
from collections.abc import Iterator

from dsml_magics.profile.column import Column
from dsml_magics.profile.figures import Figures
from dsml_magics.profile.insight.evidence import share, shown, within
from dsml_magics.profile.insight.treatment import Treatment, Way, treatments
from dsml_magics.profile.language import Statement
from dsml_magics.profile.question.saying import Answer, first, some, state
from dsml_magics.profile.settings import Settings

_FILLED: tuple[Way, ...] = ("median", "frequent", "category", "interpolate", "empty", "presence")


def missing(figures: Figures, _settings: Settings) -> Answer:
    """Count the missing cells and the complete rows, and name the columns and patterns."""
    gappy = _with_gaps(figures)
    cells = figures.rows * len(figures.columns)
    if not gappy:
        return state("missing_none", rows=figures.rows, columns=len(figures.columns)), ()
    gone = sum(column.missing for column in gappy)
    answer = state(
        "missing_answer",
        cells=gone,
        share=share(gone, cells),
        columns=len(gappy),
        of=len(figures.columns),
        complete=figures.missing.complete,
        rows=figures.rows,
        whole=share(figures.missing.complete, figures.rows),
        **within(figures.missing.bound, of=figures.rows),
    )
    listed = first((_column(column) for column in gappy), most=4)
    return answer, (*listed, *_patterns(figures))


def _with_gaps(figures: Figures) -> list[Column]:
    gappy = [column for column in figures.columns.values() if column.missing]
    return sorted(gappy, key=lambda column: -column.missing)


def _column(column: Column) -> Statement:
    return state(
        "missing_column",
        column=column.name,
        missing=column.missing,
        share=share(column.missing, column.rows),
    )


def _patterns(figures: Figures) -> Iterator[Statement]:
    """Name the most frequent pattern of several columns."""
    for pattern in figures.missing.patterns:
        if len(pattern.columns) > 1:
            yield state(
                "missing_pattern",
                columns=some(pattern.columns),
                count=len(pattern.columns),
                rows=pattern.rows,
                **within(figures.missing.bound, of=figures.rows),
            )
            return


def treatment(figures: Figures, settings: Settings) -> Answer:
    """Name a treatment for the gaps of each column, with the reason."""
    gappy = _with_gaps(figures)
    if not gappy:
        return state("treatment_none"), ()
    chosen = treatments(figures, settings)
    found = [(column, chosen[column.name]) for column in gappy]
    ways = Counter(each.way for _, each in found)
    answer = state(
        "treatment_answer",
        columns=len(gappy),
        drop=ways["drop"],
        fill=sum(ways[way] for way in _FILLED),
        rows=ways["rows"],
        convert=ways["convert"],
        keep=ways["keep"],
        indicator=sum(each.indicator for _, each in found),
    )
    # What goes with the target comes first, then what is missing most.
    found.sort(key=lambda each: -each[1].related.strength if each[1].related else 0.0)
    return answer, first(_treated(column, each) for column, each in found)


def _treated(column: Column, found: Treatment) -> Statement:
    values = {"column": column.name, "share": share(column.missing, column.rows), "missing": column.missing}
    if found.way == "median":
        values["skewness"] = column.skewness or 0.0
    if found.way == "frequent" and column.top:
        values["value"] = shown(column, column.top[0][0])
    if found.related is not None:
        values["strength"] = found.related.strength
        return state(f"treatment_{found.way}_related", **values)
    return state(f"treatment_{found.way}{'_indicator' if found.indicator else ''}", **values)
