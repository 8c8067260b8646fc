"""A script read back: what stands under each marker ``# %%`` with a title is a step again."""

import ast
import io
import itertools
import os
import re
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dsml_magics.command.tree import tree_of
from dsml_magics.errors import NotebookError
from dsml_magics.pipeline.names import bindings, names_of
from dsml_magics.pipeline.parameters import parameters_of
from dsml_magics.pipeline.splice import quietly
from dsml_magics.pipeline.steps import name_of
from dsml_magics.pipeline.value import Cell, Parameter, Pipeline, Preamble, Step

_MARKER = re.compile(r"# ?%%(?P<title>.*)")
_STEP = re.compile(r"""["']step:([^"']+)["']""")


@dataclass(frozen=True, slots=True)
class Section:
    """The lines of one step, from its marker on; `first_line` counts from 1."""

    name: str
    title: str
    first_line: int
    source: str


@dataclass(frozen=True, slots=True)
class Script:
    """A script in sections. `top` is what stands above the first marker: imports, settings and helpers."""

    path: Path
    text: str
    top: Section
    sections: tuple[Section, ...]
    pipeline: Pipeline

    @property
    def given(self) -> frozenset[str]:
        """The names that what stands above the first marker binds."""
        nodes = [
            node for top in ast.parse(self.top.source).body for node in (top, *getattr(top, "targets", ()))
        ]
        return frozenset(name for node in nodes for name, _ in bindings(node))


def read_script(path: str | os.PathLike[str]) -> Script:
    """Read a script that was converted from a notebook, or written with markers by hand.

    Raises
    ------
    NotebookError
        There is no such file, or it is no Python.
    """
    found = Path(path).expanduser()
    try:
        text = found.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no UTF-8 text"
        raise NotebookError(f"Expected a Python script at {str(path)!r}, but: {reason}.") from None
    return script_from(text, found)


def script_from(text: str, path: Path) -> Script:
    """Read the text of a script.

    Raises
    ------
    NotebookError
        It is no Python.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    try:
        with quietly():
            tree = tree_of(text)
    except (SyntaxError, ValueError) as error:
        where = f", line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        said = error.msg if isinstance(error, SyntaxError) else error
        raise NotebookError(f"Expected a Python script, got {path.name}{where}: {said}.") from None
    top, sections, steps = _cut(text)
    pipeline = Pipeline(
        name=path.stem,
        title=_title(tree) or path.stem,
        steps=steps,
        parameters=_parameters(tree, [cell.source for step in steps for cell in step.cells]),
        preamble=_preamble(top.source),
        imported=frozenset(names_of([(0, tree)]).sources),
        stand_ins=_helpers(top.source),
    )
    return Script(path, text, top, sections, pipeline)


def _cut(text: str) -> tuple[Section, tuple[Section, ...], tuple[Step, ...]]:
    """Cut a text at its markers; without any, all of it is one step."""
    lines = text.split("\n")
    marks = [*_marks(text)]
    if not marks or not marks[0][1].strip():
        # Without a title above it, code is the step before the first heading.
        marks = [(marks[0][0] if marks else 0, ""), *marks[1:]]
    starts = [at for at, (_, title) in enumerate(marks) if title.strip() or not at]
    top = Section("", "", 1, "\n".join(lines[: marks[0][0]]))
    sections: list[Section] = []
    steps: list[Step] = []
    for start, end in zip(starts, [*starts[1:], len(marks)], strict=True):
        bounds = [line for line, _ in marks[start:end]] + [marks[end][0] if end < len(marks) else len(lines)]
        title, name = _named(marks[start][1], [step.name for step in steps])
        cells = tuple(_cell("\n".join(lines[first:last])) for first, last in itertools.pairwise(bounds))
        steps.append(Step(title, 1 if title else 0, cells, name))
        sections.append(Section(name, title, bounds[0] + 1, "\n".join(lines[bounds[0] : bounds[-1]])))
    return top, tuple(sections), tuple(steps)


def _cell(source: str) -> Cell:
    """Make a cell of some lines; where these are only comments, it has no code."""
    return Cell(source) if ast.parse(source).body else Cell("", source)


def _marks(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines of markers, from 0, and what they say; not those inside a string."""
    if "%%" not in text:
        return
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT and not token.start[1] and (found := _MARKER.match(token.string)):
            yield token.start[0] - 1, found["title"]


def _named(marked: str, taken: Sequence[str]) -> tuple[str, str]:
    """Tell the title and the name of a step from its marker."""
    title, sign, tags = marked.strip().rpartition("tags=[")
    found = _STEP.search(tags) if sign and tags.endswith("]") else None
    title = (title if found else marked).strip()
    return title, name_of(found[1] if found else title, taken)


def _title(tree: ast.Module) -> str:
    return (ast.get_docstring(tree) or "").partition("\n")[0]


def _preamble(source: str) -> Preamble:
    futures: list[str] = []
    imports: list[str] = []
    helpers: list[str] = []
    for node in ast.parse(source).body:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            futures += [alias.name for alias in node.names]
        elif isinstance(node, ast.Import | ast.ImportFrom):
            imports.append(ast.unparse(node))
        elif not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            helpers.append(ast.get_source_segment(source, node) or "")
    return Preamble(tuple(futures), tuple(imports), (), tuple(helpers))


def _helpers(source: str) -> frozenset[str]:
    body = ast.parse(source).body
    return frozenset(node.name for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef))


def _parameters(tree: ast.Module, cells: Sequence[str]) -> tuple[Parameter, ...]:
    """Find the parameters: constants of the notebook that are defaults of options."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    names = {
        keyword.value.id
        for call in calls
        if isinstance(call.func, ast.Attribute) and call.func.attr in ("add_argument", "set_defaults")
        for keyword in call.keywords
        if isinstance(keyword.value, ast.Name) and keyword.arg in ("default", keyword.value.id)
    }
    found: dict[str, Parameter] = {}
    for cell in cells if names else ():
        for parameter in parameters_of(cell)[0]:
            if parameter.name in names:
                found.setdefault(parameter.name, parameter)
    return tuple(found.values())
