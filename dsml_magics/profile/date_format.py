"""How texts write dates, decided from the texts alone: which number is the day, and which the month."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

_MOST = 4
"""A column in more formats is converted by no single line."""
_WRITTEN = re.compile(
    r"\s*(?P<first>[0-9]{1,4})(?P<sign>[-/.])(?P<middle>[0-9]{1,2})(?P=sign)(?P<last>[0-9]{1,4})"
    r"(?P<clock>(?P<between>[ T])(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})"
    r"(?::(?P<second>[0-9]{2})(?P<fraction>\.[0-9]{1,6})?)?"
    r"(?P<half> ?[AaPp][Mm])?(?P<zone>Z|[-+][0-9]{2}:?[0-9]{2})?)?\s*"
)
_LIKE = re.compile(
    r"\s*(?:[0-9]{4}([-/.])[0-9]{1,2}\1[0-9]{1,2}|[0-9]{1,2}([-/.])[0-9]{1,2}\2[0-9]{4})(?:[ T][0-9]{1,2}:[0-9]{2}.*)?\s*"
)
_COMPACT = re.compile(r"\s*(?P<first>(?:19|20)[0-9]{2})(?P<middle>[0-9]{2})(?P<last>[0-9]{2})\s*")
_FEWEST = 2
"""A single number of eight digits may look like a day by chance."""
_PLACES = {"year": (0, 1, 2), "day": (2, 1, 0), "month": (2, 0, 1)}
"""Where year, month and day stand in each order."""
_ORDERS = {"year": "Ymd", "day": "dmY", "month": "mdY"}


@dataclass(frozen=True, slots=True)
class DateFormat:
    """A format of ``datetime.strptime``, and whether it holds a time zone."""

    pattern: str
    zoned: bool


def read_date_formats(texts: Sequence[str]) -> tuple[tuple[DateFormat, ...], str | None] | None:
    """Find the formats that texts are dates in, each text in exactly one of them.

    Returns
    -------
    The formats, and None; or none, and a text that can be read in several ways or in no known one; None if some
    text is no date.
    """
    if not texts or not all(map(_LIKE.fullmatch, texts)):
        return None
    found = {text: match for text in texts if (match := _WRITTEN.fullmatch(text))}
    known = {text: tuple(_possible(match)) for text, match in found.items()}
    if not all(known.values()):
        return None
    if len(found) < len(texts):
        return (), next(text for text in texts if text not in found)
    orders = _orders(found, known)
    unclear = _unclear(found, known, orders)
    formats = () if unclear else tuple(dict.fromkeys(_format(match, orders) for match in found.values()))
    if len(formats) > _MOST or len({written.zoned for written in formats}) > 1:
        return (), next(text for text in texts if _format(found[text], orders) != formats[0])
    return formats, unclear


def read_compact_dates(texts: Sequence[str]) -> tuple[DateFormat, ...]:
    """Read days as ``20240131``; none if some text is no such day."""
    found = [_COMPACT.fullmatch(text) for text in texts]
    dates = len(found) >= _FEWEST and all(match is not None and _is_day(match, "year") for match in found)
    return (DateFormat("%Y%m%d", zoned=False),) if dates else ()


def _possible(match: re.Match[str]) -> Iterable[str]:
    """Give the orders in which a text is a moment of the calendar."""
    for order in ("year",) if len(match["first"]) == 4 else ("day", "month"):
        if _is_moment(match, order):
            yield order


def _is_day(match: re.Match[str], order: str) -> bool:
    parts = match.group("first", "middle", "last")
    year, month, day = _PLACES[order]
    return _is_on_calendar(parts[year], parts[month], parts[day])


@lru_cache(maxsize=10_000)
def _is_on_calendar(year: str, month: str, day: str) -> bool:
    try:
        dt.date(int(year), int(month), int(day))
    except ValueError:
        return False
    return True


def _is_moment(match: re.Match[str], order: str) -> bool:
    return _is_day(match, order) and (not match["clock"] or _is_time(match))


def _is_time(match: re.Match[str]) -> bool:
    least, most = (1, 12) if match["half"] else (0, 23)
    return (
        least <= int(match["hour"]) <= most and int(match["minute"]) < 60 and int(match["second"] or 0) < 60
    )


def _orders(found: Mapping[str, re.Match[str]], known: Mapping[str, tuple[str, ...]]) -> dict[str, set[str]]:
    """Tell the orders that every date with a sign, and its year last, can be read in."""
    orders: dict[str, set[str]] = {}
    for text, match in found.items():
        if "year" not in known[text]:
            orders.setdefault(match["sign"], {"day", "month"}).intersection_update(known[text])
    return orders


def _unclear(
    found: Mapping[str, re.Match[str]], known: Mapping[str, tuple[str, ...]], orders: Mapping[str, set[str]]
) -> str | None:
    """Find a date whose order the dates with the same sign do not decide, one that matters if there is any."""
    unclear = [
        text for text, match in found.items() if "year" not in known[text] and len(orders[match["sign"]]) != 1
    ]
    return max(unclear, key=lambda text: found[text]["first"] != found[text]["middle"], default=None)


def _format(match: re.Match[str], orders: Mapping[str, set[str]]) -> DateFormat:
    order = "year" if len(match["first"]) == 4 else min(orders[match["sign"]], default="day")
    clock = None
    if match["clock"]:
        half = None if match["half"] is None else match["half"][:-2]
        clock = (match["between"], bool(match["second"]), bool(match["fraction"]), half, bool(match["zone"]))
    return _written(match["sign"], order, clock)


@cache
def _written(sign: str, order: str, clock: tuple[str, bool, bool, str | None, bool] | None) -> DateFormat:
    pattern = sign.join(f"%{part}" for part in _ORDERS[order])
    if clock is None:
        return DateFormat(pattern, zoned=False)
    between, second, fraction, half, zone = clock
    pattern += f"{between}{'%H' if half is None else '%I'}:%M"
    pattern += (":%S" if second else "") + (".%f" if fraction else "")
    pattern += ("" if half is None else f"{half}%p") + ("%z" if zone else "")
    return DateFormat(pattern, zone)
