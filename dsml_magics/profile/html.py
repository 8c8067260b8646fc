"""A profile as HTML: self-contained, without scripts, following light and dark."""

from functools import cache
from typing import TYPE_CHECKING, Any

from dsml_magics.profile.schema import QUANTILES
from dsml_magics.profile.text import number, printable
from dsml_magics.profile.value import Column, Histogram, Profile

if TYPE_CHECKING:
    from jinja2 import Environment

_LONG = 60


def page(profile: Profile) -> str:
    """Render a whole page."""
    return _environment().get_template("page.html.jinja").render(profile=profile)


def fragment(profile: Profile) -> str:
    """Render the report for a notebook's output."""
    return _environment().get_template("profile.html.jinja").render(profile=profile)


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("dsml_magics.profile"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(number=number, short=lambda value: printable(value, _LONG), share=_share)
    environment.globals.update(bars=_bars, quantiles=_quantiles, tops=_tops)
    return environment


def _share(part: int, whole: int) -> str:
    percent = 100 * part / whole if whole else 0.0
    return "< 0.1 %" if 0 < percent < 0.1 else f"{percent:.1f} %"


def _bars(histogram: Histogram, width: int, height: int) -> list[dict[str, Any]]:
    """Place the bars of a histogram in a box of `width` x `height` user units."""
    step, highest = width / len(histogram.counts), max(histogram.counts) or 1
    edges = histogram.edges
    return [
        {
            "x": round(position * step, 2),
            "width": round(max(step - 1, 1), 2),
            # A bin with one value among a million must still be seen.
            "height": round(max(height * count / highest, 1 if count else 0), 2),
            "title": f"{number(edges[position])} to {number(edges[position + 1])}: {count:,}",
        }
        for position, count in enumerate(histogram.counts)
    ]


def _quantiles(column: Column) -> list[tuple[str, Any]]:
    return [(f"{percent} %", column.percentiles[percent]) for percent in QUANTILES if column.percentiles]


def _tops(column: Column) -> list[tuple[Any, int, float]]:
    """Give the most frequent values with their counts and their shares in percent."""
    return [(value, count, 100 * count / column.present) for value, count in column.top]
