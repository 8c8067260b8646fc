"""Gaps: where they are many, stand in the same rows, or go with the target."""

from collections.abc import Iterator

from dsml_magics.profile.figures import Figures, Insight, Severity
from dsml_magics.profile.insight.evidence import is_target, share, within
from dsml_magics.profile.insight.mend import drop
from dsml_magics.profile.insight.treatment import lines, treatments
from dsml_magics.profile.settings import Settings
from dsml_magics.profile.threshold import limit


def missing(figures: Figures, settings: Settings) -> Iterator[Insight]:
    """Columns with gaps, and columns without any value."""
    for name, found in treatments(figures, settings).items():
        column = figures.columns[name]
        if is_target(figures, name):
            continue  # `target_missing` says it
        if column.kind == "empty":
            yield Insight("all_missing", name, "high", {"rows": column.rows}, *drop(name))
            continue
        gone = share(column.missing, column.rows)
        evidence = {"missing": column.missing, "rows": column.rows, "share": gone}
        yield Insight("missing", name, _severity(gone, settings), evidence, *lines(column, found, figures))


def related_to_target(figures: Figures, settings: Settings) -> Iterator[Insight]:
    """Columns whose gaps go with the target: filling them in without a trace would lose that."""
    for name, found in treatments(figures, settings).items():
        column = figures.columns[name]
        if found.related is not None:
            evidence = {
                "missing": column.missing,
                "share": share(column.missing, column.rows),
                "target": found.related.other,
                "measure": found.related.measure,
                "strength": found.related.strength,
                **within(found.related.bound, whole=False),
            }
            mend = lines(column, found, figures)
            yield Insight("missing_related_to_target", name, "medium", evidence, *mend)


def together(figures: Figures, settings: Settings) -> Iterator[Insight]:
    """Columns that are missing in the same rows: one cause, to be treated as one."""
    least = limit(settings, "missing_together")
    groups: list[set[str]] = []
    strengths: dict[str, float] = {}
    for one, two, phi in figures.missing.together:
        if phi < least or min(figures.columns[one].missing, figures.columns[two].missing) < 2:
            continue
        joined = {one, two}.union(*(group for group in groups if group & {one, two}))
        groups = [group for group in groups if not group & joined] + [joined]
        for name in (one, two):
            strengths[name] = min(phi, strengths.get(name, 1.0))
    for group in groups:
        columns = tuple(name for name in figures.columns if name in group)
        rows = sum(pattern.rows for pattern in figures.missing.patterns if group <= set(pattern.columns))
        evidence = {
            "columns": columns,
            "count": len(columns),
            "phi": min(strengths[name] for name in columns),
            "rows": rows or min(figures.columns[name].missing for name in columns),
            **within(figures.missing.bound, of=figures.rows),
        }
        yield Insight("missing_together", None, "low", evidence)


def _severity(gone: float, settings: Settings) -> Severity:
    if gone >= limit(settings, "missing_much"):
        return "high"
    return "medium" if gone > limit(settings, "missing_some") else "low"
