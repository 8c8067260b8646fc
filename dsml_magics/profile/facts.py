"""What is told of one column in detail, as names and values."""

import math
from collections.abc import Iterator

from dsml_magics.profile.column import Column
from dsml_magics.profile.language import printable
from dsml_magics.profile.wording import Wording, span

PERCENTS = (1, 5, 10, 25, 50, 75, 90, 95, 99)
"""The percentiles that are told as numbers, beside the least and the greatest value."""
_SCRIPTS = 4
_VARIANTS = 3

Fact = tuple[str, str]


def facts(column: Column, wording: Wording) -> list[Fact]:
    """List what is known of a column, but for its distribution."""
    return [
        *_counts(column, wording),
        *_numbers(column, wording),
        *_texts(column, wording),
        *_times(column, wording),
    ]


def _counts(column: Column, wording: Wording) -> Iterator[Fact]:
    yield wording["type"], printable(column.type, 80)
    if column.evidence:
        yield wording["kind_because"], wording.told(column.evidence)
    yield wording["present"], f"{column.present:,}"
    yield wording["missing"], f"{column.missing:,} ({wording.share(column.missing, column.rows)})"
    yield wording["distinct"], wording.count(column, "distinct")
    if column.mixed:
        yield wording["mixed"], printable(column.mixed, 80)
    if column.parses_as:
        yield wording["parses_as"], wording.words.get(f"parses_as_{column.parses_as}", column.parses_as)
    for kind, share in column.personal:
        yield (
            wording["personal"],
            f"{wording.words.get(f'personal_{kind}', kind)} ({wording.share(share, 1)})",
        )


def _numbers(column: Column, wording: Wording) -> Iterator[Fact]:
    if column.mean is not None:
        yield wording["mean"], wording.of(column, column.mean)
    for figure in ("std", "skewness", "kurtosis"):
        if (value := getattr(column, figure)) is not None:
            yield wording[figure], wording.value(value)
    if column.kind != "numeric":
        return
    if len(column.percentiles) == 101 and isinstance(column.percentiles[25], int | float):
        spread = column.percentiles[75] - column.percentiles[25]
        yield wording["iqr"], f"{wording.value(spread)}"
    for figure in ("zeros", "negative", "infinite", "outliers", "deviants"):
        count, off = getattr(column, figure), math.ceil(column.bound(figure) * column.present)
        if count or off:
            within = f" ±{off:,}" if off else ""
            yield wording[figure], f"{count:,}{within} ({wording.share(count, column.present)})"


def _texts(column: Column, wording: Wording) -> Iterator[Fact]:
    text = column.text
    if text is None:
        return
    yield (
        wording["characters"],
        wording.say("characters_are", shortest=text.shortest, mean=text.mean, longest=text.longest)
        if text.shortest < text.longest
        else f"{text.longest:,}",
    )
    if text.words is not None:
        yield wording["words_a_value"], wording.value(text.words)
    if text.scripts:
        named = [
            f"{wording.script(name)} {wording.share(share, 1)}" for name, share in text.scripts[:_SCRIPTS]
        ]
        yield wording["scripts"], ", ".join(named)
    if text.examined and text.examined < column.distinct:
        yield (
            wording["examined"],
            wording.say("examined_of", examined=text.examined, distinct=column.distinct),
        )
    if text.blank:
        yield wording["blank"], f"{text.blank:,} ({wording.share(text.blank, column.present)})"
    for group in column.variants[:_VARIANTS]:
        yield wording["variants"], " · ".join(repr(wording.of(column, value)) for value in group[:5])
    if (hidden := len(column.variants) - _VARIANTS) > 0:
        yield wording["variants"], wording.say("more", count=hidden)


def _times(column: Column, wording: Wording) -> Iterator[Fact]:
    time = column.time
    if time is None:
        return
    if column.min is not None:
        yield wording["range"], span(wording.of(column, column.min), wording.of(column, column.max))
    if time.timezone:
        yield wording["timezone"], printable(time.timezone, 40)
    if time.step is not None:
        yield wording["step"], f"{wording.value(time.step)} ({wording.share(time.step_share or 0, 1)})"
    if time.gap is not None:
        after = wording.of(column, time.gap_after)
        yield wording["gap"], wording.say("gap_after", gap=wording.value(time.gap), after=after)
    if time.monotonic:
        yield wording["order"], wording[f"order_{time.monotonic}"]
