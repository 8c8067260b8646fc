"""Packaged models as HTML: self-contained, without scripts, following light and dark."""

from functools import cache
from typing import TYPE_CHECKING

from dsml_magics.profile.language import number

if TYPE_CHECKING:
    from jinja2 import Environment

    from dsml_magics.versions.listing import Models


def html_of_models(models: "Models") -> str:
    """Render a table with a row a version."""
    return _environment().get_template("models.html.jinja").render(models=models, metrics=models.metrics[:4])


@cache
def _environment() -> "Environment":
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=ChoiceLoader([PackageLoader("dsml_magics.versions"), PackageLoader("dsml_magics.runs")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = number
    return environment
