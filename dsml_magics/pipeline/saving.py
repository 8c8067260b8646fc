"""Write a pipeline to a file."""

import os

from dsml_magics.files import write_text
from dsml_magics.pipeline.value import Pipeline


def save_script(pipeline: Pipeline, path: str | os.PathLike[str]) -> None:
    """Write the pipeline as a Python script, whole or not at all."""
    write_text(path, pipeline.to_script())
