"""Prove files: a notebook and the script made from it, or the one it converts to now."""

import json
from pathlib import Path

from dsml_magics.errors import NotebookError
from dsml_magics.files import write_text
from dsml_magics.pipeline.proof.proving import prove
from dsml_magics.pipeline.proof.value import Proof
from dsml_magics.pipeline.reading import read_pipeline
from dsml_magics.pipeline.value import Pipeline


def verified(notebook: Path, script: Path | None, *, strict: bool = False) -> Proof:
    """Prove a notebook's script and write the proof beside it.

    Raises
    ------
    NotebookError
        The notebook or the script cannot be read.
    """
    pipeline = read_pipeline(notebook)
    source = pipeline.to_script() if script is None else _source(script)
    target = script or notebook.with_suffix(".py")
    return proved(notebook, source, pipeline, target, strict=strict)


def proved(notebook: Path, source: str, pipeline: Pipeline, target: Path, *, strict: bool = False) -> Proof:
    """Prove source that is, or will be, the script at `target`."""
    proof = prove(notebook, source, pipeline, script_name=target.name, strict=strict)
    if proof.verdict != "not run":
        write_text(_file_of(proof, target), proof.to_json())
    return proof


def _file_of(proof: Proof, target: Path) -> Path:
    """Choose ``proof.json`` beside the script, or ``NAME.proof.json`` where that is of something else."""
    path = target.parent / "proof.json"
    try:
        there = json.loads(path.read_text(encoding="utf-8"))
        is_own = (there["notebook"], there["script"]) == (proof.notebook, proof.script)
    except FileNotFoundError:
        is_own = True
    except (OSError, ValueError, TypeError, KeyError):
        is_own = False
    return path if is_own else target.parent / f"{target.stem}.proof.json"


def _source(script: Path) -> str:
    try:
        return script.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise NotebookError(
            f"No script {str(script)!r}. Make it with `dsml pipeline NB.ipynb --to {script}`."
        ) from None
    except UnicodeDecodeError:
        raise NotebookError(f"Expected a Python script, but {str(script)!r} is not UTF-8 text.") from None
    except OSError as error:
        raise NotebookError(f"Cannot read {str(script)!r}: {error.strerror}.") from None
