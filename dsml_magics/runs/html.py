"""Runs and their differences as HTML: self-contained, without scripts, following light and dark."""

from functools import cache
from typing import TYPE_CHECKING

from dsml_magics.profile.language import number

if TYPE_CHECKING:
    from jinja2 import Environment

    from dsml_magics.runs.difference import Difference
    from dsml_magics.runs.listing import Runs

_ROWS = 500


def html_of_runs(runs: "Runs") -> str:
    """Render a table with a row a run."""
    params = [name for name in runs.params if len(runs) == 1 or runs.varies(name)]
    constant = [name for name in runs.params if name not in params]
    template = _environment().get_template("runs.html.jinja")
    return template.render(runs=runs, rows=list(runs)[:_ROWS], params=params, constant=constant)


def html_of_difference(difference: "Difference") -> str:
    """Render what differs, side by side."""
    return _environment().get_template("difference.html.jinja").render(d=difference)


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("dsml_magics.runs"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = number
    return environment
