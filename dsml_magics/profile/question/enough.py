"""Whether the data is enough for the target."""

from collections.abc import Iterator
from dataclasses import dataclass

from dsml_magics.profile.figures import Figures
from dsml_magics.profile.insight.evidence import share, shown, within
from dsml_magics.profile.insight.target import rarest_class, target_of
from dsml_magics.profile.insight.treatment import in_time_order
from dsml_magics.profile.language import Statement
from dsml_magics.profile.question.role import features_of, roles
from dsml_magics.profile.question.saying import Answer, first, some, state
from dsml_magics.profile.settings import Settings
from dsml_magics.profile.threshold import limit

_TEST = 0.2
_FOLDS = 5
_BOOSTING_ROWS, _BOOSTING_EVENTS = 3000, 400
"""From so many rows on, and so many of the rarest class, boosted trees mostly predict better than linear models.

Grinsztajn et al. (2022) compare them from 3,000 rows on. On the table of adults both are equal at 2,000 rows, or at 400
of the rarer class; on tables of numbers with fewer inputs boosting leads earlier.
"""
_FEW = 1000
_NORMAL = 1.96


@dataclass(frozen=True, slots=True)
class Supply:
    """What there is to learn from, and what it is spent on.

    Attributes
    ----------
    rows
        Rows with a target.
    counted
        The rows of the rarest class, as the others tell little without them; else all of these rows.
    rarest
        What the rarest class is called; None where there are no classes, or not all are counted.
    features
        Features after encoding.
    least
        So many rows a feature are advised at least.
    texts
        Columns of texts, which are not among the features.
    """

    rows: int
    counted: int
    rarest: object | None
    features: int
    least: float
    texts: tuple[str, ...]

    @property
    def ratio(self) -> float:
        """How many rows count for a feature."""
        return self.counted / max(self.features, 1)

    @property
    def is_enough(self) -> bool:
        return self.ratio >= self.least


def supply_of(figures: Figures, settings: Settings) -> Supply:
    """Count the rows and the features."""
    target, rarest = target_of(figures), rarest_class(figures)
    rows = target.present if target else figures.rows
    found = roles(figures, settings)
    return Supply(
        rows=rows,
        counted=rarest[1] if rarest else rows,
        rarest=shown(target, rarest[0]) if rarest and target else None,
        features=sum(features_of(figures.columns[name], role) for name, role in found.items()),
        least=limit(settings, "rows_per_feature"),
        texts=tuple(name for name, role in found.items() if role == "words"),
    )


def enough(figures: Figures, settings: Settings) -> Answer:
    """Hold the rows that count against the features, and say what a test can tell."""
    supply = supply_of(figures, settings)
    if not supply.features:
        return state("enough_no_features", rows=supply.rows), ()
    verdict = "yes" if supply.ratio >= 2 * supply.least else "scarce" if supply.is_enough else "no"
    answer = state(
        f"enough_{verdict}",
        counted=supply.counted,
        features=supply.features,
        ratio=supply.ratio,
        limit=supply.least,
    )
    return answer, first(_evidence(figures, supply))


def _evidence(figures: Figures, supply: Supply) -> Iterator[Statement]:
    yield _counted(figures, supply)
    test = round(_TEST * supply.rows)
    if figures.target and test:
        classes = figures.target.task == "classes"
        margin = _NORMAL * ((0.25 if classes else 1.0) / test) ** 0.5
        yield state("enough_test_classes" if classes else "enough_test_values", test=test, margin=margin)
    if supply.rarest is not None and supply.counted < 100 * _FOLDS:
        yield state("enough_folds", value=supply.rarest, fold=supply.counted // _FOLDS, folds=_FOLDS)
    if figures.target:
        yield _model(supply)
    if supply.rows < _FEW:
        yield state("enough_few", rows=supply.rows)
    if figures.missing.cells and figures.missing.complete < 0.9 * figures.rows:
        yield state(
            "enough_complete",
            complete=figures.missing.complete,
            share=share(figures.missing.complete, figures.rows),
            **within(figures.missing.bound, of=figures.rows),
        )
    if in_time_order(figures):
        yield state("enough_series", rows=supply.rows)
    if supply.texts:
        yield state("enough_texts", columns=some(supply.texts))


def _model(supply: Supply) -> Statement:
    """Name the kind of model to begin with."""
    limits = {"limit": _BOOSTING_ROWS, "least": _BOOSTING_EVENTS}
    if supply.rows < _BOOSTING_ROWS:
        return state("enough_linear", rows=supply.rows, **limits)
    if supply.rarest is not None and supply.counted < _BOOSTING_EVENTS:
        return state("enough_linear_class", count=supply.counted, value=supply.rarest, **limits)
    return state("enough_boosting", rows=supply.rows, **limits)


def _counted(figures: Figures, supply: Supply) -> Statement:
    if figures.target is None:
        return state("enough_no_target")
    if supply.rarest is not None:
        return state("enough_events", value=supply.rarest, count=supply.counted, rows=supply.rows)
    return state("enough_rows", rows=supply.rows, target=figures.target.column)
