"""PyTorch modules: asked with arrays and frames of float32, as MLflow's own wrapper asks them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from inspect import signature
from pathlib import Path
from typing import Any

import torch

from dsml_magics.deploy.framework.base import Format, Framework, Method, Writing, framework_of
from dsml_magics.deploy.framework.function import PICKLED


@dataclass(frozen=True)
class Module(Framework):
    """A trained module. It is asked and written in evaluation mode: dropout would make its answers random."""

    loaders = ("mlflow.pytorch",)

    @property
    def methods(self) -> Mapping[str, Method]:
        return {"predict": self._predict}

    def taken(self, rows: Any) -> Any:
        return rows.detach().cpu().numpy() if isinstance(rows, torch.Tensor) else rows

    def _predict(self, rows: Any) -> Any:
        import pandas as pd

        values = rows.to_numpy(dtype="float32") if isinstance(rows, pd.DataFrame) else rows
        # PyTorch warns of arrays it cannot write to, as pandas gives them.
        values = values if values.flags.writeable else values.copy()
        with _evaluating(self.model), torch.no_grad():
            found = self.model(torch.from_numpy(values)).cpu().numpy()
        return pd.DataFrame(found, index=rows.index) if isinstance(rows, pd.DataFrame) else found

    def write(self, folder: Path, writing: Writing) -> Format:
        from mlflow import pytorch

        known = signature(pytorch.save_model).parameters
        chosen = {"serialization_format": "pickle"} if "serialization_format" in known else {}
        with _evaluating(self.model):
            pytorch.save_model(
                self.model,
                str(folder),
                signature=writing.signature,
                pip_requirements=list(writing.pins),
                **chosen,
            )
        return Format("pickle", PICKLED)


@contextmanager
def _evaluating(model: torch.nn.Module) -> Iterator[None]:
    was_training = model.training
    model.eval()
    try:
        yield
    finally:
        model.train(was_training)


@framework_of.register
def _(model: torch.nn.Module) -> Framework:
    return Module(model)
