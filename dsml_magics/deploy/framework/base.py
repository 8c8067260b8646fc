"""What deploying asks of a library's models."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import singledispatch
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

from dsml_magics.errors import ModelUnusable

_ADAPTERS = {
    "sklearn": "dsml_magics.deploy.framework.sklearn",
    "xgboost": "dsml_magics.deploy.framework.xgboost",
    "lightgbm": "dsml_magics.deploy.framework.lightgbm",
    "torch": "dsml_magics.deploy.framework.torch",
    "mlflow": "dsml_magics.deploy.framework.pyfunc",
}
Method = Callable[[Any], Any]


@dataclass(frozen=True)
class Format:
    """The file format of a model, and why it was chosen."""

    name: str
    why: str


@dataclass(frozen=True)
class Writing:
    """What MLflow is given beside the model: `signature`, and `pins` such as ``scikit-learn==1.9.1``."""

    signature: Any
    pins: Sequence[str]


@dataclass(frozen=True)
class Framework:
    """A model, and how its library's models are asked and written; here for a plain function or object.

    Attributes
    ----------
    model
        The live model.
    """

    model: Any
    loaders: ClassVar[Sequence[str]] = ("mlflow.pyfunc.model",)
    """The modules that load it."""

    @property
    def methods(self) -> Mapping[str, Method]:
        """What the model can be asked, ``predict`` first. The proof compares each."""
        return {"predict": predict_of(self.model)}

    @property
    def columns(self) -> list[str] | None:
        """Names of the columns it was fitted on; None if it keeps none."""
        return None

    @property
    def known(self) -> Mapping[str, Sequence[Any]]:
        """Values it was fitted on, by column, where it remembers them."""
        return {}

    @property
    def needs(self) -> Sequence[str]:
        """Modules that loading it needs beside those that its pickle names."""
        return ()

    def taken(self, rows: Any) -> Any:
        """Return rows as the model takes them."""
        return rows

    def write(self, folder: Path, writing: Writing) -> Format:
        """Write the model as an MLflow model directory."""
        from dsml_magics.deploy.framework.function import write_function

        return write_function(predict_of(self.model), folder, writing)


@singledispatch
def framework_of(model: Any) -> Framework:
    """Return how a model is asked and written; other types can be added by `framework_of.register`."""
    if hasattr(model, "get_params") and hasattr(model, "fit") and not isinstance(model, type):
        from dsml_magics.deploy.framework.sklearn import Sklearn

        return Sklearn(model)
    return Framework(model)


def framework_for(model: Any) -> Framework:
    """Return how a model is asked and written, after the file for its library was imported.

    Raises
    ------
    ModelUnusable
        It is no model.
    """
    for kind in type(model).__mro__:
        if adapter := _ADAPTERS.get(kind.__module__.partition(".")[0]):
            import_module(adapter)
    framework = framework_of(model)
    _ = framework.methods
    return framework


def predict_of(model: Any) -> Method:
    """Return what a model predicts with: its ``predict``, or itself if it is a function.

    Raises
    ------
    ModelUnusable
        It is neither.
    """
    predict = getattr(model, "predict", None)
    if callable(predict) and not isinstance(model, type):
        return predict  # type: ignore[no-any-return]
    if callable(model) and not isinstance(model, type):
        return model  # type: ignore[no-any-return]
    raise ModelUnusable(
        f"Expected a fitted model with a `predict` method, or a function, got {type(model).__name__} "
        f"{getattr(model, '__name__', '')}".rstrip()
        + "."
    )
