"""Plain functions, and objects with a ``predict``."""

from pathlib import Path
from typing import Any

from dsml_magics.deploy.framework.base import Format, Writing

PICKLED = "it is the only format that holds any Python; the manifest guards the file"


def write_function(function: Any, folder: Path, writing: Writing) -> Format:
    """Write a function as MLflow's Python model; pickled by value, so loading it needs no dsml_magics."""
    from mlflow import pyfunc

    def asked(model_input: Any) -> Any:
        return function(model_input)

    class Function(pyfunc.PythonModel):  # type: ignore[misc]
        # Without type hints: MLflow would read them as a schema.
        def predict(self, context, model_input, params=None):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202, ARG002
            return asked(model_input)

    write_python_model(Function(), folder, writing)
    return Format("cloudpickle", PICKLED)


def write_python_model(model: Any, folder: Path, writing: Writing) -> None:
    """Write an instance of MLflow's PythonModel."""
    from mlflow import pyfunc

    pyfunc.save_model(
        str(folder), python_model=model, signature=writing.signature, pip_requirements=list(writing.pins)
    )
