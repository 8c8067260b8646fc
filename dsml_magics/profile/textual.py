"""What the texts of a column hold: words, scripts, personal data, variants of spelling."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from dsml_magics.profile.personal import personal_of

MOST = 2000
"""So many distinct values are enough to examine."""
_LONGEST = 10_000
_CHARACTERS = 2_000_000
"""All values together are cut to about so many characters."""
_VARIED = 1000
"""Longer values are no spelling of one another."""
_GROUPS = 10
_BESIDE_BLANKS = re.compile(r"\s*([^\d\s])\s*")
_SCRIPTS = {
    script: re.compile(f"[{characters}]")
    for script, characters in {
        "Latin": r"A-Za-z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02b8\u1e00-\u1eff\uff21-\uff3a\uff41-\uff5a",
        "Hangul": r"\u1100-\u11ff\u3131-\u318e\ua960-\ua97c\uac00-\ud7fb\uffa0-\uffdc",
        "Han": r"\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af",
        "Hiragana": r"\u3041-\u309f",
        "Katakana": r"\u30a1-\u30fa\u30fd-\u30ff\u31f0-\u31ff\uff66-\uff6f\uff71-\uff9d",
        "Cyrillic": r"\u0400-\u052f\u1c80-\u1c8f\u2de0-\u2dff\ua640-\ua69f",
        "Arabic": r"\u0620-\u065f\u066e-\u06d3\u06d5-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufefc",
        "Greek": r"\u0370-\u0373\u0376-\u037d\u037f\u0386\u0388-\u03ff\u1f00-\u1ffe",
        "Hebrew": r"\u0591-\u05f4\ufb1d-\ufb4f",
        "Devanagari": r"\u0900-\u0963\u0966-\u097f\ua8e0-\ua8ff",
        "Thai": r"\u0e01-\u0e3a\u0e40-\u0e5b",
    }.items()
}


@dataclass(frozen=True, slots=True)
class Textual:
    """What was found in texts.

    Attributes
    ----------
    words
        Mean number of words.
    scripts
        Scripts with the share of the texts they occur in, as ``("Hangul", 0.4)``, most frequent first.
    personal
        Kinds of personal data with the share of the texts that look like it; see `personal.personal_of`.
    examined
        How many texts were looked at.
    """

    words: float = 0.0
    scripts: tuple[tuple[str, float], ...] = ()
    personal: tuple[tuple[str, float], ...] = ()
    examined: int = 0


def examined(texts: Sequence[str], *, name: str = "") -> Textual:
    """Look at distinct texts of a column called `name`: the first 2,000, of each at most 10,000 characters."""
    texts = texts[:MOST]
    if not texts:
        return Textual()
    longest = min(_LONGEST, _CHARACTERS // len(texts))
    texts = [text[:longest] for text in texts]
    return Textual(
        words=sum(len(text.split()) for text in texts) / len(texts),
        scripts=_scripts(texts),
        personal=personal_of(texts, name=name),
        examined=len(texts),
    )


def _scripts(texts: Sequence[str]) -> tuple[tuple[str, float], ...]:
    joined = "\n".join(texts)
    searched = {"Latin": _SCRIPTS["Latin"]} if joined.isascii() else _SCRIPTS
    found = [
        (script, sum(1 for text in texts if pattern.search(text)) / len(texts))
        for script, pattern in searched.items()
        if pattern.search(joined)
    ]
    return tuple(sorted(found, key=lambda each: -each[1]))


def variants(values: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Group spellings that differ only by case, blanks or Unicode normal form; at most ten groups.

    Blanks between digits are kept: ``"1 12"`` is not ``"11 2"``. Groups and spellings stand in the order
    of `values`.
    """
    alike = _grouped((value for value in dict.fromkeys(values) if len(value) <= _VARIED), _letters)
    # Few are alike without their blanks: only these are looked at more closely.
    found = [group for each in alike for group in _grouped(each, spelling)]
    return tuple(found[:_GROUPS])


def _grouped(values: Iterable[str], key: Callable[[str], str]) -> list[tuple[str, ...]]:
    """Put values of one key together, where there are several and the key is not empty."""
    groups: dict[str, list[str]] = {}
    for value in values:
        groups.setdefault(key(value), []).append(value)
    return [tuple(group) for name, group in groups.items() if len(group) > 1 and name]


def _letters(value: str) -> str:
    value = value if value.isascii() else unicodedata.normalize("NFKC", value)
    return "".join(value.lower().split())


def spelling(value: str) -> str:
    """Write a text as its variants have in common.

    `insight.texts` suggests lines that do the same in pandas and polars.
    """
    if not value.isascii():
        value = unicodedata.normalize("NFKC", value)
    value = value.strip().lower()
    # Most have no blank inside, which is quickly told.
    return _BESIDE_BLANKS.sub(r"\1", value) if len(value.split(maxsplit=1)) > 1 else value
