"""Prove that a script does what a notebook does: run both, in copies of the folder, and compare what they leave."""

import ast
import copy as copying
import hashlib
import platform
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from dsml_magics.command.tree import tree_of
from dsml_magics.pipeline.notebook import open_notebook
from dsml_magics.pipeline.proof.comparing import differences_of, opaque_parts, text_difference, unstable_lines
from dsml_magics.pipeline.proof.copy import Place, beside, copied, texts_of
from dsml_magics.pipeline.proof.description import Description
from dsml_magics.pipeline.proof.run import Run, run_notebook, run_script
from dsml_magics.pipeline.proof.value import Difference, Proof
from dsml_magics.pipeline.splice import quietly
from dsml_magics.pipeline.value import Pipeline

_MOST_NOTEBOOK_RUNS = 3


def prove(notebook: Path, script: str, pipeline: Pipeline, *, script_name: str) -> Proof:
    """Run a notebook and a script and compare variables, printed text and files.

    Parameters
    ----------
    notebook
        The notebook's file.
    script
        Source of the script.
    pipeline
        What the notebook converts to: it knows which names stand in for what a kernel provides, which
        cells print nothing in a script, and what a slice is for.
    script_name
        The file name the script is run as, beside the notebook.

    Raises
    ------
    NotebookError
        The notebook cannot be read, or its folder cannot be copied.
    """
    from nbformat.notebooknode import from_dict

    node = from_dict(open_notebook(notebook))
    known = Proof(
        "not run",
        notebook.name,
        script_name,
        notebook_sha256=_sha256(notebook.read_bytes()),
        script_sha256=_sha256(script.encode()),
        only=pipeline.only,
        versions=_versions(),
    )
    tree = _tree(script)
    if isinstance(tree, str):
        return replace(known, reason=tree)
    with tempfile.TemporaryDirectory(prefix="dsml-verify-", ignore_cleanup_errors=True) as work:
        trial = _Trial(
            Path(work).resolve(), notebook.resolve().parent, node, script_name, script, texts_of(tree)
        )
        return _judged(trial, pipeline, known)


def _judged(trial: "_Trial", pipeline: Pipeline, known: Proof) -> Proof:
    first = trial.notebook()
    if first.failed:
        return replace(known, reason=f"{known.notebook}, {first.failed}")
    ours = trial.ours(pipeline.stand_ins)
    known = replace(known, seconds={"notebook": round(first.seconds, 2), "script": round(ours.seconds, 2)})
    if ours.failed:
        return replace(
            known,
            verdict="different",
            differences=(Difference("the end", "reached", f"stopped, {ours.failed}"),),
        )
    comparison = _Comparison(first, ours, pipeline)
    while comparison.differences and trial.notebooks < _MOST_NOTEBOOK_RUNS:
        comparison.learn(trial.notebook())
    return replace(
        known,
        verdict="different" if comparison.differences else "equal",
        names=tuple(sorted(comparison.names)),
        files=tuple(sorted(comparison.files)),
        printed_lines=0 if pipeline.only else len(first.lines),
        differences=tuple(comparison.differences[:100]),
        ignored=tuple(comparison.ignored),
        not_compared=comparison.not_compared,
    )


@dataclass
class _Trial:
    """The runs behind one proof: each in a copy of the folder, at a path of the same length."""

    work: Path
    folder: Path
    node: Any
    name: str
    script: str
    texts: Iterable[str]
    notebooks: int = 0
    runs: int = 0

    def __post_init__(self) -> None:
        self.beside = list(beside(self.folder, self.texts))
        (self.work / "home").mkdir()

    def notebook(self) -> Run:
        self.notebooks += 1
        with self._place() as place:
            return run_notebook(copying.deepcopy(self.node), place)

    def ours(self, left: Iterable[str]) -> Run:
        with self._place() as place:
            return run_script(place.folder / self.name, place, left=left)

    @contextmanager
    def _place(self) -> Iterator[Place]:
        """Make a copy, and take it away again: data may be large."""
        self.runs += 1
        place = copied(self.folder, self.beside, self.work / f"run-{self.runs}")
        # A notebook that lists its folder has to find there what the script finds.
        (place.folder / self.name).write_text(self.script, encoding="utf-8", newline="\n")
        yield place
        shutil.rmtree(place.root, ignore_errors=True)


@dataclass
class _Comparison:
    """What differs between a notebook's run and a script's; further runs of the notebook excuse differences."""

    first: Run
    ours: Run
    pipeline: Pipeline
    names: Mapping[str, Description] = field(init=False)
    files: Mapping[str, Description] = field(init=False)
    differences: list[Difference] = field(init=False)

    def __post_init__(self) -> None:
        own = {name: held for name, held in self.first.names.items() if name not in self.pipeline.stand_ins}
        wanted = self.pipeline.kept_names
        self.names = own if wanted is None else {name: held for name, held in own.items() if name in wanted}
        self.files = _files_of(self.first) if wanted is None else {}
        self._unstable: set[str] = set()
        self._loose = {
            at for at, line in enumerate(self.first.lines) if line.cell in self.pipeline.silent_cells
        }
        self._all = self._found(self.ours)
        self._text = self._text_difference()
        self.differences = self._left()

    def learn(self, again: Run) -> None:
        """Excuse what another run of the notebook disagrees on."""
        self._unstable |= {each.where for each in self._found(again)}
        self._loose |= unstable_lines(_texts(self.first), _texts(again))
        self.differences = self._left()

    @property
    def ignored(self) -> list[str]:
        """What differs, and would between two runs of the notebook."""
        excused = [each.where for each in self._all if _is_within(each.where, self._unstable)]
        if self._text and not self._text_difference():
            excused.append("printed text")
        return sorted(excused)

    @property
    def not_compared(self) -> dict[str, str]:
        """What cannot be looked into, with its kind."""
        return {where: why for name, held in self.names.items() for where, why in opaque_parts(held, name)}

    def _found(self, other: Run) -> list[Difference]:
        found = differences_of(self.names, other.names)
        if self.pipeline.kept_names is not None:
            return found
        theirs = _files_of(other)
        changed = [replace(each, where=f"file {each.where}") for each in differences_of(self.files, theirs)]
        more = [
            Difference(f"file {name}", "not written", "written") for name in theirs if name not in self.files
        ]
        return [*found, *changed, *more]

    def _left(self) -> list[Difference]:
        left = [each for each in self._all if not _is_within(each.where, self._unstable)]
        text = self._text_difference()
        return [*left, text] if text else left

    def _text_difference(self) -> Difference | None:
        if self.pipeline.kept_names is not None:
            return None
        return text_difference(_texts(self.first), _texts(self.ours), self._loose)


def _files_of(run: Run) -> dict[str, Description]:
    """Leave out the ledger: its identifiers and times are of the run; what it recorded is in the variables."""
    return {
        name: content
        for name, content in run.files.items()
        if not (name.endswith((".db", ".db-journal", ".db-wal", ".db-shm")) and "mlflow" in name)
        and not {"mlruns", "mlartifacts"}.intersection(Path(name).parts)
    }


def _is_within(where: str, unstable: set[str]) -> bool:
    return any(where == each or where.startswith((f"{each}.", f"{each}[", f"{each} ")) for each in unstable)


def _texts(run: Run) -> list[str]:
    return [line.text for line in run.lines]


def _tree(script: str) -> ast.AST | str:
    try:
        with quietly():
            return tree_of(script)
    except (SyntaxError, ValueError) as error:
        return f"the script is no Python: {error}"


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in ("dsml-magics", "ipython", "ipykernel", "numpy", "pandas", "scikit-learn"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
