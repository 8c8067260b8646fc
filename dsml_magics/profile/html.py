"""A profile as HTML: self-contained, without scripts, following light and dark."""

from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from dsml_magics.profile.facts import PERCENTS, facts
from dsml_magics.profile.figures import Figures

if TYPE_CHECKING:
    from jinja2 import Environment


def page(figures: Figures, language: str = "en") -> str:
    """Render a whole page."""
    return _rendered(figures, language, form="page")


def fragment(figures: Figures, language: str = "en") -> str:
    """Render the report for a notebook's output."""
    return _rendered(figures, language, form="fragment")


def _rendered(figures: Figures, language: str, *, form: Literal["page", "fragment"]) -> str:
    from dsml_magics.profile.picture.outcome import class_names, scale_of
    from dsml_magics.profile.report import Report

    report = Report(figures, language, form=form)
    target = figures.target
    return (
        _environment()
        .get_template(f"{form}.html.jinja")
        .render(
            f=figures,
            report=report,
            w=report.wording,
            t=report.wording.words,
            id=report.id,
            scale=scale_of(target) if target else None,
            classes=class_names(target, report.wording) if target else [],
        )
    )


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
    environment.globals.update(_names())
    return environment


def _names() -> dict[str, Any]:
    """Name what the templates call."""
    from dsml_magics.profile import caption, measured, report, row
    from dsml_magics.profile.picture import heat, histogram, outcome, pattern, quantiles, scatter

    return {
        "facts": facts,
        "percents": PERCENTS,
        "detailed": caption.DETAILED,
        "least_strength": measured.LEAST,
        "pairs_caption": caption.pairs_caption,
        "columns_caption": caption.columns_caption,
        "drifts_caption": caption.drifts_caption,
        "groups_caption": caption.groups_caption,
        "rate": caption.rate,
        "cell": row.cell,
        "median": row.median,
        "tops": row.tops,
        "listed_tops": row.listed_tops,
        "tops_caption": row.tops_caption,
        "summary": row.summary,
        "meter": report.meter,
        "spark": histogram.spark,
        "distribution": histogram.distribution,
        "curve": quantiles.curve,
        "scatter": scatter.scatter,
        "heat_map": heat.heat_map,
        "patterns": pattern.patterns,
        "outcome": outcome.outcome,
        "drawn_columns": pattern.COLUMNS,
    }
