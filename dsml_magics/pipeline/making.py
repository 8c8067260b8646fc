"""Make a pipeline as it was asked for: read, cut, proved, written."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dsml_magics.command.arguments import PathText
from dsml_magics.errors import NotebookError
from dsml_magics.pipeline import cutting
from dsml_magics.pipeline.reading import read_pipeline
from dsml_magics.pipeline.saving import save_script
from dsml_magics.pipeline.value import Pipeline


@dataclass(frozen=True, slots=True)
class Wish:
    """What a script is to keep."""

    only: Sequence[str] = ()
    lean: bool = False
    keeps_magics: bool = False


def made(notebook: PathText | None, wish: Wish, *, to: PathText | None, verify: bool) -> Pipeline:
    """Read a notebook, keep what is asked for, prove it, and write the script.

    Raises
    ------
    NotebookError
        The notebook cannot be read, converted, or run for the proof: then nothing is written.
    """
    path = Path(notebook).expanduser() if notebook is not None else _own()
    target = Path(to).expanduser() if to is not None else None
    found = _told_of_name(cut(read_pipeline(path, keeps_magics=wish.keeps_magics), wish), target)
    if verify:
        found = _proved(found, path, target)
    if target is not None:
        save_script(found, target)
    return found


def cut(pipeline: Pipeline, wish: Wish) -> Pipeline:
    """Leave out what is not wanted."""
    if wish.lean:
        pipeline = cutting.lean(pipeline)
    return cutting.sliced(pipeline, wish.only) if wish.only else pipeline


def _proved(pipeline: Pipeline, path: Path, target: Path | None) -> Pipeline:
    from dsml_magics.pipeline.proof.verifying import proved

    proof = proved(path, pipeline.to_script(), pipeline, target or path.with_suffix(".py"))
    if proof.verdict == "not run":
        raise NotebookError(f"{proof}. Nothing was written.")
    return replace(pipeline, proof=proof)


def _own() -> Path:
    """Find the notebook this is called in: JupyterLab and VS Code tell the kernel."""
    path = os.environ.get("JPY_SESSION_NAME") or _of_editor()
    if not path:
        raise NotebookError(
            "Expected a notebook: which one this is, is not known here. Name it: `%dsml_pipeline NB.ipynb`."
        )
    # A server may tell the path from its own folder on.
    found = Path(path)
    return found if found.exists() or not Path(found.name).exists() else Path(found.name)


def _of_editor() -> str | None:
    import sys

    interactive = sys.modules.get("IPython")
    shell = interactive.get_ipython() if interactive else None
    return shell.user_ns.get("__vsc_ipynb_file__") if shell else None


def _told_of_name(pipeline: Pipeline, target: Path | None) -> Pipeline:
    """Warn of a script that Python would take for a module the notebook imports."""
    name = target.stem if target else pipeline.name
    if name not in pipeline.imported:
        return pipeline
    told = (
        f"the script `{name}.py` would hide the module `{name}` it imports: give it another name with --to."
    )
    return replace(pipeline, warnings=(*pipeline.warnings, told))
