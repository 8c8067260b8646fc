"""How each kind of model is written as an MLflow model directory."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from dsml_magics.deploy.inputs import Inputs
from dsml_magics.deploy.requirement import local_modules, modules_named, pickled, requirements
from dsml_magics.errors import ModelUnusable


def save(model: Any, folder: Path, *, sample: Any, predictions: Any) -> list[str]:
    """Write a model with its signature and pinned requirements; return the requirements.

    The model is pickled with cloudpickle: MLflow's default, skops, refuses trees, forests, boosting
    and anything defined in a notebook. The package's manifest guards the file.

    Raises
    ------
    ModelUnusable
        It cannot be pickled, or has no signature.
    """
    modules = modules_named(pickled(model))
    with _by_value(local_modules(modules)), _quiet():
        modules = modules_named(pickled(model))
        pins = requirements(modules)
        signature = _signature(sample, predictions)
        if hasattr(model, "get_params") and hasattr(model, "fit"):
            from mlflow import sklearn

            sklearn.save_model(
                model,
                str(folder),
                signature=signature,
                pip_requirements=pins,
                serialization_format="cloudpickle",
            )
        else:
            _save_function(_function_of(model), folder, signature=signature, pins=pins)
    return pins


def predict_of(model: Any) -> Any:
    """Return what a model predicts with: its ``predict``, or itself if it is a function.

    Raises
    ------
    ModelUnusable
        It is neither.
    """
    predict = getattr(model, "predict", None)
    if callable(predict) and not isinstance(model, type):
        return predict
    if callable(model) and not isinstance(model, type):
        return model
    raise ModelUnusable(
        f"Expected a fitted model with a `predict` method, or a function, got {type(model).__name__} "
        f"{getattr(model, '__name__', '')}".rstrip()
        + "."
    )


def raw_predict(loaded: Any) -> Any:
    """Return what a loaded MLflow model predicts with, without MLflow's checks of the input."""
    from mlflow.exceptions import MlflowException

    try:
        return predict_of(loaded.get_raw_model())
    except (MlflowException, NotImplementedError):
        function = loaded.unwrap_python_model()
        return lambda rows: function.predict(None, rows)


def _function_of(model: Any) -> Any:
    predict = predict_of(model)

    def predicted(model_input: Any) -> Any:
        return predict(model_input)

    return predicted


def _save_function(function: Any, folder: Path, *, signature: Any, pins: list[str]) -> None:
    from mlflow import pyfunc

    class Function(pyfunc.PythonModel):  # type: ignore[misc]
        """A plain function as an MLflow model; pickled by value, so loading it needs no dsml_magics."""

        # Without type hints: MLflow would read them as a schema.
        def predict(self, context, model_input, params=None):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202, ARG002
            return function(model_input)

    pyfunc.save_model(str(folder), python_model=Function(), signature=signature, pip_requirements=pins)


def _signature(sample: Any, predictions: Any) -> Any:
    from mlflow.exceptions import MlflowException
    from mlflow.models import infer_signature

    try:
        signature = infer_signature(sample, predictions)
    except MlflowException as error:
        raise ModelUnusable(
            f"Expected columns that a signature can describe, but: {str(error)[:300]}"
        ) from None
    if signature.inputs is not None and Inputs.of(sample).categories:
        signature.inputs = _with_categories_let_through(signature.inputs, Inputs.of(sample))
    return signature


def _with_categories_let_through(schema: Any, inputs: Inputs) -> Any:
    # MLflow calls a categorical column text and then refuses it, as it is no text.
    from mlflow.types.schema import AnyType, ColSpec, Schema

    specs = [
        ColSpec(AnyType(), spec.name) if spec.name in inputs.categories else spec for spec in schema.inputs
    ]
    return Schema(specs)


@contextmanager
def _by_value(modules: list[Any]) -> Iterator[None]:
    """Pickle these modules' classes and functions by value meanwhile."""
    import cloudpickle

    for module in modules:
        cloudpickle.register_pickle_by_value(module)
    try:
        yield
    finally:
        for module in modules:
            with suppress(ValueError):
                cloudpickle.unregister_pickle_by_value(module)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep MLflow's advice on pickle and type hints away: the manifest is our answer to it."""
    logger = logging.getLogger("mlflow")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
