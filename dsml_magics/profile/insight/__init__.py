"""What deserves a second look: one rule an insight, each with its evidence in numbers and the line that mends it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from dsml_magics.profile.figures import Figures, Insight
from dsml_magics.profile.insight import drift, missing, numbers, pairs, personal, rows, target, texts, values
from dsml_magics.profile.settings import Settings
from dsml_magics.profile.threshold import check

Rule = Callable[[Figures, Settings], Iterator[Insight]]

_RANK = {"high": 0, "medium": 1, "low": 2}
RULES: tuple[Rule, ...] = (
    target.leakage,
    target.target_missing,
    personal.personal,
    drift.drifted,
    drift.correlations_changed,
    drift.columns_changed,
    drift.overlap,
    numbers.infinite,
    missing.missing,
    missing.related_to_target,
    missing.together,
    texts.mixed_types,
    texts.as_text,
    rows.duplicate_rows,
    target.imbalance,
    values.constant,
    values.identifier,
    texts.spelling_variants,
    pairs.associated,
    values.dominated,
    values.high_cardinality,
    numbers.far_off,
    numbers.skewed,
    numbers.zeros,
    rows.sorted_by_time,
)


def insights(figures: Figures, settings: Settings) -> tuple[Insight, ...]:
    """Apply every rule, most severe findings first.

    Raises
    ------
    UsageError
        The user named a limit or an insight that there is none of.
    """
    check(settings)
    found = [
        insight
        for rule in RULES
        for insight in rule(figures, settings)
        if insight.code not in settings.silenced
    ]
    return tuple(_each_line_once(sorted(found, key=lambda insight: _RANK[insight.severity])))


def _each_line_once(found: Iterable[Insight]) -> Iterator[Insight]:
    """Leave out a line that an insight before suggests: run twice, it would mend what is mended, and lose that."""
    seen = set()
    for insight in found:
        lines = (insight.pandas, insight.polars)
        yield insight if lines not in seen else replace(insight, pandas=None, polars=None)
        seen.add(lines)
