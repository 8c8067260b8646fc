"""A job as every engine needs it: tasks, inputs, where state is kept. The templates are filled in with it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dsml_magics.export.naming import identifiers, shown
from dsml_magics.export.schedule import Schedule
from dsml_magics.pipeline.value import Parameter, Step

_KINDS = ("int", "float", "str", "bool")


@dataclass(frozen=True, slots=True)
class Task:
    """A step: `step` is its name in the script, `name` what engines call it, `after` are the tasks it waits for."""

    name: str
    step: str
    title: str
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Input:
    """A parameter; what is no number, text or truth value travels as the text of a Python literal."""

    name: str
    kind: str
    default: int | float | str | bool | None
    help: str = ""

    @property
    def text(self) -> str:
        """The default as a word for ``--param``: empty where it is None."""
        return "" if self.default is None else str(self.default)


@dataclass(frozen=True, slots=True)
class Plan:
    """A job.

    `state` is as it was asked for, None for the engine's own place; `modules` are files the script imports
    from beside it, `outputs` those the steps are known to write; `root` is the folder as seen from the
    repository it is in.
    """

    name: str
    title: str
    script: str
    tasks: tuple[Task, ...]
    inputs: tuple[Input, ...]
    requirements: tuple[str, ...]
    image: str
    engine: str
    folder: str
    schedule: Schedule | None = None
    state: str | None = None
    modules: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    root: str = "."
    in_image: bool = False


def tasks_of(steps: Sequence[Step], after: Mapping[str, Sequence[str]]) -> tuple[Task, ...]:
    """Make tasks of the steps that are in `after`, which tells what each waits for."""
    titles = {step.name: step.title for step in steps}
    names = dict(zip(after, identifiers(after), strict=True))
    return tuple(
        Task(names[step], step, shown(titles[step]) or step, tuple(names[each] for each in earlier))
        for step, earlier in after.items()
    )


def input_of(parameter: Parameter) -> Input:
    """Make an input of a parameter."""
    kind, default = parameter.kind, parameter.default
    if default is not None and kind == "float" and isinstance(default, int):
        default = float(default)
    is_plain = kind in _KINDS and not (isinstance(default, float) and not math.isfinite(default))
    if default is None or (is_plain and isinstance(default, int | float | str)):
        return Input(parameter.name, kind if is_plain else "str", default, shown(parameter.help))
    said = f"{shown(parameter.help)} (a Python {kind})".strip()
    return Input(parameter.name, "str", repr(default), said)
