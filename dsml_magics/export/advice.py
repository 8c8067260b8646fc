"""What may go wrong with a job elsewhere, told beforehand."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from dsml_magics.export.engine import ENGINES, Engine
from dsml_magics.export.plan import Input, Plan, input_of
from dsml_magics.pipeline.analysis.facts import without_folder
from dsml_magics.pipeline.graph import Node
from dsml_magics.pipeline.value import Parameter, Pipeline

_INPUTS_OF_GITHUB = 25


def advice(pipeline: Pipeline, engine: Engine, plan: Plan, folder: Path) -> list[str]:
    """Warn of files steps share, of data that is not there, of parameters that cannot be set, of loose requirements."""
    nodes = pipeline.graph.nodes
    return [
        *_of_parameters(pipeline.parameters, plan),
        *_of_requirements(plan.requirements),
        *_of_data(nodes, folder),
        *(_of_pods(_writing(pipeline), plan) if engine.pods else ()),
        *(_of_repository(plan) if plan.engine == "github" else ()),
    ]


def usable_inputs(parameters: Sequence[Parameter], engine: str) -> tuple[Input, ...]:
    """Make inputs of the parameters the engine can carry."""
    inputs = [each for each in map(input_of, parameters) if _is_usable(each, engine)]
    return tuple(inputs[:_INPUTS_OF_GITHUB] if engine == "github" else inputs)


def _is_usable(each: Input, engine: str) -> bool:
    marks = ENGINES[engine].own_marks
    text = each.text
    is_word = text == text.encode("utf-8", "ignore").decode().replace("\0", "")
    has_word = each.default is not None or engine != "argo"
    is_name = each.name.isascii() and not each.name.startswith("dsml_")
    return is_name and is_word and has_word and not (marks and marks in text)


def _of_parameters(parameters: Sequence[Parameter], plan: Plan) -> Iterator[str]:
    known = {each.name for each in plan.inputs}
    for parameter in parameters:
        if parameter.name not in known:
            yield f"`{parameter.name}` is no input of {plan.engine}, which cannot carry it: the notebook's value counts."


def _of_requirements(requirements: Sequence[str]) -> Iterator[str]:
    for requirement in requirements:
        if "==" not in requirement:
            yield f"`{requirement}` of requirements.txt is not installed here, so its version is not pinned."


def _of_data(nodes: Sequence[Node], folder: Path) -> Iterator[str]:
    """Find local files that steps read, no step writes and that are not where the job looks for them."""
    written = {without_folder(effect) for node in nodes for effect in node.effects}
    read = {use for node in nodes for use in node.uses if without_folder(use) not in written}
    names = sorted(use.partition(":")[2] for use in read if use.startswith("files:"))
    for name in names:
        place = Path(os.path.normpath(folder / name)).parent
        if "://" not in name and not Path(name).is_absolute() and not (folder / name).exists():
            yield (
                f"a step reads `{name}`: put `{Path(name).name}` into {place}, "
                "or read it from a path or URL that is the same everywhere."
            )


def _writing(pipeline: Pipeline) -> list[str]:
    """Name the steps that may write files, but for the one that only has the command line, which opens a file."""
    files = {
        node.name: [each for each in node.effects if each.startswith("files")]
        for node in pipeline.graph.nodes
    }
    own = [
        step.name for step in pipeline.steps if any('dest="--params"' in cell.source for cell in step.cells)
    ]
    return [name for name, effects in files.items() if effects and not (name in own and effects == ["files"])]


def _of_pods(writing: Sequence[str], plan: Plan) -> Iterator[str]:
    if writing:
        yield (
            f"on {plan.engine} each step has a disk of its own, and these write files: {', '.join(writing)}. "
            "Write what is to be kept to a URL."
        )


def _of_repository(plan: Plan) -> Iterator[str]:
    if plan.root != ".":
        yield f"GitHub reads workflows at the top of a repository only: move .github there from {plan.root}."
