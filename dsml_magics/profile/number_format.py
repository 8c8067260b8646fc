"""How texts write numbers, decided from the texts alone: which sign parts thousands, and which the decimals."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

_CURRENCIES = "$€£¥₩₹₽₺₫฿₴₪₦원円元"
_WRITTEN = re.compile(
    rf"\s*(?P<before>[-+]?\s*[{_CURRENCIES}]?|[{_CURRENCIES}]\s*[-+]?)\s*"
    rf"(?P<body>\.?,?[0-9](?:[0-9.,'\u2019\s]*[0-9.,])?(?:[eE][-+]?[0-9]+)?)\s*(?P<after>[%{_CURRENCIES}]?)\s*"
)
_CODE = re.compile(r"0[0-9]+|[0-9]{16,}")
"""Postcodes lose their leading zeros as numbers; what has more digits than a float holds, its last ones."""
_BLANKS, _APOSTROPHES = r" \u00a0\u2009\u202f", r"'\u2019"


class Convention(NamedTuple):
    """A sign for the decimals, and the signs that may part the thousands, as a class of a regular expression."""

    decimal: str
    thousands: str


_CONVENTIONS = tuple(
    Convention(decimal, thousands)
    for decimal, other in ((".", ","), (",", "."))
    for thousands in (other, _BLANKS, _APOSTROPHES)
)


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """How a column writes its numbers.

    Attributes
    ----------
    decimal
        The sign before the decimals.
    removed
        Every other character that stands in the texts but not in a number: blanks, separators, units.
    """

    decimal: str
    removed: str

    @property
    def is_plain(self) -> bool:
        """Whether a converter that knows no conventions reads the texts alike, or refuses them."""
        return self.decimal == "." and not self.removed.strip()


def read_number_format(texts: Sequence[str]) -> tuple[NumberFormat | None, str | None] | None:
    """Find the one way to read texts as numbers.

    Returns
    -------
    The format, and None; or None, and a text that can be read in several ways; None if some text is no number.
    """
    found = [match for text in texts if (match := _WRITTEN.fullmatch(text))]
    bodies, units = [match["body"] for match in found], [_unit(match) for match in found]
    fitting = {convention: [_fits(body, convention) for body in bodies] for convention in _CONVENTIONS}
    fit = all(map(any, zip(*fitting.values(), strict=True))) and all(len(unit) <= 1 for unit in units)
    if not texts or len(found) < len(texts) or not fit or any(map(_CODE.fullmatch, bodies)):
        return None
    unclear = _find_other(units)
    if unclear is None:
        unclear = _find_unclear(bodies, fitting)
    if unclear is not None:
        return None, texts[unclear]
    convention = next(convention for convention, fits in fitting.items() if all(fits))
    if any(_CODE.fullmatch(_plain(body, convention)) for body in bodies):
        return None
    return _format(convention, texts, bodies), None


def _find_unclear(bodies: Sequence[str], fitting: Mapping[Convention, Sequence[bool]]) -> int | None:
    """Find a text that is another number in another convention; or, where no convention fits all, is not in the usual one."""
    possible = [convention for convention, fits in fitting.items() if all(fits)]
    if not possible:
        return max(fitting.values(), key=sum).index(False)
    several = (len({_plain(body, convention) for convention in possible}) > 1 for body in bodies)
    return next((place for place, differs in enumerate(several) if differs), None)


def _fits(body: str, convention: Convention) -> bool:
    return _pattern(convention).fullmatch(body) is not None


@cache
def _pattern(convention: Convention) -> re.Pattern[str]:
    decimal, thousands = re.escape(convention.decimal), f"[{convention.thousands}]"
    grouped = rf"[1-9][0-9]{{0,2}}(?:{thousands}[0-9]{{3}})+"
    if convention.thousands == ",":
        grouped += r"|[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}"  # lakhs and crores
    return re.compile(rf"(?:(?:{grouped}|[0-9]+)(?:{decimal}[0-9]*)?|{decimal}[0-9]+)(?:[eE][-+]?[0-9]+)?")


def _plain(body: str, convention: Convention) -> str:
    return re.sub(f"[{convention.thousands}]", "", body).replace(convention.decimal, ".")


def _unit(match: re.Match[str]) -> str:
    return re.sub(r"[-+\s]", "", match["before"]) + match["after"]


def _find_other(units: Sequence[str]) -> int | None:
    """Find the first text whose unit is not the most frequent one."""
    most = max(dict.fromkeys(units), key=units.count)
    return next((place for place, unit in enumerate(units) if unit != most), None)


def _format(convention: Convention, texts: Sequence[str], bodies: Sequence[str]) -> NumberFormat:
    seen = set().union(*texts)
    in_bodies = set().union(*bodies)
    kept = set("0123456789+-eE") | {convention.decimal}
    decimal = convention.decimal if convention.decimal in in_bodies else "."
    return NumberFormat(decimal, "".join(sorted(seen - kept)))
