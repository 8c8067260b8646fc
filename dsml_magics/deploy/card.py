"""The card of a package, in Markdown and HTML: what it is, in words a reviewer can check."""

from functools import cache
from typing import TYPE_CHECKING, Any

from dsml_magics.deploy.evidence import SECTIONS, Evidence
from dsml_magics.profile.language import number
from dsml_magics.version import __version__

if TYPE_CHECKING:
    from jinja2 import Environment

ASKED = {
    "Purpose": "What does it decide, for whom, and what must it not be used for?",
    "Users": "Who uses its answers, and who can be asked about it?",
    "Limits": "Where is it known to be weak? What did the data not hold?",
    "Fairness": "Which groups was it checked for, by whom, and what follows from the gaps above?",
}
_ROWS = 60


def markdown_of(evidence: Evidence) -> str:
    """Render the card as Markdown; what only a person knows is asked for, not invented."""
    return _rendered("card.md.jinja", evidence)


def html_of(evidence: Evidence) -> str:
    """Render the card as one self-contained page without scripts."""
    return _rendered("card.html.jinja", evidence)


def _rendered(name: str, evidence: Evidence) -> str:
    return (
        _environment()
        .get_template(name)
        .render(
            e=evidence,
            proof=evidence.proof,
            contract=evidence.contract,
            lineage=evidence.lineage,
            sections=SECTIONS,
            asked=ASKED,
            version=__version__,
            rows=list(evidence.contract.columns)[:_ROWS],
        )
    )


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

    environment = Environment(
        loader=PackageLoader("dsml_magics.deploy"),
        autoescape=select_autoescape(("html.jinja",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["cell"] = _cell
    environment.filters["number"] = number
    environment.filters["figure"] = _figure
    return environment


def _figure(value: float) -> str:
    """Write a metric so that those of a column stand below one another."""
    return f"{value:.3f}" if abs(value) < 1000 else number(value)


def _cell(value: Any) -> str:
    """Fit text from data into a cell of a Markdown table: no markup, one line."""
    text = " ".join(str(value).split())
    return "".join(f"\\{char}" if char in "|\\`*_<>[]" else char for char in text)
