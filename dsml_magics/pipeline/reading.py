"""From a notebook to a pipeline."""

import os
from dataclasses import replace
from itertools import filterfalse
from pathlib import Path
from typing import Any

from dsml_magics.pipeline.code import Code, converted, read_all
from dsml_magics.pipeline.inlining import inlining
from dsml_magics.pipeline.notebook import check_notebook, open_notebook
from dsml_magics.pipeline.options import accepted, options_cell
from dsml_magics.pipeline.order import is_given, warnings_of_order
from dsml_magics.pipeline.preamble import names_of_ours, preamble_of
from dsml_magics.pipeline.scope import Scope
from dsml_magics.pipeline.splice import quietly
from dsml_magics.pipeline.steps import steps_of, title_of
from dsml_magics.pipeline.unbound import unbound_names
from dsml_magics.pipeline.value import Cell, Parameter, Pipeline


def read_pipeline(path: str | os.PathLike[str], *, keeps_magics: bool = False) -> Pipeline:
    """Read a notebook file as a pipeline.

    With `keeps_magics`, magics that have no plain Python form stay, and the script needs IPython.

    Raises
    ------
    NotebookError
        The file is no Python notebook of format 4, or a cell cannot be converted.
    """
    found = Path(path).expanduser()
    return pipeline_of(open_notebook(path), found.stem, folder=found.parent, keeps_magics=keeps_magics)


def pipeline_of(
    notebook: Any, name: str, *, folder: Path | None = None, keeps_magics: bool = False
) -> Pipeline:
    """Read an nbformat node as a pipeline of this name.

    Raises
    ------
    NotebookError
        It is no Python notebook, or a cell cannot be converted.
    """
    check_notebook(notebook, name)
    title = title_of(notebook) or name
    with quietly():
        codes = read_all(notebook, name)
        chain = ((folder / f"{name}.ipynb").resolve(),) if folder else ()
        told = warnings_of_order(codes)
        cells, scope = converted(codes, name, inlining(folder, chain), keeps_magics=keeps_magics)
        parameters = _with_options(codes, cells, scope, title=title)
        preamble = preamble_of(scope)
    pipeline = Pipeline(
        name=name,
        title=title,
        steps=steps_of(notebook, cells),
        parameters=parameters,
        preamble=preamble,
        requirements=tuple(scope.requirements),
        warnings=(*told, *scope.warnings),
        imported=frozenset(scope.names.sources),
        stand_ins=names_of_ours(scope),
        silent_cells=frozenset(scope.silent_cells),
    )
    with quietly():
        own = [cell.source for step in pipeline.steps for cell in step.cells if cell.number is not None]
        unbound = unbound_names(pipeline.to_script(), code="\n".join(own))
    return replace(
        pipeline, warnings=(*pipeline.warnings, *map(_warning_of_unbound, filterfalse(is_given, unbound)))
    )


def _warning_of_unbound(name: str) -> str:
    return f"nothing in the notebook binds `{name}`, which it reads: the script stops there. Define it, or delete that code."


def _with_options(
    codes: list[Code], cells: dict[int, list[Cell]], scope: Scope, *, title: str
) -> tuple[Parameter, ...]:
    """Put the command line after the parameters cell, or after the cell papermill injected."""
    tagged = [code for code in codes if "parameters" in code.tags]
    if not tagged:
        return ()
    first = tagged[0]
    if len(tagged) > 1:
        scope.warn(
            f"several cells are tagged `parameters`; as in papermill, code cell {first.number} counts."
        )
    scope.number = first.number
    found = accepted(cells[first.number][0].source, scope)
    if found:
        injected = next((code.number for code in codes if "injected-parameters" in code.tags), first.number)
        cells[max(first.number, injected)].append(options_cell(found, scope, title=title))
    return found
