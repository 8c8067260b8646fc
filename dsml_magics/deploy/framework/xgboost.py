"""XGBoost: its own JSON-like format, which holds no code."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xgboost

from dsml_magics.deploy.framework.base import Format, Framework, Method, Writing, framework_of
from dsml_magics.deploy.framework.sklearn import ASKED, Sklearn

_OWN = Format("ubj", "XGBoost's own format holds numbers, no code")


def _write(model: Any, folder: Path, writing: Writing) -> Format:
    from mlflow import xgboost as flavor

    flavor.save_model(
        model,
        str(folder),
        signature=writing.signature,
        pip_requirements=list(writing.pins),
        model_format="ubj",
    )
    return _OWN


@dataclass(frozen=True)
class Estimator(Sklearn):
    """A fitted ``XGBClassifier`` or the like."""

    needs = ()
    loaders = ("mlflow.xgboost",)

    @property
    def methods(self) -> Mapping[str, Method]:
        return {name: getattr(self.model, name) for name in ("predict", *ASKED) if hasattr(self.model, name)}

    def write(self, folder: Path, writing: Writing) -> Format:
        return _write(self.model, folder, writing)


@dataclass(frozen=True)
class Booster(Framework):
    """What ``xgboost.train`` gives."""

    loaders = ("mlflow.xgboost",)

    @property
    def methods(self) -> Mapping[str, Method]:
        return {"predict": lambda rows: self.model.predict(xgboost.DMatrix(rows))}

    @property
    def columns(self) -> list[str] | None:
        names: list[str] | None = self.model.feature_names
        return names

    def write(self, folder: Path, writing: Writing) -> Format:
        return _write(self.model, folder, writing)


@framework_of.register
def _(model: xgboost.XGBModel) -> Framework:
    return Estimator(model)


@framework_of.register
def _(model: xgboost.Booster) -> Framework:
    return Booster(model)
