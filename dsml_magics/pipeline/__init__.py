"""Pipeline: a notebook becomes a plain Python script that provably does the same."""

from dsml_magics.command.arguments import File, Notebook
from dsml_magics.command.registry import command
from dsml_magics.pipeline.value import Pipeline


@command
def pipeline(  # noqa: PLR0913  one option each
    notebook: Notebook | None = None,
    /,
    *,
    to: File | None = None,
    only: list[str] | None = None,
    lean: bool = False,
    verify: bool = False,
    keep_magics: bool = False,
) -> Pipeline:
    """Read a notebook as a pipeline and write it as a script that runs without IPython.

    Parameters
    ----------
    notebook
        The notebook to convert; without, the one this is called in.
    to
        Python file to write.
    only
        Steps or variables: only what they need is kept, with every possible effect on it.
    lean
        Leave out the cells that only show something.
    verify
        Run the notebook and the script, and compare what they leave; the proof is written beside the script.
    keep_magics
        Keep magics that have no plain Python form: the script then needs IPython.

    Returns
    -------
    Pipeline
        Its steps, parameters and graph; ``to_script()`` gives the source.

    Examples
    --------
    >>> dsml.pipeline("work.ipynb")  # doctest: +SKIP
    """
    from dsml_magics.pipeline.making import Wish, made

    return made(notebook, Wish(only or (), lean=lean, keeps_magics=keep_magics), to=to, verify=verify)
