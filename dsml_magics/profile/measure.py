"""Measure a table: keep what its profile needs, and read every figure from that."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePath
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from dsml_magics.errors import ColumnNotFound, TableEmpty, hint
from dsml_magics.frames.opening import open_table
from dsml_magics.profile.column import Column
from dsml_magics.profile.figures import Comparison, Figures
from dsml_magics.profile.language import Statement
from dsml_magics.profile.settings import DEFAULT, Settings
from dsml_magics.profile.threshold import check, limit
from dsml_magics.profile.value import Profile

if TYPE_CHECKING:
    from dsml_magics.frames.table import Table
    from dsml_magics.profile.language import Language
    from dsml_magics.profile.state import State


def profile_of(data: Any) -> Profile:
    """Profile a table of any kind.

    Raises
    ------
    DataError
        It cannot be opened or read.
    """
    from dsml_magics.profile.state import state_of

    table = open_table(data)
    if table.partitions is not None:
        from dsml_magics.profile.parts import profile_of_parts

        profile = profile_of_parts(table.partitions)
    else:
        profile = Profile(state_of(table))
    notes = tuple(Statement(f"note.{note.code}", note.values) for note in table.notes)
    return replace(profile, origin=table.origin, notes=notes, literals=table.literals)


def measure(
    data: Any, *, settings: Settings = DEFAULT, compare: Any = None, language: "Language" = "en"
) -> Profile:
    """Profile a table with rows, check what the user asked for, and read the figures.

    Raises
    ------
    DataError
        A table cannot be opened or has no rows, or a column that was named is not there or of no use.
    UsageError
        A kind, a threshold or an insight is not known.
    """
    check(settings)
    table = open_table(data)
    other = open_table(compare) if compare is not None else None
    for name in (settings.target, *settings.groups, *settings.kinds):
        if name is not None:
            table.require_column(name)
    profile = replace(profile_of(table), settings=settings, language=language)
    if other is not None:
        second = profile_of(other)
        notes = (*profile.notes, *(note for note in second.notes if note not in profile.notes))
        names = names_of((data, table), (compare, other))
        compared = second.require_state(), other.origin
        profile = replace(profile, compared=compared, names=names, notes=notes)
    for part in filter(None, (profile, second if other is not None else None)):
        if not part.require_state().rows:
            raise TableEmpty(
                f"Expected rows, got none in {part.origin} ({part.require_state().width} columns)."
            )
    _ = profile.figures
    return profile


def names_of(*sources: "tuple[Any, Table]") -> tuple[str, str]:
    """Name two tables by their files, expressions or variables; empty where that does not tell them apart."""
    from dsml_magics.command.naming import name_of

    first, second = (
        PurePath(table.origin.rstrip("/")).name if table.is_file else name_of(source)
        for source, table in sources
    )
    if first == second and all(table.is_file for _, table in sources):
        first, second = (table.origin for _, table in sources)
    return (first, second) if first and second and first != second else ("", "")


def figures_of(profile: Profile) -> Figures:
    """Read all figures from what a profile keeps."""
    from dsml_magics.profile.association import pairs
    from dsml_magics.profile.bias import groups_of
    from dsml_magics.profile.insight import insights
    from dsml_magics.profile.insight.literal import with_literals
    from dsml_magics.profile.missing import missing_of
    from dsml_magics.profile.question import questions
    from dsml_magics.profile.target import require_usable, target_of

    state, settings = profile.require_state(), profile.settings
    sketch = state.sketch
    columns = columns_of(state, settings)
    if settings.target is not None:
        require_usable(columns[settings.target])
    found = pairs(columns, sketch.sample, sketch.gram, settings=settings)
    duplicates, off = sketch.sample.duplicates()
    figures = Figures(
        rows=sketch.rows,
        columns=columns,
        associations=found.associations,
        matrix=found.matrix,
        scatters=found.scatters,
        missing=missing_of(columns, sketch.sample),
        target=target_of(columns, sketch.sample, sketch.gram, target=settings.target)
        if settings.target is not None
        else None,
        groups=groups_of(columns, sketch.sample, target=settings.target, named=settings.groups),
        comparison=comparison_of(profile, columns) if profile.compared else None,
        duplicate_rows=duplicates,
        duplicate_bound=off,
        unpaired=found.left_out,
        examined=int(sketch.sample.weights.sum()),
        origin=profile.origin,
        notes=profile.notes,
    )
    found_insights = insights(figures, settings)
    figures = replace(figures, insights=with_literals(found_insights, profile.literals))
    return replace(figures, questions=questions(figures, settings))


def columns_of(state: "State", settings: Settings = DEFAULT) -> Mapping[str, Column]:
    """Read the figures of each column."""
    from dsml_magics.profile.describe import column_of
    from dsml_magics.profile.kind import check_said

    sketch = state.sketch
    for name in settings.kinds:
        if name not in sketch.columns:
            raise ColumnNotFound(f"No column {name!r} to be of a kind. {hint(name, list(sketch.columns))}")
    found = {
        name: column_of(
            column,
            sketch.sample,
            said=check_said(column, settings.kinds[name]) if name in settings.kinds else None,
        )
        for name, column in sketch.columns.items()
    }
    return MappingProxyType(found)


def comparison_of(profile: Profile, columns: Mapping[str, Column]) -> Comparison:
    """Compare the second table of a profile with the columns of the first."""
    from dsml_magics.profile.coded import Coded
    from dsml_magics.profile.correlation import changed_correlations, with_strengths
    from dsml_magics.profile.drift import comparison

    state, origin = profile.compared or (profile.require_state(), "")
    known = {name: kind for name, kind in profile.settings.kinds.items() if name in state.sketch.columns}
    there = columns_of(state, replace(profile.settings, kinds=known))
    same = set(there) == set(columns)
    ours, theirs = profile.require_state().sketch.sample, state.sketch.sample
    coded = Coded(columns, ours), Coded(there, theirs)
    found = comparison(
        columns,
        there,
        rows=state.rows,
        overlap=ours.overlap(theirs) if same else None,
        origin=origin,
        false_alarms=limit(profile.settings, "false_alarms"),
        names=profile.names,
        correlations=changed_correlations(*coded),
    )
    return replace(found, correlations=with_strengths(found.correlations, *coded))
