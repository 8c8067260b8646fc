"""The card of a package: what it is, in words a reviewer can check."""

from importlib.resources import files

from dsml_magics.deploy.evidence import Evidence
from dsml_magics.version import __version__


def card_of(evidence: Evidence) -> str:
    """Render the card as Markdown; what only a person knows is asked for, not invented."""
    from jinja2 import Environment, StrictUndefined

    template = files("dsml_magics.deploy").joinpath("templates/card.md.jinja").read_text(encoding="utf-8")
    environment = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)  # noqa: S701  Markdown, not HTML
    environment.filters["cell"] = _cell
    return environment.from_string(template).render(vars(evidence), version=__version__)


def _cell(value: object) -> str:
    """Fit text from data into a cell of a Markdown table: no markup, one line."""
    text = " ".join(str(value).split())
    return "".join(f"\\{char}" if char in "|\\`*_<>[]" else char for char in text)
