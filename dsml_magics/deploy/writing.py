"""Write a model as an MLflow model directory, with its signature and pinned requirements."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dsml_magics.deploy.framework.base import Format, Writing
from dsml_magics.deploy.requirement import local_modules, modules_named, pickled, requirements
from dsml_magics.deploy.subject import Subject, categories_of
from dsml_magics.errors import DsmlError, FileNotWritten, ModelUnusable

_SIGNATURE_ROWS = 1000


@dataclass(frozen=True)
class Written:
    """How a model was written: its format, and its requirements as ``name==version``."""

    format: Format
    pins: tuple[str, ...]


def write_model(subject: Subject, folder: Path) -> Written:
    """Write a model; classes and functions of the notebook and of files beside it travel in the pickle.

    Raises
    ------
    ModelUnusable
        It cannot be pickled, or has no signature.
    """
    from mlflow.exceptions import MlflowException

    model = subject.framework.model
    own = local_modules(subject.modules)
    with _by_value(own), quiet():
        # What is sent by value may need other modules.
        modules = modules_named(pickled(model)) if own else subject.modules
        pins = requirements({*modules, *subject.framework.needs})
        writing = Writing(_signature(subject), pins)
        try:
            format_ = subject.framework.write(folder, writing)
        except MlflowException as error:
            raise _told(error) from error
    return Written(format_, tuple(pins))


def _told(error: BaseException) -> DsmlError:
    """Say why MLflow did not write a model: a full disk is found far down."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError):
            return FileNotWritten(
                f"Cannot write the package: {cause.strerror or cause}. Nothing was registered."
            )
        cause = cause.__cause__ or cause.__context__
    return ModelUnusable(f"Expected a model that MLflow can write, but: {' '.join(str(error).split())[:300]}")


def _signature(subject: Subject) -> Any:
    from mlflow.exceptions import MlflowException
    from mlflow.models import infer_signature
    from mlflow.types.schema import AnyType, ColSpec, Schema

    sample, predictions = subject.rows[:_SIGNATURE_ROWS], subject.predictions[:_SIGNATURE_ROWS]
    try:
        signature = infer_signature(sample, predictions)
    except MlflowException as error:
        raise ModelUnusable(
            f"Expected columns that a signature can describe, but: {str(error)[:300]}"
        ) from None
    fixed = categories_of(sample)
    if signature.inputs is not None and fixed:
        # MLflow calls a categorical column text and then refuses it, as it is no text.
        specs = [ColSpec(AnyType(), spec.name) if spec.name in fixed else spec for spec in signature.inputs]
        signature.inputs = Schema(specs)
    return signature


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
def quiet() -> Iterator[None]:
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
