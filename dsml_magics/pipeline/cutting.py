"""Pipelines with less in them: slices of what some names need, and lean ones that show nothing."""

import ast
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from dsml_magics.errors import UsageError, hint
from dsml_magics.pipeline.analysis.analysis import Analysis
from dsml_magics.pipeline.analysis.slicing import needed
from dsml_magics.pipeline.value import Cell, Pipeline, Preamble, Step


def sliced(pipeline: Pipeline, only: Sequence[str]) -> Pipeline:
    """Keep what some steps or variables need, and every possible effect on it.

    Raises
    ------
    UsageError
        There is no step or variable of that name.
    """
    analysis = Analysis.of(pipeline)
    steps, variables = _meant(only, analysis)
    facts = analysis.facts()
    wanted = variables | {name for at in steps for name in facts[at].bound | facts[at].changes}
    forced = {at for at, each in enumerate(analysis.statements) if analysis.trees[each.cell][0] in steps}
    if variables - {name for each in facts for name in each.bound}:
        # Who binds it is not seen, so nothing can go.
        forced = set(range(len(analysis.statements)))
    kept = needed(analysis.statements, wanted, forced)
    lines: dict[int, list[tuple[int, bool]]] = {}
    for statement, is_kept in zip(analysis.statements, kept, strict=True):
        lines.setdefault(statement.cell, []).append((statement.lines[1], is_kept))
    cells = [cell for step in pipeline.steps for cell in step.cells]
    cut = {place: _cut(cell, lines.get(place, [])) for place, cell in enumerate(cells)}
    return replace(
        _with_cells(pipeline, cut), only=tuple(only), kept_names=frozenset(wanted - pipeline.stand_ins)
    )


def lean(pipeline: Pipeline) -> Pipeline:
    """Leave out the cells that only show something, and tell which."""
    left = [cell.number for cell in Analysis.of(pipeline).only_shows() if cell.number is not None]
    cells = [cell for step in pipeline.steps for cell in step.cells]
    cut = {place: None if cell.number in left else cell for place, cell in enumerate(cells)}
    listed = ", ".join(map(str, left))
    told = (f"left out, as they only show something: code cells {listed}.",) if left else ()
    return replace(
        _with_cells(pipeline, cut),
        warnings=pipeline.warnings + told,
        silent_cells=pipeline.silent_cells | frozenset(left),
    )


def _meant(words: Sequence[str], analysis: Analysis) -> tuple[set[int], set[str]]:
    """Find the steps and the variables that words stand for; a word may be both."""
    steps = analysis.pipeline.steps
    variables = {name for each in analysis.facts() for name in each.bound} - analysis.pipeline.stand_ins
    found_steps: set[int] = set()
    for word in words:
        own = {at for at, step in enumerate(steps) if _is_step(word, [step])}
        if not own and word not in variables and not any(each.facts.opaque for each in analysis.statements):
            names = [step.name for step in steps if step.cells] + sorted(variables)
            raise UsageError(
                f"Expected a step or a variable of the notebook, got {word!r}. {hint(word, names)}"
            )
        found_steps |= own
    return found_steps, {word for word in words if word in variables or not _is_step(word, steps)}


def _is_step(word: str, steps: Iterable[Step]) -> bool:
    key = word.casefold()
    return any(step.cells and key in (step.name, step.title.casefold()) for step in steps)


def _cut(cell: Cell, statements: Sequence[tuple[int, bool]]) -> Cell | None:
    """Take statements, given by their last lines, out of a cell, with the comments above them."""
    if not any(is_kept for _, is_kept in statements):
        return None
    if all(is_kept for _, is_kept in statements):
        return cell
    lines = cell.source.split("\n")
    kept = [True] * len(lines)
    end = 0
    for last, is_kept in statements:
        kept[end:last] = [is_kept] * (last - end)
        end = last
    source = "\n".join(line for line, stays in zip(lines, kept, strict=True) if stays)
    return replace(cell, source=re.sub(r"\n{4,}", "\n\n\n", source).strip("\n"))


def _with_cells(pipeline: Pipeline, cells: dict[int, Cell | None]) -> Pipeline:
    """Put changed cells in place of the old ones, and leave out what nobody needs any more."""
    steps: list[Step] = []
    place = 0
    for step in pipeline.steps:
        own = [cells[at] for at in range(place, place + len(step.cells))]
        place += len(step.cells)
        kept = tuple(cell for cell in own if cell is not None)
        if kept:
            steps.append(replace(step, cells=kept))
    sources = [cell.source for step in steps for cell in step.cells]
    # The cell that reads the command line is none of the notebook's.
    has_options = any(cell.number is None and cell.source for step in steps for cell in step.cells)
    return replace(
        pipeline,
        steps=tuple(steps),
        parameters=pipeline.parameters if has_options else (),
        preamble=_used(pipeline.preamble, sources),
    )


def _used(preamble: Preamble, sources: Iterable[str]) -> Preamble:
    """Keep the helpers and imports that are mentioned."""
    mentioned = {name for source in sources for name in _mentions(source)}
    mentioned |= {name for setting in preamble.settings for name in _mentions(setting)}
    helpers: list[str] = []
    waiting = list(preamble.helpers)
    while found := [helper for helper in waiting if _binds(helper) & mentioned]:
        helpers += found
        waiting = [helper for helper in waiting if helper not in found]
        mentioned |= {name for helper in found for name in _mentions(helper)}
    imports = [line for line in preamble.imports if not line or _binds(line) & mentioned]
    ordered = tuple(helper for helper in preamble.helpers if helper in helpers)
    return replace(preamble, imports=_without_edges(imports), helpers=ordered)


def _without_edges(lines: Sequence[str]) -> tuple[str, ...]:
    return tuple("\n".join(lines).strip("\n").split("\n")) if any(lines) else ()


def _mentions(source: str) -> set[str]:
    return {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}


def _binds(source: str) -> set[str]:
    from dsml_magics.pipeline.names import bindings

    return {
        name
        for node in ast.parse(source).body
        for inner in [node, *_targets(node)]
        for name, _ in bindings(inner)
    }


def _targets(node: ast.stmt) -> Collection[ast.AST]:
    return [inner for target in getattr(node, "targets", ()) for inner in ast.walk(target)]
