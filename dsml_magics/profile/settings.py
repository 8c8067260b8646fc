"""What a user asks of a profile, beside the data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from dsml_magics.errors import UsageError


@dataclass(frozen=True, slots=True)
class Settings:
    """Choices that change what a profile says, never what it measured.

    Attributes
    ----------
    target
        Column to be predicted.
    groups
        Columns that name groups of people, for the question of bias.
    kinds
        Kinds that override the inferred ones.
    thresholds
        Limits that override the default ones of the insights.
    silenced
        Codes of insights that are not wanted.
    """

    target: str | None = None
    groups: tuple[str, ...] = ()
    kinds: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    thresholds: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    silenced: frozenset[str] = frozenset()


DEFAULT = Settings()


def settings_of(
    *,
    target: str | None = None,
    groups: Sequence[str] | None = None,
    kinds: Sequence[str] | Mapping[str, str] | None = None,
    thresholds: Sequence[str] | Mapping[str, float] | None = None,
    silence: Sequence[str] | None = None,
) -> Settings:
    """Read what a user wrote; ``a=b`` words may be a mapping too.

    Raises
    ------
    UsageError
        A word is not of this form, or no number stands where one must.
    """
    limits = {name: _number(name, word) for name, word in _pairs(thresholds, "skewed=3").items()}
    return Settings(
        target=target,
        groups=tuple(groups or ()),
        kinds=MappingProxyType(_pairs(kinds, "zip=categorical")),
        thresholds=MappingProxyType(limits),
        silenced=frozenset(silence or ()),
    )


def _pairs(words: Sequence[str] | Mapping[str, object] | None, example: str) -> dict[str, str]:
    if isinstance(words, Mapping):
        return {str(name): str(value) for name, value in words.items()}
    found = {}
    for word in words or ():
        # The last sign parts: names of columns may have one.
        name, sign, value = word.rpartition("=")
        if not sign or not name:
            raise UsageError(f"Expected words such as {example!r}, got {word!r}.")
        found[name] = value
    return found


def _number(name: str, word: str) -> float:
    try:
        return float(word)
    except ValueError:
        raise UsageError(f"Expected a number as threshold {name!r}, got {word!r}.") from None
