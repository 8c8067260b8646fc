"""Numbers that prove themselves: payment cards, bank accounts, Korean resident registration numbers."""

import datetime as dt
import re

_ISSUERS = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})"  # Visa
    r"|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}"  # Mastercard
    r"|3[47]\d{13}"  # American Express
    r"|3(?:0[0-5]|[689]\d)\d{11}(?:\d{2,5})?"  # Diners Club
    r"|(?:6011|64[4-9]\d|65\d\d)\d{12}(?:\d{3})?"  # Discover
    r"|62\d{14,17}"  # UnionPay
    r"|35(?:2[89]|[3-8]\d)\d{12,15}"  # JCB
    r"|(?:5018|5020|5038|5893|6304|6759|676[1-3])\d{9,15}"  # Maestro
)
_LENGTHS = {
    each[:2]: int(each[2:])
    for each in re.findall(
        r"\w+",
        "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 "
        "EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 "
        "IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 "
        "NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 "
        "SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30",
    )
}
_WEIGHTS = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
_WITHOUT_CHECK = dt.date(2020, 10, 1)
"""Since then the last six digits are drawn at random (Resident Registration Act, Enforcement Rule)."""
_LAST_YEAR = 2049


def is_card(digits: str) -> bool:
    """Tell whether 13 to 19 digits have the prefix and length of a known issuer and fulfil Luhn's rule (ISO/IEC 7812)."""
    if not _ISSUERS.fullmatch(digits):
        return False
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (doubled + sum(map(int, digits[::-2]))) % 10 == 0


def is_iban(text: str) -> bool:
    """Tell whether a text has its country's length and is 1 modulo 97 (ISO 13616)."""
    if _LENGTHS.get(text[:2]) != len(text) or not (text.isascii() and text.isalnum()):
        return False
    return int("".join(str(int(character, 36)) for character in text[4:] + text[:4])) % 97 == 1


def is_resident_number(digits: str) -> bool:
    """Tell whether 13 digits are a Korean resident or alien registration number.

    The birth date must exist, the seventh digit (sex and century) must be 1 to 8, and the last digit must
    check. Numbers given since October 2020 no longer check: those of people born since are taken by their
    date alone, and those of older people who were given a new one are not recognised.
    """
    born = birth_of(digits)
    if born is None:
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits, strict=False))
    is_alien = digits[6] >= "5"
    return born >= _WITHOUT_CHECK or ((13 if is_alien else 11) - total % 11) % 10 == int(digits[12])


def birth_of(digits: str) -> dt.date | None:
    """Read the birth date of the first seven digits of a resident registration number; None if it has none."""
    if not "1" <= digits[6] <= "8":
        return None
    year = (1900 if digits[6] in "1256" else 2000) + int(digits[:2])
    try:
        born = dt.date(year, int(digits[2:4]), int(digits[4:6]))
    except ValueError:
        return None
    return born if year <= _LAST_YEAR else None
