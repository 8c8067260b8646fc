"""``jupyter nbconvert --to dsml``: nbconvert is imported here only."""

from pathlib import Path
from typing import Any

from nbconvert.exporters import Exporter
from nbconvert.utils.exceptions import ConversionException
from traitlets import Bool, List, Unicode, default

from dsml_magics.errors import NotebookError, UsageError
from dsml_magics.pipeline.making import Wish, cut
from dsml_magics.pipeline.reading import pipeline_of
from dsml_magics.pipeline.value import Pipeline


class NotConverted(ConversionException, NotebookError):
    """A notebook that cannot become a script: nbconvert shows it, writes nothing and exits with 1."""


class DsmlExporter(Exporter):
    """Export a notebook as a Python script that runs without IPython."""

    export_from_notebook = "Python script (dsml)"

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".py"

    output_mimetype = "text/x-python"

    only = List(Unicode(), help="Steps or variables: only what they need is kept.").tag(config=True)
    lean = Bool(False, help="Leave out the cells that only show something.").tag(config=True)
    keep_magics = Bool(False, help="Keep magics that have no plain Python form.").tag(config=True)

    def from_notebook_node(self, nb: Any, resources: Any = None, **kwargs: Any) -> tuple[str, Any]:  # type: ignore[override]
        """Convert a notebook node.

        Raises
        ------
        NotConverted
            It is no Python notebook, or a cell cannot be converted.
        """
        prepared, resources = super().from_notebook_node(nb, resources, **kwargs)
        try:
            pipeline = self._pipeline(prepared, resources.get("metadata", {}))
        except (NotebookError, UsageError) as error:
            raise NotConverted(str(error)) from None
        for warning in pipeline.warnings:
            self.log.warning(warning)
        return pipeline.to_script(), resources

    def _pipeline(self, notebook: Any, metadata: Any) -> Pipeline:
        folder = Path(metadata["path"] or ".") if "path" in metadata else None
        pipeline = pipeline_of(
            notebook, metadata.get("name") or "notebook", folder=folder, keeps_magics=self.keep_magics
        )
        return cut(pipeline, Wish(self.only, lean=self.lean))
