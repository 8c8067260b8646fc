"""Personal data: which values look like e-mail addresses, phone numbers, cards, names of persons and the like."""

import ipaddress
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

from dsml_magics.profile.checksum import birth_of, is_card, is_iban, is_resident_number
from dsml_magics.profile.person import share_of_persons

FLOOR = 0.01
"""Smaller shares are not reported."""
KINDS = ("email", "phone", "card", "resident_number", "ssn", "ip", "iban", "name")
_FIRST = 200
"""Where none of so many values is personal, the others are not looked at."""
_BARE = 0.5
"""Digits alone are personal data only if this share of them is: some cards and dates are drawn by chance."""
_LONGEST = 254
_WORD = re.compile(r"[^\W\d_]+")
_EMAIL = re.compile(r"[^@\s,;:<>()\[\]\"]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_]{2,24}")
_SSN = re.compile(r"(?!000|666|9)\d{3}([- ])(?!00)\d\d\1(?!0000)\d{4}")
_SSN_BARE = re.compile(r"(?!000|666|9)\d{3}(?!00)\d\d(?!0000)\d{4}")
_RESIDENT = re.compile(r"(\d{6}) ?- ?(\d(?:\d{6}|[*xX]{6}))")
_CARD = re.compile(r"\d{4}([ -])\d{4}\1\d{4}\1\d{1,4}(?:\1\d{1,3})?|\d{4}([ -])\d{6}\2\d{4,5}")
_IBAN = re.compile(r"[A-Z]{2}\d\d(?: ?[A-Z0-9]){11,30}")
_IP = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}|(?=.*:.*:)[0-9A-Fa-f:.]{2,45}(?:%\w+)?")
_PHONE = re.compile(
    # International: + and the country, then groups of digits that no sign or decimal looks like.
    r"\+[1-9]\d{0,2}[ -]?(?:\(0?\d{1,4}\)[ -]?)?\d{1,4}(?:[ -]?\d{2,4}){2,4}"
    r"|\+[1-9]\d{0,2}(?:\.\d{1,4}){3,5}"
    # Korea: 010-1234-5678, (02) 123-4567, 070.1234.5678
    r"|(?:\+82[ -]?)?0(?:2|1[016789]|[3-6][1-5]|70|50\d)([-. ])\d{3,4}\1\d{4}"
    r"|\(0(?:2|1[016789]|[3-6][1-5]|70)\) ?\d{3,4}[- ]?\d{4}"
    # North America: (212) 555-0123, 212-555-0123, 1-212-555-0123 x12
    r"|(?:\+?1[-. ])?(?:\([2-9]\d\d\) ?|[2-9]\d\d[-. ])[2-9]\d\d[-. ]\d{4}(?: ?(?:x|ext\.?) ?\d{1,6})?"
)
_MOBILE = re.compile(r"01[016789]\d{7,8}")
_LONG_NUMBER = re.compile(r"\d{8,13}")


@dataclass(frozen=True, slots=True)
class _Called:
    """What a column is called after."""

    phone: bool
    ssn: bool
    resident: bool
    version: bool

    @classmethod
    def of(cls, name: str) -> Self:
        words = set(_WORD.findall(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()))
        phones = {"phone", "phones", "telephone", "tel", "mobile", "cellphone", "fax", "msisdn", "hp"}
        return cls(
            phone=bool(words & phones) or bool(re.search("전화|휴대폰|핸드폰|연락처|팩스", name)),
            ssn="ssn" in words or {"social", "security"} <= words,
            resident=bool(words & {"rrn", "jumin"})
            or {"resident", "registration"} <= words
            or "주민" in name,
            version=bool(words & {"version", "versions", "ver", "release", "build"}) or "버전" in name,
        )


def personal_of(texts: Sequence[str], *, name: str) -> tuple[tuple[str, float], ...]:
    """Tell what share of the distinct values of a column are personal data, by kind, the largest first.

    Each value counts for one kind of `KINDS`. Whole numbers are given as text: their lost leading zeros
    are taken into account. Digits alone, without a separator, are looked at with more doubt: they count
    only where half of them are of a kind, and as phone or social security number only in a column that
    is called so. Shares below 1 % are left out. No value is kept.

    Parameters
    ----------
    name
        The column's name: it tells names of persons, and versions from IP addresses.
    """
    texts = [text.strip() for text in texts if text and not text.isspace()]
    if not texts:
        return ()
    called = _Called.of(name)
    first = texts[:: max(1, len(texts) // _FIRST)]
    found = _counted(first, called) and _counted(texts, called)
    if not found and (persons := share_of_persons(texts, name=name)):
        return (("name", persons),)
    shares = ((kind, count / len(texts)) for kind, count in found.items())
    return tuple(sorted((each for each in shares if each[1] >= FLOOR), key=lambda each: (-each[1], each[0])))


def _counted(texts: Sequence[str], called: _Called) -> Counter[str]:
    bare = [text for text in texts if text.isdecimal() and text.isascii()]
    formed = [text for text in texts if not text.isdecimal() and 3 <= len(text) <= _LONGEST]
    found = Counter(kind for text in formed if (kind := _kind(text, called)))
    of_digits = Counter(kind for text in bare if (kind := _kind_of_digits(text, called)))
    found.update({kind: count for kind, count in of_digits.items() if count >= _BARE * len(bare)})
    return found


def _kind(text: str, called: _Called) -> str | None:
    if "@" in text:
        return "email" if _EMAIL.fullmatch(text) else None
    if not _may(text, called):
        return None
    if found := _RESIDENT.fullmatch(text):
        return "resident_number" if _is_resident_number(found[1] + found[2], called) else None
    return next((kind for kind, fits in _FORMED.items() if fits(text)), None)


def _may(text: str, called: _Called) -> bool:
    """Tell whether a text may be more than words; versions look like IP addresses."""
    digits = any(map(str.isdigit, text[:20]))
    return (digits or "::" in text) and not (called.version and _IP.fullmatch(text))


def _kind_of_digits(digits: str, called: _Called) -> str | None:
    if 10 <= len(digits) <= 13 and _is_resident_number(digits.zfill(13), called):
        return "resident_number"
    if is_card(digits):
        return "card"
    if called.ssn and _SSN_BARE.fullmatch(digits.zfill(9)):
        return "ssn"
    if _MOBILE.fullmatch(digits) or (called.phone and _LONG_NUMBER.fullmatch(digits)):
        return "phone"
    return None


def _is_resident_number(number: str, called: _Called) -> bool:
    """Take numbers masked after the seventh digit too: they show the birth date and the sex."""
    if called.resident or not number.isdecimal():
        return birth_of(number) is not None
    return is_resident_number(number)


def _is_ip(text: str) -> bool:
    if not _IP.fullmatch(text):
        return False
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_phone(text: str) -> bool:
    # A sign and few digits is a number.
    least = 10 if text[1:].isdecimal() else 8
    return bool(_PHONE.fullmatch(text)) and least <= sum(map(str.isdigit, text)) <= 18


_FORMED: dict[str, Callable[[str], bool]] = {
    "ip": _is_ip,
    "ssn": lambda text: bool(_SSN.fullmatch(text)),
    "card": lambda text: bool(_CARD.fullmatch(text)) and is_card(re.sub("[ -]", "", text)),
    "iban": lambda text: bool(_IBAN.fullmatch(text)) and is_iban(text.replace(" ", "")),
    "phone": _is_phone,
}
