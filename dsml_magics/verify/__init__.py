"""Verify: a script does what its notebook does, or what differs is named."""

from dsml_magics.command.arguments import File, Notebook
from dsml_magics.command.registry import command
from dsml_magics.pipeline.proof.value import Proof


@command
def verify(notebook: Notebook, script: File | None = None, /, *, strict: bool = False) -> Proof:
    """Prove that a script does what its notebook does, by running both and comparing what they leave.

    The notebook runs in a fresh kernel, the script in a fresh process, each in a copy of the folder and with the same
    seeds of random numbers. Compared are all final variables to the last bit, printed text and files. What differs
    between two runs of the notebook itself, too, such as a time, is not proved: it is counted and named. The shell's
    exit code is 0 where they are equal, 1 where they differ, 2 where the notebook could not run.

    Parameters
    ----------
    notebook
        The notebook.
    script
        The script made from it; without, the notebook is converted now.
    strict
        Exit with 1 also if something is not proved.

    Returns
    -------
    Proof
        The verdict, what was compared and every difference; also written beside the script, as ``proof.json``, or
        as ``NAME.proof.json`` where that file is another script's.

    Examples
    --------
    >>> dsml.verify("work.ipynb")  # doctest: +SKIP
    """
    from pathlib import Path

    from dsml_magics.pipeline.proof.verifying import verified

    target = Path(script).expanduser() if script is not None else None
    return verified(Path(notebook).expanduser(), target, strict=strict)
