"""Prove files: a notebook and the script made from it, or the one it converts to now."""

from pathlib import Path

from dsml_magics.errors import NotebookError
from dsml_magics.files import write_text
from dsml_magics.pipeline.proof.proving import prove
from dsml_magics.pipeline.proof.value import Proof
from dsml_magics.pipeline.reading import read_pipeline
from dsml_magics.pipeline.value import Pipeline


def verified(notebook: Path, script: Path | None) -> Proof:
    """Prove a notebook's script and write ``proof.json`` beside it.

    Raises
    ------
    NotebookError
        The notebook or the script cannot be read.
    """
    pipeline = read_pipeline(notebook)
    source = pipeline.to_script() if script is None else _source(script)
    target = script or notebook.with_suffix(".py")
    return proved(notebook, source, pipeline, target)


def proved(notebook: Path, source: str, pipeline: Pipeline, target: Path) -> Proof:
    """Prove source that is, or will be, the script at `target`."""
    proof = prove(notebook, source, pipeline, script_name=target.name)
    if proof.verdict != "not run":
        write_text(target.parent / "proof.json", proof.to_json())
    return proof


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
