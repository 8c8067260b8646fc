"""Which steps must come before which: those that make what they need, and those they share an effect with."""

from collections.abc import Mapping, Sequence

from dsml_magics.pipeline.analysis.analysis import Analysis, graph_of
from dsml_magics.pipeline.analysis.facts import OUTPUT, PROCESS, Facts, overlaps
from dsml_magics.pipeline.value import Pipeline

# What a step prints is kept apart, whoever prints at the same time.
_APART = frozenset((OUTPUT,))


def dependencies_of(pipeline: Pipeline, analysis: Analysis | None = None) -> Mapping[str, tuple[str, ...]]:
    """Tell which earlier steps each step must wait for, in the order of the steps.

    It waits for steps that make what it reads, and for those it shares an effect with: files that one writes, random
    numbers, settings, the ledger. What a step may do that is not known is taken to be everything, so two steps of
    which neither waits for the other, directly or through others, may run at the same time.
    """
    analysis = analysis or Analysis.of(pipeline)
    facts = dict(zip([step.name for step in pipeline.steps], analysis.facts(), strict=True))
    graph = graph_of(pipeline, analysis)
    names = [node.name for node in graph.nodes]
    flows = {(edge.source, edge.target) for edge in graph.edges}
    return {
        name: tuple(
            earlier
            for earlier in names[:at]
            if (earlier, name) in flows or _share(facts[earlier], facts[name])
        )
        for at, name in enumerate(names)
    }


def direct(dependencies: Mapping[str, Sequence[str]]) -> Mapping[str, tuple[str, ...]]:
    """Leave out what a step waits for through another anyway."""
    above: dict[str, set[str]] = {}
    for name, earlier in dependencies.items():
        above[name] = {far for near in earlier for far in (near, *above[near])}
    return {
        name: tuple(each for each in earlier if not any(each in above[other] for other in earlier))
        for name, earlier in dependencies.items()
    }


def _share(first: Facts, second: Facts) -> bool:
    if first.opaque or second.opaque:
        return True
    if PROCESS in first.touches or PROCESS in second.touches:
        # Settings may change what any code does.
        return True
    acts, then = first.touches - _APART, second.touches - _APART
    return overlaps(acts, then) or overlaps(second.uses - _APART, acts) or overlaps(first.uses - _APART, then)
