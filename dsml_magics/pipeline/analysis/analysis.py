"""A pipeline analysed: what its steps do, which names flow between them, which cells only show something."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from dsml_magics.pipeline.analysis.facts import FIGURES, OUTPUT, Facts
from dsml_magics.pipeline.analysis.notebook import Statement, statements_of
from dsml_magics.pipeline.analysis.slicing import Groups
from dsml_magics.pipeline.graph import Edge, Graph, Node
from dsml_magics.pipeline.names import names_of
from dsml_magics.pipeline.splice import quietly
from dsml_magics.pipeline.value import Cell, Pipeline

_SHOWING = frozenset((OUTPUT, FIGURES))


@dataclass(frozen=True)
class Analysis:
    """The statements of a pipeline, and of which step and cell each is."""

    pipeline: Pipeline
    trees: tuple[tuple[int, int, ast.Module], ...]
    statements: tuple[Statement, ...]

    @classmethod
    def of(cls, pipeline: Pipeline) -> "Analysis":
        with quietly():
            trees = tuple(
                (at, number, ast.parse(cell.source))
                for at, (step, cells) in enumerate((step, step.cells) for step in pipeline.steps)
                for number, cell in enumerate(cells)
            )
            imports = ast.parse("\n".join(pipeline.preamble.imports))
        names = names_of([(0, imports), *((at, tree) for at, _, tree in trees)])
        # A statement's cell is its place among all of them.
        cells = [(place, tree) for place, (_, _, tree) in enumerate(trees)]
        return cls(pipeline, trees, tuple(statements_of(cells, names, pipeline.stand_ins)))

    def statements_of(self, step: int) -> list[Statement]:
        return [each for each in self.statements if self.trees[each.cell][0] == step]

    def facts(self) -> list[Facts]:
        """Join the facts of each step."""
        joined = [Facts() for _ in self.pipeline.steps]
        for each in self.statements:
            step = self.trees[each.cell][0]
            joined[step] = joined[step].then(each.facts)
        return joined

    def only_shows(self) -> list[Cell]:
        """List the cells that show something and do nothing else."""
        found: dict[int, bool] = {}
        for each in self.statements:
            found[each.cell] = found.get(each.cell, True) and _only_shows(each)
        cells = [cell for step in self.pipeline.steps for cell in step.cells]
        return [cells[place] for place, shows in found.items() if shows and cells[place].number is not None]


def graph_of(pipeline: Pipeline, analysis: Analysis | None = None) -> Graph:
    """Find which names flow from step to step; `analysis` is that of the pipeline, where it was made already."""
    analysis = analysis or Analysis.of(pipeline)
    facts = analysis.facts()
    groups = Groups(analysis.statements)
    hidden = pipeline.stand_ins
    nodes = tuple(
        _node(step.name, step.title, found, hidden)
        for step, found in zip(pipeline.steps, facts, strict=True)
        if any(cell.source.strip() for cell in step.cells)
    )
    needed = [_needed(analysis.statements_of(at)) for at in range(len(pipeline.steps))]
    edges = _edges([step.name for step in pipeline.steps], facts, needed, groups, hidden)
    return Graph(nodes, tuple(edges), pipeline.warnings)


def _node(name: str, title: str, facts: Facts, hidden: frozenset[str]) -> Node:
    return Node(
        name,
        title,
        reads=tuple(sorted(facts.reads - hidden)),
        binds=tuple(sorted(facts.bound - hidden)),
        changes=tuple(sorted(facts.changes - hidden)),
        effects=tuple(sorted(facts.touches - _SHOWING)),
        uses=tuple(sorted(facts.uses - _SHOWING)),
        is_opaque=facts.opaque,
    )


def _needed(statements: Sequence[Statement]) -> frozenset[str]:
    """List the names a step reads or changes as others left them: one it has bound by then is its own."""
    needed: set[str] = set()
    bound: set[str] = set()
    for each in statements:
        needed |= (each.facts.reads | each.facts.changes) - bound
        bound |= each.facts.binds
    return frozenset(needed)


def _edges(
    names: Sequence[str],
    facts: Sequence[Facts],
    needed: Sequence[frozenset[str]],
    groups: Groups,
    hidden: frozenset[str],
) -> list[Edge]:
    """Connect each step to those that made what it reads, and to the last that changed it since."""
    makers: dict[str, set[int]] = {}
    changer: dict[str, int] = {}
    flows: dict[tuple[int, int], set[str]] = {}
    for at, found in enumerate(facts):
        for name in needed[at] - hidden:
            made = makers.get(name, set())
            last = changer.get(groups.of(name), -1)
            # Whoever changed it before is reached through the last.
            since = {last} if made and last >= min(made) else set()
            for source in (made | since) - {at}:
                flows.setdefault((source, at), set()).add(name)
        for name in found.binds:
            makers[name] = {at}
        for name in found.may_bind:
            makers.setdefault(name, set()).add(at)
        for name in found.changes:
            changer[groups.of(name)] = at
    return [
        Edge(names[first], names[second], tuple(sorted(flow)))
        for (first, second), flow in sorted(flows.items())
    ]


def _only_shows(statement: Statement) -> bool:
    facts = statement.facts
    return not (facts.bound or facts.changes or facts.opaque or facts.touches - _SHOWING)
