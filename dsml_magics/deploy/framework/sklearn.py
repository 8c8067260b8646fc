"""scikit-learn's estimators, and those of other libraries that follow them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from sklearn.base import BaseEstimator

from dsml_magics.deploy.framework.base import Format, Framework, Method, Writing, framework_of, predict_of
from dsml_magics.errors import ModelUnusable

ASKED = ("predict_proba", "decision_function")
_PICKLED = "skops does not know {name}; the manifest guards the file"


@dataclass(frozen=True)
class Sklearn(Framework):
    """A fitted estimator."""

    loaders: ClassVar[Sequence[str]] = ("mlflow.sklearn", "dsml_magics.package.lean_skops")

    @property
    def methods(self) -> Mapping[str, Method]:
        found = {"predict": predict_of(self.model)}
        # Some have the attribute and refuse it only when asked, as SVC without probabilities.
        return found | {name: getattr(self.model, name) for name in ASKED if hasattr(self.model, name)}

    @property
    def columns(self) -> list[str] | None:
        names = getattr(self.model, "feature_names_in_", None)
        return None if names is None else [str(name) for name in names]

    @property
    def known(self) -> Mapping[str, Sequence[Any]]:
        return dict(_encoded(self.model, self.columns or []))

    @cached_property
    def unknown(self) -> str | None:
        """A type that skops would have to be told to trust, None if there is none."""
        return _unknown_to_skops(self.model)

    @property
    def needs(self) -> Sequence[str]:
        return () if self.unknown else ("skops",)

    def write(self, folder: Path, writing: Writing) -> Format:
        from mlflow import sklearn

        name = "cloudpickle" if self.unknown else "skops"
        sklearn.save_model(
            self.model,
            str(folder),
            signature=writing.signature,
            pip_requirements=list(writing.pins),
            serialization_format=name,
        )
        if self.unknown:
            return Format("cloudpickle", _PICKLED.format(name=self.unknown))
        return Format("skops", "it loads without running code, and knows every type in this model")


@framework_of.register
def _(model: BaseEstimator) -> Framework:
    if not callable(getattr(model, "predict", None)):
        raise ModelUnusable(
            f"Expected a model that predicts, got {type(model).__name__}, which has no `predict`. "
            "Put it into a pipeline that ends in a predictor, or give a function."
        )
    return Sklearn(model)


def _unknown_to_skops(model: Any) -> str | None:
    from mlflow import sklearn

    if not hasattr(sklearn, "SERIALIZATION_FORMAT_SKOPS"):
        return "this release of MLflow"
    try:
        from dsml_magics.package.lean_skops import io

        unknown = io.get_untrusted_types(data=io.dumps(model))
    except Exception as error:  # noqa: BLE001  it meets whatever the model holds
        return f"a part of the model ({type(error).__name__})"
    return str(unknown[0]) if unknown else None


def _encoded(model: Any, columns: Sequence[str]) -> Iterator[tuple[str, Sequence[Any]]]:
    """Find the categories that encoders directly behind the input were fitted on."""
    if hasattr(model, "best_estimator_"):
        yield from _encoded(model.best_estimator_, columns)
    elif hasattr(model, "steps"):
        # Behind the first step the columns are no longer those of the input.
        first = next((step for _, step in model.steps if step not in (None, "passthrough")), None)
        yield from _encoded(first, columns)
    elif hasattr(model, "transformers_"):
        for _, transformer, chosen in model.transformers_:
            names = [chosen] if isinstance(chosen, str) else list(chosen) if _are_names(chosen) else []
            yield from _encoded(transformer, names)
    elif hasattr(model, "categories_") and len(model.categories_) == len(columns):
        for name, values in zip(columns, model.categories_, strict=True):
            yield name, [value for value in list(values) if value is not None]


def _are_names(chosen: Any) -> bool:
    return hasattr(chosen, "__iter__") and all(isinstance(name, str) for name in chosen)
