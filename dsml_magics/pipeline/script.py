"""A pipeline rendered as one Python script."""

from functools import cache
from typing import TYPE_CHECKING

from dsml_magics.pipeline.spacing import begins_with_import, spaced
from dsml_magics.pipeline.splice import quietly
from dsml_magics.pipeline.value import Cell, Pipeline, Step
from dsml_magics.version import __version__

if TYPE_CHECKING:
    from jinja2 import Environment


def script_of(pipeline: Pipeline) -> str:
    """Write the script."""
    preamble = pipeline.preamble
    cells = [_part(step, cell) for step in pipeline.steps for cell in step.cells or (Cell(""),)]
    with quietly():
        return rendered(
            "script",
            docstring=_docstring(pipeline.title, pipeline.name),
            preamble=preamble,
            # Else the imports of the first cell and ours would be one block to a sorter of imports.
            is_split=not preamble.helpers
            and not preamble.settings
            and any(map(begins_with_import, cells[:1])),
            body=spaced([*filter(None, ["\n".join(preamble.settings)]), *preamble.helpers, *cells]),
        )


def rendered(template: str, **values: object) -> str:
    """Render one of our templates."""
    return _environment().get_template(f"{template}.py.jinja").render(values)


@cache
def variables_of(template: str) -> frozenset[str]:
    """Return the names one of our templates is filled in with."""
    from jinja2 import meta

    environment = _environment()
    source, _, _ = environment.loader.get_source(environment, f"{template}.py.jinja")  # type: ignore[union-attr]
    return frozenset(meta.find_undeclared_variables(environment.parse(source)))


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("dsml_magics.pipeline"),
        autoescape=False,  # noqa: S701  Python is rendered, not HTML
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )


def _part(step: Step, cell: Cell) -> str:
    """Write a cell under its marker; the first of a step carries the title."""
    is_first = not step.cells or cell is step.cells[0]
    marker = f"# %% {step.title}".rstrip() if is_first else "# %%"
    return "\n".join(text for text in (marker, _as_comment(cell.notes), cell.source) if text)


def _as_comment(text: str) -> str:
    # Every kind of line break ends a line here: what follows one must not become code.
    return "\n".join(f"# {line}".rstrip() for line in text.replace("\0", "").splitlines())


def _docstring(title: str, name: str) -> str:
    lines = [
        " ".join(title.split()),
        "",
        f"Generated from {' '.join(name.split())}.ipynb by dsml_magics {__version__}.",
    ]
    text = "\n".join(lines).replace("\0", "")
    return text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
