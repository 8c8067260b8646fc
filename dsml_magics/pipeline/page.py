"""A pipeline as HTML: its graph, parameters, requirements, warnings and proof. No script, no address."""

from markupsafe import Markup, escape

from dsml_magics.pipeline.value import Pipeline


def page_of(pipeline: Pipeline) -> str:
    """Show a pipeline in a notebook."""
    parts = [
        Markup("<div style='max-width:860px;font:13px/1.5 system-ui,sans-serif'>"),
        Markup("<div style='font-size:15px;font-weight:600'>{}</div>").format(pipeline.title),
        Markup(pipeline.graph.to_svg()),  # noqa: S704  its texts are escaped where it is drawn
        _table(pipeline),
        _list("Needs", pipeline.requirements),
        _list("Told", pipeline.warnings),
        Markup("<p>{}</p>").format(pipeline.proof) if pipeline.proof else Markup(),
        Markup("</div>"),
    ]
    return str(Markup().join(parts))


def _table(pipeline: Pipeline) -> Markup:
    rows = Markup().join(
        Markup(
            "<tr><td style='text-align:left'><code>{}</code></td><td style='text-align:left'>{}</td>"
            "<td style='text-align:left'><code>{!r}</code></td><td style='text-align:left'>{}</td></tr>"
        ).format(parameter.flags[0], parameter.kind, parameter.default, parameter.help)
        for parameter in pipeline.parameters
    )
    return Markup("<table>{}</table>").format(rows) if rows else Markup()


def _list(title: str, items: tuple[str, ...]) -> Markup:
    if not items:
        return Markup()
    rows = Markup().join(Markup("<li>{}</li>").format(escape(item)) for item in items)
    return Markup("<div style='font-weight:600'>{}</div><ul style='margin-top:2px'>{}</ul>").format(
        title, rows
    )
