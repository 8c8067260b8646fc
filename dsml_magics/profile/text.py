"""A profile as text: for a terminal, and for exports that drop HTML."""

from collections.abc import Iterable, Iterator, Sequence

from dsml_magics.profile.cells import cut, fold, pad
from dsml_magics.profile.figures import Association, Figures
from dsml_magics.profile.language import printable, say
from dsml_magics.profile.overview import overview
from dsml_magics.profile.wording import Wording

WIDTH = 110
"""No line has more cells."""
_NAME = 28
_INSIGHTS = 10
_LISTED = 10
_BAR = 20
_MARKS = {"high": "!!", "medium": " !", "low": "  "}


def text(figures: Figures, language: str = "en") -> str:
    """Render the figures as lines of at most 110 cells; wide characters take two."""
    wording = Wording(figures, language)
    parts = (_head, _questions, _insights, _target, _comparison, overview)
    return "\n\n".join(part for part in ("\n".join(lines(wording)) for lines in parts) if part)


def _head(wording: Wording) -> Iterator[str]:
    figures = wording.figures
    name = printable(figures.origin, WIDTH - 50) or wording["table"]
    cells = figures.rows * len(figures.columns)
    yield f"{name}: {wording.say('rows_by_columns', rows=figures.rows, columns=len(figures.columns))}"
    if not figures.rows:
        return
    missing, copies = figures.missing, figures.duplicate_rows
    said = [
        f"{wording['missing_cells']} {missing.cells:,} ({wording.share(missing.cells, cells)})",
        f"{wording['complete_rows']} {missing.complete:,}{wording.of_rows(missing.bound)}",
        f"{wording['duplicate_rows']} {wording.estimate(copies, figures.duplicate_bound)}",
    ]
    yield from fold(" · ".join(said), WIDTH)
    exact = wording["exact"] if figures.is_exact else wording["bounded"]
    if figures.examined < figures.rows:
        exact += " " + wording.say("examined_rows", examined=figures.examined, rows=figures.rows)
    if figures.unpaired:
        exact += " " + wording.say("columns_unpaired", count=figures.unpaired)
    yield from fold(exact, WIDTH)
    for note in figures.notes:
        yield from fold(wording.told(note), WIDTH)


def _questions(wording: Wording) -> Iterator[str]:
    for place, question in enumerate(wording.figures.questions, 1):
        yield f"{place} {say(f'question.{question.code}', {}, wording.language)}"
        yield from _indented(wording.told(question.answer), "  ")


def _insights(wording: Wording) -> Iterator[str]:
    found = wording.figures.insights
    if found:
        yield f"{wording['section_insights']}:"
    for insight in found[:_INSIGHTS]:
        name = (
            "" if insight.column is None else cut(wording.name(insight.column), _NAME) + wording["after_name"]
        )
        said = say(f"insight.{insight.code}", wording.prepared(insight.evidence), wording.language)
        first, *others = fold(name + said, WIDTH - 3)
        yield f"{_MARKS[insight.severity]} {first}"
        yield from (f"     {line}" for other in others for line in fold(other, WIDTH - 5))
    if hidden := len(found) - _INSIGHTS:
        yield from _more(wording, hidden, ".insights")


def _target(wording: Wording) -> Iterator[str]:
    target = wording.figures.target
    if target is None:
        return
    yield f"{wording.say('target_is', column=cut(wording.name(target.column), _NAME))}"
    caption = wording.say(
        "target_strengths", shown=min(_LISTED, len(target.associations)), count=len(target.associations)
    )
    yield from _indented(f"{caption}:", "   ")
    yield from _strengths(wording, target.associations)


def _strengths(wording: Wording, found: Sequence[Association]) -> Iterator[str]:
    rows = [
        (
            cut(wording.name(pair.column), _NAME),
            wording.strength(pair.strength, pair.bound),
            wording.measure(pair.measure),
        )
        for pair in found[:_LISTED]
    ]
    bars = [_bar(pair.strength) for pair in found[:_LISTED]]
    yield from _aligned(
        (name, strength, bar, measure) for (name, strength, measure), bar in zip(rows, bars, strict=True)
    )


def _comparison(wording: Wording) -> Iterator[str]:
    comparison = wording.figures.comparison
    if comparison is None:
        return
    name = comparison.names[1] or comparison.origin
    yield wording.say("compared_with", origin=printable(name, WIDTH - 50) or wording["table"])
    rows = wording.compare("rows_both", here=wording.figures.rows, there=comparison.rows)
    if comparison.overlap is not None:
        share = wording.share(comparison.overlap, comparison.rows) + wording.within(comparison.overlap_bound)
        rows += " " + wording.compare("overlap", overlap=comparison.overlap, share=share)
    yield from _indented(rows, "   ")
    for words, names in (("only_here", comparison.only_here), ("only_there", comparison.only_there)):
        if names:
            yield from _indented(
                f"{wording.compare(words, count=len(names))} {_names(wording, names)}", "   "
            )
    for said in wording.differences(_LISTED):
        yield from _indented(said, "   ")
    drifts = comparison.drifts
    if drifts:
        caption = wording.say("drifts_in_short", shown=min(_LISTED, len(drifts)), count=len(drifts))
        yield from _indented(f"{caption}:", "   ")
    yield from _aligned(
        (
            cut(wording.name(drift.column), _NAME),
            wording.strength(drift.distance, drift.bound),
            _bar(drift.distance),
            f"{wording.p_values(drift)} {wording.measure(drift.measure)}".strip(),
        )
        for drift in drifts[:_LISTED]
    )


def _names(wording: Wording, names: Sequence[str]) -> str:
    shown = ", ".join(wording.name(name) for name in names[:5])
    return shown if len(names) <= 5 else f"{shown} {wording.say('more', count=len(names) - 5)}"


def _aligned(rows: Iterable[tuple[str, str, str, str]]) -> Iterator[str]:
    for name, figure, bar, measure in rows:
        line = f"   {pad(name, _NAME)} {pad(figure, 13, right=True)} {pad(bar, _BAR)} {measure}"
        yield cut(line.rstrip(), WIDTH)


def _bar(share: float) -> str:
    return "█" * round(min(1.0, max(0.0, abs(share))) * _BAR) if share == share else ""  # noqa: PLR0124  NaN


def _indented(said: str, blanks: str) -> Iterator[str]:
    return (blanks + line for line in fold(said, WIDTH - len(blanks)))


def _more(wording: Wording, hidden: int, where: str) -> Iterator[str]:
    if hidden > 0:
        yield f"   {wording.say('more_there', count=hidden, where=where)}"
