"""Pipeline: a notebook becomes a plain Python script that does the same."""

from dsml_magics.command.arguments import File, Notebook
from dsml_magics.command.registry import command
from dsml_magics.pipeline.value import Pipeline


@command
def pipeline(notebook: Notebook, /, *, to: File | None = None) -> Pipeline:
    """Read a notebook as a pipeline and write it as a script that runs without IPython.

    Parameters
    ----------
    notebook
        The notebook to convert.
    to
        Python file to write.

    Returns
    -------
    Pipeline
        Its steps and parameters; ``to_script()`` gives the source.
    """
    from dsml_magics.pipeline.reading import read_pipeline
    from dsml_magics.pipeline.saving import save_script

    read = read_pipeline(notebook)
    if to is not None:
        save_script(read, to)
    return read
