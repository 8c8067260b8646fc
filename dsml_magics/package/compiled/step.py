"""Fitted transformers as arithmetic on a block of floats: the same operations in the same order, so the same bits."""

import copy
from typing import TYPE_CHECKING, Any

from dsml_magics.package.compiled.part import Step

if TYPE_CHECKING:
    import numpy as np

_NAMES = "feature_names_in_"


def step_of(transformer: Any) -> Step:
    """Return what a fitted transformer does with a block of floats: by hand where it is simple, else its public `transform`."""
    kind = type(transformer).__name__
    if type(transformer).__module__.startswith("sklearn.") and (by_hand := _BY_HAND.get(kind)):
        step: Step | None = by_hand(transformer)
        if step is not None:
            return step
    transform = without_names(transformer).transform
    return lambda block: dense(transform(block))


def dense(values: Any) -> "np.ndarray[Any, Any]":
    """Return a matrix of floats, whether it came as a frame, an array or sparse."""
    import numpy as np

    if hasattr(values, "toarray"):
        values = values.toarray()
    return np.asarray(values, dtype=np.float64)


def without_names(estimator: Any) -> Any:
    """Return a copy that was, by its looks, fitted on arrays: it does not warn when it is given one, nor start threads."""
    if not hasattr(estimator, "get_params"):
        return estimator
    made = copy.copy(estimator)
    for name, value in vars(estimator).items():
        if name == _NAMES:
            delattr(made, name)
        elif name == "n_jobs":
            made.n_jobs = 1
        elif name.endswith("_") and isinstance(value, list | tuple):
            setattr(made, name, type(value)(without_names(each) for each in value))
        elif name.endswith("_") and hasattr(value, "get_params"):
            setattr(made, name, without_names(value))
    return made


def _standard(scaler: Any) -> Step | None:
    mean = scaler.mean_ if scaler.with_mean else 0.0
    scale = scaler.scale_ if scaler.with_std else 1.0
    return lambda block: (block - mean) / scale


def _min_max(scaler: Any) -> Step:
    import numpy as np

    scale, least = scaler.scale_, scaler.min_
    if scaler.clip:
        low, high = scaler.feature_range
        return lambda block: np.clip(block * scale + least, low, high)
    return lambda block: block * scale + least


def _max_abs(scaler: Any) -> Step | None:
    return None if getattr(scaler, "clip", False) else lambda block: block / scaler.scale_


def _robust(scaler: Any) -> Step:
    center = scaler.center_ if scaler.with_centering else 0.0
    scale = scaler.scale_ if scaler.with_scaling else 1.0
    return lambda block: (block - center) / scale


def _imputer(imputer: Any) -> Step | None:
    import numpy as np

    try:
        filling = np.asarray(imputer.statistics_, dtype=np.float64)
    except (TypeError, ValueError):
        return None
    is_simple = imputer.missing_values != imputer.missing_values and not imputer.add_indicator
    if not is_simple or np.isnan(filling).any():
        return None
    return lambda block: np.where(np.isnan(block), filling, block)


def _function(transformer: Any) -> Step | None:
    import numpy as np

    if transformer.func is None:
        return lambda block: block
    if isinstance(transformer.func, np.ufunc) and not transformer.kw_args:
        return transformer.func
    return None


_BY_HAND: dict[str, Any] = {
    "StandardScaler": _standard,
    "MinMaxScaler": _min_max,
    "MaxAbsScaler": _max_abs,
    "RobustScaler": _robust,
    "SimpleImputer": _imputer,
    "FunctionTransformer": _function,
}
