"""The server's page: the columns, the routes, and a form to try a row; one file, nothing from elsewhere."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from dsml_magics.package.contract import Contract
from dsml_magics.serve.version import Version
from dsml_magics.version import __version__

if TYPE_CHECKING:
    from jinja2 import Environment


def page_of(version: Version, *, routes: Sequence[tuple[str, str]]) -> bytes:
    """Render the page."""
    template = _environment().get_template("page.html.jinja")
    text = template.render(
        name=version.place.name,
        label=version.label,
        contract=version.contract,
        fields=fields_of(version.contract),
        routes=routes,
        path="compiled" if version.answerer.plan is not None else "plain",
        version=__version__,
    )
    return text.encode()


def fields_of(contract: Contract) -> list[Mapping[str, Any]]:
    """Return a field for each column of a form, with a value that the contract allows."""
    return [
        {
            "name": rule.name,
            "type": rule.type,
            "nullable": rule.nullable,
            "categories": None if rule.categories is None else list(rule.categories),
            "min": rule.min,
            "max": rule.max,
            "expected": rule.expected,
            "value": _example(rule),
        }
        for rule in contract.columns
    ]


def _example(rule: Any) -> Any:
    if rule.categories:
        return rule.categories[0]
    if isinstance(rule.min, int | float) and isinstance(rule.max, int | float):
        middle = (rule.min + rule.max) / 2
        return round(middle) if rule.type == "integer" else float(f"{middle:.4g}")
    return {"integer": 0, "number": 0.0, "boolean": False}.get(rule.type, "")


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("dsml_magics.serve"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
