"""``jupyter nbconvert --to dsml``: nbconvert is imported here only."""

from typing import Any

from nbconvert.exporters import Exporter
from nbconvert.utils.exceptions import ConversionException
from traitlets import default

from dsml_magics.errors import NotebookError
from dsml_magics.pipeline.reading import pipeline_of


class NotConverted(ConversionException, NotebookError):
    """A notebook that cannot become a script: nbconvert shows it, writes nothing and exits with 1."""


class DsmlExporter(Exporter):
    """Export a notebook as a Python script that runs without IPython."""

    export_from_notebook = "Python script (dsml)"

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".py"

    output_mimetype = "text/x-python"

    def from_notebook_node(self, nb: Any, resources: Any = None, **kwargs: Any) -> tuple[str, Any]:  # type: ignore[override]
        """Convert a notebook node.

        Raises
        ------
        NotConverted
            It is no Python notebook, or a cell cannot be converted.
        """
        prepared, resources = super().from_notebook_node(nb, resources, **kwargs)
        try:
            pipeline = pipeline_of(prepared, resources.get("metadata", {}).get("name") or "notebook")
        except NotebookError as error:
            raise NotConverted(str(error)) from None
        for warning in pipeline.warnings:
            self.log.warning(warning)
        return pipeline.to_script(), resources
