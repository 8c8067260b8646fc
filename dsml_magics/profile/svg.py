"""What all pictures are drawn with: places for values, and SVG that no data can break out of."""

import datetime as dt
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

_EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001  moments are held against it in their own zone


def drawn(*parts: str) -> Markup:
    """Put together parts that are ours, or escaped already."""
    return Markup("".join(parts))  # noqa: S704  the one place where text becomes markup


def picture(width: int, height: int, *parts: str, label: str, description: str = "") -> Markup:
    """Frame a picture, and say what it shows to those who do not see it."""
    more = f"<desc>{escape(description)}</desc>" if description else ""
    return drawn(
        f'<svg role="img" aria-label="{escape(label)}" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}">',
        more,
        *parts,
        "</svg>",
    )


def number(coordinate: float) -> str:
    """Write a coordinate in as few characters as the eye needs."""
    tenths = round(coordinate * 10)
    return f"{tenths // 10}" if tenths % 10 == 0 else f"{tenths / 10}"


def box(x: float, y: float, width: float, height: float) -> str:
    """Give the outline of a box as a piece of a path."""
    return f"M{number(x)} {number(y)}h{number(width)}v{number(height)}h{number(-width)}z"


def line(points: Iterable[tuple[float, float]]) -> str:
    """Give a line through points as a piece of a path."""
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points)


def path(outline: str, kind: str, title: str = "") -> str:
    """Draw an outline, in the style of a class, with a title that shows when pointed at."""
    if not title:
        return f'<path class="{kind}" d="{outline}"/>'
    return f'<path class="{kind}" d="{outline}"><title>{escape(title)}</title></path>'


def group(title: str, *parts: str) -> str:
    """Put parts of a picture together, with a title that shows when any of them is pointed at."""
    return f"<g><title>{escape(title)}</title>{''.join(parts)}</g>"


def words(x: float, y: float, content: str, *, anchor: str = "start", kind: str = "") -> str:
    """Write a word into a picture."""
    place = "" if anchor == "start" else f' text-anchor="{anchor}"'
    style = f' class="{kind}"' if kind else ""
    return f'<text x="{number(x)}" y="{number(y)}"{place}{style}>{escape(content)}</text>'


def place_of(value: Any) -> float | None:
    """Turn a number or a moment into a finite number; None where it is none."""
    try:
        found = _counted(value)
    except (OverflowError, ValueError, TypeError):
        return None
    return found if found is not None and math.isfinite(found) else None


def _counted(value: Any) -> float | None:
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, dt.datetime):
        return (value.replace(tzinfo=None) - _EPOCH).total_seconds()
    if isinstance(value, dt.date):
        return (value - _EPOCH.date()).total_seconds()
    if isinstance(value, dt.timedelta):
        return value.total_seconds()
    if isinstance(value, dt.time):
        return value.hour * 3600 + value.minute * 60 + value.second + value.microsecond / 1e6
    return None


@dataclass(frozen=True, slots=True)
class Scale:
    """Places values from `low` to `high` along a length that begins at `start`."""

    low: float
    high: float
    start: float
    length: float

    @classmethod
    def over(cls, values: Iterable[Any], *, start: float, length: float) -> "Scale | None":
        """Reach from the least to the greatest of some values; None where there is none."""
        found = [place for value in values if (place := place_of(value)) is not None]
        return cls(min(found), max(found), start, length) if found else None

    def at(self, value: Any) -> float | None:
        """Tell where a value lies; values beyond the ends lie at them."""
        place = place_of(value)
        if place is None:
            return None
        # Halves, as the distance of the two ends of the floats is more than a float holds.
        reach = self.high / 2 - self.low / 2
        share = (place / 2 - self.low / 2) / reach if reach else 0.5
        return self.start + self.length * min(1.0, max(0.0, share))
