"""MLflow's own models: instances of PythonModel, and what `mlflow.pyfunc.load_model` gives."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mlflow.pyfunc import PyFuncModel, PythonModel

from dsml_magics.deploy.framework.base import Format, Framework, Method, Writing, framework_of
from dsml_magics.deploy.framework.function import PICKLED, write_function, write_python_model


@dataclass(frozen=True)
class Python(Framework):
    """An instance of PythonModel."""

    @property
    def methods(self) -> Mapping[str, Method]:
        return {"predict": lambda rows: self.model.predict(None, rows)}

    def write(self, folder: Path, writing: Writing) -> Format:
        write_python_model(self.model, folder, writing)
        return Format("cloudpickle", PICKLED)


@dataclass(frozen=True)
class Loaded(Framework):
    """A loaded model that does not give away what is inside it."""

    def write(self, folder: Path, writing: Writing) -> Format:
        return write_function(self.model.predict, folder, writing)


@framework_of.register
def _(model: PythonModel) -> Framework:
    return Python(model)


@framework_of.register
def _(model: PyFuncModel) -> Framework:
    return Loaded(model)
