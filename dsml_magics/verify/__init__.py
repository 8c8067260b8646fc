"""Verify: a script does what its notebook does, or what differs is named."""

from dsml_magics.command.arguments import File, Notebook
from dsml_magics.command.registry import command
from dsml_magics.pipeline.proof.value import Proof


@command
def verify(notebook: Notebook, script: File | None = None, /) -> Proof:
    """Prove that a script does what its notebook does, by running both and comparing what they leave.

    The notebook runs in a fresh kernel, the script in a fresh process, each in a copy of the folder. Compared are
    all final variables to the last bit, printed text and files. What two runs of the notebook itself disagree on is
    ignored, and named. The shell's exit code is 0 where they are equal, 1 where they differ, 2 where the notebook
    could not run.

    Parameters
    ----------
    notebook
        The notebook.
    script
        The script made from it; without, the notebook is converted now.

    Returns
    -------
    Proof
        The verdict, what was compared and every difference; also written as ``proof.json`` beside the script.

    Examples
    --------
    >>> dsml.verify("work.ipynb")  # doctest: +SKIP
    """
    from pathlib import Path

    from dsml_magics.pipeline.proof.verifying import verified

    return verified(Path(notebook).expanduser(), Path(script).expanduser() if script is not None else None)
