"""Columns that say the same as another."""

from collections.abc import Iterator

from dsml_magics.profile.figures import Association, Figures, Insight
from dsml_magics.profile.insight.evidence import are_few, is_target, within
from dsml_magics.profile.insight.mend import drop
from dsml_magics.profile.settings import Settings
from dsml_magics.profile.threshold import limit

Pair = frozenset[str]


def associated(figures: Figures, settings: Settings) -> Iterator[Insight]:
    """Columns that go together so strongly with another one that they may be spared."""
    strong = {Pair((pair.column, pair.other)): pair for pair in _strong(figures, settings)}
    for gone, kept in _spared(strong, figures).items():
        pair = strong[Pair((gone, kept))]
        evidence = {
            "other": kept,
            "measure": pair.measure,
            "strength": pair.strength,
            **within(pair.bound, whole=False),
        }
        yield Insight("associated", gone, "low", evidence, *drop(gone))


def _strong(figures: Figures, settings: Settings) -> Iterator[Association]:
    least = limit(settings, "associated")
    for pair in figures.associations:
        needed = (1 + least) / 2 if pair.measure == "correlation ratio" else least
        ends = (pair.column, pair.other)
        told = are_few(figures, *ends) or any(is_target(figures, name) for name in ends)
        if pair.strength >= needed and not told:
            yield pair


def _spared(strong: dict[Pair, Association], figures: Figures) -> dict[str, str]:
    """Tell which column may be spared, and for which: never one that others are spared for, unless these fit its own."""
    spared: dict[str, str] = {}
    for pair in strong.values():
        ends = sorted((pair.other, pair.column), key=lambda name: _worth(figures, name))
        if spared.keys() & ends:
            continue
        for gone, kept in (ends, reversed(ends)):
            followers = [name for name, other in spared.items() if other == gone]
            if all(Pair((name, kept)) in strong for name in followers):
                spared |= dict.fromkeys((*followers, gone), kept)
                break
    return spared


def _worth(figures: Figures, name: str) -> tuple[int, int]:
    """Rank a column: fewer gaps are better, then more values, as the finer column gives back the coarser one."""
    column = figures.columns[name]
    return -column.missing, column.distinct
