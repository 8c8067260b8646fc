"""A loaded package: rows are validated against its contract, then the model predicts."""

import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsml_magics.errors import ModelUnusable
from dsml_magics.package.checking import check
from dsml_magics.package.contract import Contract
from dsml_magics.package.inputs import fitted, inputs_of
from dsml_magics.package.pins import mismatched
from dsml_magics.package.violation import Checked

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Scorer:
    """A loaded package.

    MLflow's own `predict` would refuse what the model takes, such as an integer column in which one value is missing;
    so the model is asked directly, as the proof did, and the contract stands before it.

    Attributes
    ----------
    model
        What `mlflow.pyfunc.load_model` gave.
    uri
        What was loaded.
    sealed
        SHA-256 of the package's manifest.
    """

    model: Any
    contract: Contract
    uri: str
    sealed: str = ""

    def check(self, batch: "pa.RecordBatch | pa.Table") -> Checked:
        """Validate rows against the contract.

        Raises
        ------
        ColumnNotFound
            A column is missing.
        """
        return check(batch, self.contract)

    def answer(self, checked: Checked, *, came: Any = None) -> Any:
        """Predict rows that were checked.

        Parameters
        ----------
        came
            The pandas frame they came as: its columns are taken as they are, where the contract did not change them.
        """
        if not checked.rows.num_rows:
            return self.nothing()
        if came is None or self.contract.form == "array":
            return self.predict(inputs_of(checked.rows, self.contract))
        frame = fitted(came, self.contract)
        if checked.changed:
            anew = {name: checked.rows.column(name).to_pandas() for name in checked.changed}
            frame = frame.assign(**{name: values.set_axis(frame.index) for name, values in anew.items()})
            frame = fitted(frame, self.contract)
        return self.predict(frame)

    def predict(self, rows: Any) -> Any:
        """Ask the model, with rows in its own form.

        Raises
        ------
        ModelUnusable
            It raised.
        """
        try:
            return raw(self.model)(rows)
        except Exception as error:
            raise ModelUnusable(
                f"The package could not score these {len(rows):,} rows: {' '.join(str(error).split())[:300]}"
            ) from error

    def nothing(self) -> Any:
        """Return what no rows are answered with."""
        import numpy as np

        answer = self.contract.answer or {}
        return np.empty((0, *answer.get("shape", ())), dtype=answer.get("dtype", "float64"))


@contextmanager
def without_name_warnings() -> Iterator[None]:
    """Keep scikit-learn from warning that a model was fitted without names: a package names every column all the same."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "X has feature names, but", UserWarning)
        yield


@dataclass(frozen=True)
class Bare:
    """A model that was loaded without MLflow, where MLflow's is expected."""

    model: Any

    def get_raw_model(self) -> Any:
        """Return the model."""
        return self.model


def raw(loaded: Any) -> Callable[[Any], Any]:
    """Return what a loaded MLflow model predicts with, without MLflow's checks of the input."""
    return method_of(loaded, "predict")


def method_of(loaded: Any, name: str) -> Callable[[Any], Any]:
    """Return a method of the model inside a loaded MLflow model: ``predict``, ``predict_proba`` ..."""
    if isinstance(loaded, Bare):
        return getattr(loaded.model, name)  # type: ignore[no-any-return]
    from mlflow.exceptions import MlflowException

    try:
        model = loaded.get_raw_model()
    except (MlflowException, NotImplementedError, AttributeError):
        function = loaded.unwrap_python_model()
        return lambda rows: function.predict(None, rows)
    if not hasattr(model, "predict") or type(model).__name__ == "Booster":
        # A function, or what MLflow's wrapper asks in another form: with tensors, or XGBoost's own matrices.
        found: Callable[[Any], Any] = loaded._model_impl.predict  # noqa: SLF001  the checks are those of `loaded`
        return found
    return getattr(model, name)  # type: ignore[no-any-return]


def load(folder: Path, contract: Contract, *, uri: str, sealed: str = "") -> Scorer:
    """Load the model of a package whose files were checked."""
    tell_other_versions(folder, uri)
    return Scorer(load_model(folder), contract, uri, sealed)


def tell_other_versions(folder: Path, uri: str) -> None:
    """Say which packages are not installed here as they were where it was made."""
    if told := mismatched(folder):
        sys.stderr.write(f"dsml: {uri} was made with other versions: {', '.join(told)}\n")


def load_model(folder: Path) -> Any:
    """Load the model of a package as MLflow does."""
    import mlflow.pyfunc

    if "serialization_format: skops" in (folder / "MLmodel").read_text(encoding="utf-8"):
        from dsml_magics.package import lean_skops  # noqa: F401  MLflow takes what is imported already
    # To warn of packages of other versions MLflow looks through all that is installed, for a second or two.
    return mlflow.pyfunc.load_model(str(folder), suppress_warnings=True)
