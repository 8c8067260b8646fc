"""Prove that a script does what a notebook does: run both, in copies of the folder, and compare what they leave."""

import ast
import copy as copying
import hashlib
import platform
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from dsml_magics.command.tree import tree_of
from dsml_magics.pipeline.notebook import open_notebook
from dsml_magics.pipeline.proof.comparison import Comparison
from dsml_magics.pipeline.proof.copy import Place, beside, copied, texts_of
from dsml_magics.pipeline.proof.run import Run, run_notebook, run_script
from dsml_magics.pipeline.proof.seeding import SEED
from dsml_magics.pipeline.proof.value import Difference, Proof
from dsml_magics.pipeline.splice import quietly
from dsml_magics.pipeline.value import Pipeline

_MOST_NOTEBOOK_RUNS = 3


def prove(
    notebook: Path, script: str, pipeline: Pipeline, *, script_name: str, strict: bool = False
) -> Proof:
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
    strict
        Whether what is not proved counts as a failure.

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
        strict=strict,
        seed=SEED,
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
    comparison = Comparison(first, ours, pipeline)
    while comparison.has_differences and trial.notebooks < _MOST_NOTEBOOK_RUNS:
        again = trial.notebook()
        if not again.failed:
            # A run that stopped on its way says nothing of what the notebook leaves.
            comparison.learn(again)
    return replace(
        known,
        verdict="different" if comparison.has_differences else "equal",
        names=comparison.proved_names,
        files=comparison.proved_files,
        printed_lines=0 if pipeline.only else len(first.lines) - len(comparison.lines_not_proved),
        differences=comparison.differences,
        not_proved=comparison.not_proved,
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
