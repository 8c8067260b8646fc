"""A pipeline rendered as one Python script."""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from dsml_magics.pipeline.spacing import begins_with_import, spaced
from dsml_magics.pipeline.splice import quietly
from dsml_magics.pipeline.steps import name_of
from dsml_magics.pipeline.value import Cell, Pipeline, Step
from dsml_magics.version import __version__

if TYPE_CHECKING:
    from jinja2 import Environment


def script_of(pipeline: Pipeline) -> str:
    """Write the script."""
    preamble = pipeline.preamble
    marks = _marks(pipeline.steps)
    cells = [
        _part(cell, "" if number else mark)
        for step, mark in zip(pipeline.steps, marks, strict=True)
        for number, cell in enumerate(step.cells or (Cell(""),))
    ]
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


def _marks(steps: Sequence[Step]) -> list[str]:
    """Write what the marker of each step says: its title, and its name where the title does not give it."""
    taken: list[str] = []
    marks: list[str] = []
    for step in steps:
        title = " ".join(step.title.replace("\0", "").split())
        is_plain = not step.name or ((title or not taken) and name_of(title, taken) == step.name)
        # As in the percent format of jupytext.
        marks.append(title if is_plain else f'{title} tags=["step:{step.name}"]')
        taken.append(step.name)
    return marks


def _part(cell: Cell, mark: str) -> str:
    """Write a cell under its marker; that of the first cell of a step says something."""
    return "\n".join(text for text in (f"# %% {mark}".rstrip(), _as_comment(cell.notes), cell.source) if text)


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
