"""How the texts of a column write numbers or dates."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from dsml_magics.profile.date_format import DateFormat, read_compact_dates, read_date_formats
from dsml_magics.profile.number_format import NumberFormat, read_number_format


@dataclass(frozen=True, slots=True)
class Notation:
    """What texts are, and in which formats.

    Attributes
    ----------
    number
        The format of numbers; None for dates, and where there is not one way to read them.
    dates
        The formats of dates; none for numbers, and where some may be read in several ways.
    unclear
        A text that may be read in several ways.
    examined
        How many distinct texts were read.
    complete
        Whether these were all.
    """

    kind: Literal["number", "date"]
    number: NumberFormat | None = None
    dates: tuple[DateFormat, ...] = ()
    unclear: str | None = None
    examined: int = 0
    complete: bool = False


def read_notation(texts: Sequence[str], *, complete: bool = True) -> Notation | None:
    """Read distinct texts; None if some are neither numbers nor dates."""
    found: Notation | None = None
    if compact := read_compact_dates(texts):
        found = Notation("date", dates=compact)
    elif numbers := read_number_format(texts):
        found = Notation("number", number=numbers[0], unclear=numbers[1])
    elif dates := read_date_formats(texts):
        found = Notation("date", dates=dates[0], unclear=dates[1])
    return found and replace(found, examined=len(texts), complete=complete)
