"""LightGBM: boosters as text; estimators pickled, as they hold more than the booster."""

from dataclasses import dataclass
from pathlib import Path

import lightgbm

from dsml_magics.deploy.framework.base import Format, Framework, Writing, framework_of
from dsml_magics.deploy.framework.function import PICKLED
from dsml_magics.deploy.framework.sklearn import Sklearn


@dataclass(frozen=True)
class Estimator(Sklearn):
    """A fitted ``LGBMClassifier`` or the like."""

    needs = ()
    loaders = ("mlflow.lightgbm",)

    def write(self, folder: Path, writing: Writing) -> Format:
        from inspect import signature

        from mlflow import lightgbm as flavor

        chosen = {"serialization_format": "cloudpickle"}
        known = signature(flavor.save_model).parameters
        flavor.save_model(
            self.model,
            str(folder),
            signature=writing.signature,
            pip_requirements=list(writing.pins),
            **{name: value for name, value in chosen.items() if name in known},
        )
        return Format("cloudpickle", PICKLED)


@dataclass(frozen=True)
class Booster(Framework):
    """What ``lightgbm.train`` gives."""

    loaders = ("mlflow.lightgbm",)

    @property
    def columns(self) -> list[str] | None:
        names = list(self.model.feature_name())
        # LightGBM's own names for columns of an array.
        return None if all(name.startswith("Column_") for name in names) else names

    def write(self, folder: Path, writing: Writing) -> Format:
        from mlflow import lightgbm as flavor

        flavor.save_model(
            self.model, str(folder), signature=writing.signature, pip_requirements=list(writing.pins)
        )
        return Format("text", "LightGBM's own format holds numbers, no code")


@framework_of.register
def _(model: lightgbm.LGBMModel) -> Framework:
    return Estimator(model)


@framework_of.register
def _(model: lightgbm.Booster) -> Framework:
    return Booster(model)
