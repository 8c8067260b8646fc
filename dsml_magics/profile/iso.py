"""Moments as ISO 8601 texts, both ways."""

import datetime as dt
import re
from typing import Any

_DURATION = re.compile(r"(-?)P(\d{1,10})DT(\d{1,5})(?:\.(\d{6}))?S")


def written(value: Any) -> str:
    """Write a moment; a duration in days and seconds, as ``P3DT3600.000001S``."""
    if not isinstance(value, dt.timedelta):
        return str(value.isoformat())
    sign, value = ("-", -value) if value < dt.timedelta(0) else ("", value)
    part = f".{value.microseconds:06}" if value.microseconds else ""
    return f"{sign}P{value.days}DT{value.seconds}{part}S"


def read(text: str, kind: str) -> Any:
    """Read a moment of an Arrow type; the text itself where it is none that Python can hold.

    Parameters
    ----------
    kind
        As Arrow names it: ``timestamp[us, tz=Asia/Seoul]``, ``date32[day]``, ``time64[us]``, ``duration[ns]``.
    """
    try:
        if kind.startswith("duration"):
            return _duration(text)
        if kind.startswith("date"):
            return dt.date.fromisoformat(text)
        if kind.startswith("time") and not kind.startswith("timestamp"):
            return dt.time.fromisoformat(text)
        return _in_zone(dt.datetime.fromisoformat(text), kind)
    except (ValueError, OverflowError):
        return text


def _duration(text: str) -> dt.timedelta:
    found = _DURATION.fullmatch(text)
    if found is None:
        raise ValueError(text)
    sign, days, seconds, part = found.groups()
    whole = dt.timedelta(days=int(days), seconds=int(seconds), microseconds=int(part or 0))
    return -whole if sign else whole


def _in_zone(moment: dt.datetime, kind: str) -> dt.datetime:
    """Give a moment its zone back, of which the text has the offset only."""
    from zoneinfo import ZoneInfo

    zone = kind.partition("tz=")[2].rstrip("]")
    if not zone or moment.tzinfo is None:
        return moment
    try:
        return moment.astimezone(ZoneInfo(zone))
    except (KeyError, ValueError, OSError, OverflowError):
        return moment
