"""The pipeline read from a notebook: its steps and parameters, as plain values."""

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from dsml_magics.pipeline.words import counted

if TYPE_CHECKING:
    from dsml_magics.pipeline.graph import Graph
    from dsml_magics.pipeline.proof.value import Proof


@dataclass(frozen=True, slots=True)
class Cell:
    """Plain Python of one code cell, with the text that stood above it.

    `number` counts the code cells from 1, as ``[n]`` does after a fresh run; it is None for text
    alone and for code the notebook does not have.
    """

    source: str
    notes: str = ""
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """The cells under one heading, or from a cell tagged ``step:NAME`` on.

    `level` is that of the heading, 1 to 6, or 0 before the first one; `name` is what ``--only`` knows it by.
    """

    title: str
    level: int
    cells: tuple[Cell, ...]
    name: str = ""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A name of the cell tagged ``parameters``: an option of the script.

    `kind` is the Python type a value of it has: ``int``, ``float``, ``str``, ``bool``, ``list``, ...
    """

    name: str
    default: object
    kind: str
    help: str = ""

    @property
    def flags(self) -> tuple[str, ...]:
        """Options that set it: ``--max-depth`` and ``--max_depth``."""
        dashed = self.name.replace("_", "-")
        return tuple(dict.fromkeys(f"--{name}" for name in (dashed, self.name) if not name.startswith("-")))


@dataclass(frozen=True, slots=True)
class Preamble:
    """What a script needs above its first cell."""

    futures: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    helpers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Pipeline:
    """A notebook as steps of plain Python.

    `imported` are the modules it imports; `stand_ins` are names the script binds otherwise than the notebook, such as ``display``; in
    `silent_cells` the notebook prints something that the script leaves out. A slice is for the steps or
    variables named in `only`, which are the variables `kept_names`.
    """

    name: str
    title: str
    steps: tuple[Step, ...]
    parameters: tuple[Parameter, ...] = ()
    requirements: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    preamble: Preamble = field(default_factory=Preamble)
    imported: frozenset[str] = frozenset()
    stand_ins: frozenset[str] = frozenset()
    silent_cells: frozenset[int] = frozenset()
    only: tuple[str, ...] | None = None
    kept_names: frozenset[str] | None = None
    proof: "Proof | None" = None

    def to_script(self) -> str:
        """Write the pipeline as one Python script that runs without IPython."""
        from dsml_magics.pipeline.script import script_of

        return script_of(self)

    @property
    def graph(self) -> "Graph":
        """The names that flow from step to step, and what each step does besides."""
        from dsml_magics.pipeline.analysis.analysis import graph_of

        return graph_of(self)

    @property
    def exit_code(self) -> int:
        """What a shell gets: that of the proof where there is one, else 0."""
        return self.proof.exit_code if self.proof else 0

    def to_dict(self) -> dict[str, Any]:
        """Write it as plain values, its graph included."""
        graph = self.graph.to_dict()
        return {
            "name": self.name,
            "title": self.title,
            "steps": [
                {
                    "name": step.name,
                    "title": step.title,
                    "level": step.level,
                    "cells": [asdict(cell) for cell in step.cells],
                }
                for step in self.steps
            ],
            "parameters": [asdict(parameter) for parameter in self.parameters],
            "requirements": list(self.requirements),
            "warnings": list(self.warnings),
            "only": list(self.only) if self.only else None,
            "graph": {"nodes": graph["nodes"], "edges": graph["edges"]},
            "proof": self.proof.to_dict() if self.proof else None,
        }

    def to_json(self) -> str:
        import json

        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False, default=repr)

    def _repr_html_(self) -> str:
        from dsml_magics.pipeline.page import page_of

        return page_of(self)

    def __str__(self) -> str:
        parts = [
            [
                f"Pipeline {self.name}: {counted(len(self.steps), 'step')}, {counted(_codes(self.steps), 'cell')}"
            ],
            _columns(
                [(step.title or "(no heading)", counted(_codes([step]), "cell")) for step in self.steps]
            ),
            _section("parameters", _columns([_described(parameter) for parameter in self.parameters])),
            _section("needs", [f"  {requirement}" for requirement in self.requirements]),
            _section("warnings", [f"  {warning}" for warning in self.warnings]),
            [str(self.proof)] if self.proof else [],
        ]
        return "\n".join(line for part in parts for line in part)

    __repr__ = __str__


def _codes(steps: tuple[Step, ...] | list[Step]) -> int:
    return sum(cell.number is not None for step in steps for cell in step.cells)


def _described(parameter: Parameter) -> tuple[str, ...]:
    return parameter.flags[0], parameter.kind, repr(parameter.default), parameter.help


def _section(title: str, lines: list[str]) -> list[str]:
    return [title, *lines] if lines else []


def _columns(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  " + "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
