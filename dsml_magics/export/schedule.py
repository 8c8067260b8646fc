"""When a job runs: the five fields of cron, checked, and as a calendar of systemd."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from dsml_magics.errors import UsageError

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_LENGTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_PART = re.compile(r"(?P<every>\*)(/(?P<step>\d+))?|(?P<first>\w+)(-(?P<last>\w+)(/(?P<by>\d+))?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    low: int
    high: int
    count: int
    words: Mapping[str, int]


_FIELDS = (
    _Field("minute", 0, 59, 60, {}),
    _Field("hour", 0, 23, 24, {}),
    _Field("day of the month", 1, 31, 31, {}),
    _Field("month", 1, 12, 12, {word: at + 1 for at, word in enumerate(_MONTHS)}),
    _Field("day of the week", 0, 7, 7, {word: at for at, word in enumerate(_DAYS)}),
)


@dataclass(frozen=True, slots=True)
class Schedule:
    """The times of a cron expression; a field without values takes any.

    With `either`, a day of one of both kinds will do; else it must be of both.
    """

    text: str
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: tuple[int, ...]
    months: tuple[int, ...]
    weekdays: tuple[int, ...]
    either: bool = False

    @property
    def calendars(self) -> tuple[str, ...]:
        """Write it as ``OnCalendar=`` of systemd: two where cron takes either of two days."""
        date = f"*-{_listed(self.months)}-{_listed(self.days)}"
        time = f"{_listed(self.hours)}:{_listed(self.minutes)}:00"
        week = ",".join(_DAYS[day].capitalize() for day in self.weekdays)
        if self.either:
            # Days of two lines add up, those of one line must be of both kinds.
            return f"{week} *-{_listed(self.months)}-* {time}", f"{date} {time}"
        return (f"{week} {date} {time}".strip(),)


def schedule_of(text: str) -> Schedule:
    """Read five fields of cron.

    Raises
    ------
    UsageError
        They are not five, one is out of its range, or no day fits.

    Examples
    --------
    >>> schedule_of("*/30 6 * * 1-5").calendars
    ('Mon,Tue,Wed,Thu,Fri *-*-* 06:00,30:00',)
    """
    words = text.split()
    if len(words) != len(_FIELDS):
        raise UsageError(
            f"Expected a schedule of five fields of cron (minute, hour, day of the month, month, day of the week), "
            f"such as '0 6 * * 1-5', got {text!r}."
        )
    minutes, hours, days, months, weekdays = map(_values, words, _FIELDS)
    if re.search(r"(^|[,-])7\b", words[4]):
        # Seven is Sunday too, but not to all engines.
        words[4] = ",".join(map(str, weekdays or range(7)))
    either = not any(word.startswith("*") for word in (words[2], words[4]))
    if either and not (days and weekdays):
        days, weekdays, either = (), (), False
    _check_day_exists(text, days, months, weekdays)
    return Schedule(" ".join(words), minutes, hours, days, months, weekdays, either)


def _values(word: str, field: _Field) -> tuple[int, ...]:
    """List the values of a field, none where all are."""
    given = {value for part in word.split(",") for value in _range(part, field)}
    # The seventh day of a week is the one before the first.
    found = {field.low + (value - field.low) % field.count for value in given}
    return () if len(found) == field.count else tuple(sorted(found))


def _range(part: str, field: _Field) -> range:
    match = _PART.fullmatch(part)
    if not match:
        _refuse(part, field)
    if match["every"]:
        return range(field.low, field.low + field.count, _step(match["step"], part, field))
    first = _number(match["first"], part, field)
    last = _number(match["last"], part, field) if match["last"] else first
    if last < first:
        _refuse(part, field)
    return range(first, last + 1, _step(match["by"], part, field))


def _step(text: str | None, part: str, field: _Field) -> int:
    step = int(text or 1)
    if not step:
        _refuse(part, field)
    return step


def _number(text: str, part: str, field: _Field) -> int:
    number = field.words.get(text.lower(), int(text) if text.isdecimal() else -1)
    if not field.low <= number <= field.high:
        _refuse(part, field)
    return number


def _refuse(part: str, field: _Field) -> NoReturn:
    raise UsageError(
        f"Expected the {field.name} of a schedule as {field.low}-{field.high}, `*`, `*/2`, `1-5` or a list with commas, "
        f"got {part!r}."
    )


def _check_day_exists(text: str, days: Sequence[int], months: Sequence[int], weekdays: Sequence[int]) -> None:
    if days and months and not weekdays and min(days) > max(_LENGTHS[month - 1] for month in months):
        raise UsageError(
            f"Expected a schedule with a day that exists, got {text!r}: no such month has that day."
        )


def _listed(values: Sequence[int]) -> str:
    return ",".join(f"{value:02}" for value in values) or "*"
