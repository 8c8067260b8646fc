"""The column to be predicted: rows without it, columns that give it away, rare classes."""

from collections.abc import Iterator

from dsml_magics.profile.column import Column
from dsml_magics.profile.figures import Figures, Insight
from dsml_magics.profile.insight.evidence import are_few, share, shown, within
from dsml_magics.profile.insight.mend import drop, drop_rows
from dsml_magics.profile.settings import Settings
from dsml_magics.profile.threshold import limit

_RARE = 0.01
"""A class with less is a severe finding."""


def target_missing(figures: Figures, _settings: Settings) -> Iterator[Insight]:
    """Rows without the target: they can neither train nor test a model."""
    target = target_of(figures)
    if target and target.missing:
        evidence = {
            "missing": target.missing,
            "rows": target.rows,
            "share": share(target.missing, target.rows),
        }
        yield Insight("target_missing", target.name, "high", evidence, *drop_rows(target.name))


def leakage(figures: Figures, settings: Settings) -> Iterator[Insight]:
    """Columns that all but decide the target: they may not be known when it is to be predicted."""
    least = limit(settings, "leakage")
    for found in figures.target.associations if figures.target else ():
        if found.strength >= least and not are_few(figures, found.column, found.other):
            evidence = {
                "target": found.other,
                "measure": found.measure,
                "strength": found.strength,
                **within(found.bound, whole=False),
            }
            yield Insight("leakage", found.column, "high", evidence, *drop(found.column))


def imbalance(figures: Figures, settings: Settings) -> Iterator[Insight]:
    """Classes so rare that the share of right answers flatters."""
    target = target_of(figures)
    rarest = rarest_class(figures)
    if not target or not rarest:
        return
    value, count = rarest
    found = share(count, target.present)
    if found < limit(settings, "imbalance"):
        evidence = {
            "value": shown(target, value),
            "count": count,
            "share": found,
            "classes": target.distinct,
            **within(target.bound("top"), of=count),
        }
        yield Insight("imbalance", target.name, "high" if found < _RARE else "medium", evidence)


def target_of(figures: Figures) -> Column | None:
    """Return the column to be predicted."""
    return figures.columns[figures.target.column] if figures.target else None


def rarest_class(figures: Figures) -> tuple[object, int] | None:
    """Find the least frequent class and its rows; None for values, and where not every class is counted."""
    target = target_of(figures)
    if not target or not figures.target or figures.target.task != "classes" or target.distinct < 2:
        return None
    if target.distinct <= len(target.top):
        return target.top[-1]
    if target.counts is None or target.counts.error:
        return None
    return min(target.counts.counts.items(), key=lambda item: item[1])
