"""Estimators: whether a block fitted them, and the parameters they were given. Needs no scikit-learn."""

import inspect
from collections.abc import Collection, Iterator, Mapping
from typing import Any

State = Mapping[str, object]


def is_estimator(value: object) -> bool:
    """Tell whether a value follows scikit-learn's estimator interface.

    Its type is asked, not the value: a lazy or broken object of the user must not notice.
    """
    return _has_parameters(value) and hasattr(type(value), "fit")


def is_sound(value: object) -> bool:
    """Tell whether an object can be asked what it is: a broken one of the user may raise anything."""
    try:
        kind = value if isinstance(value, type) else type(value)
        return hasattr(kind, "fit") | hasattr(kind, "get_params") | isinstance(value, float) | True
    except Exception:  # noqa: BLE001  as said
        return False


def is_estimator_class(kind: type) -> bool:
    """Tell whether a class makes estimators, or splitters such as ``KFold``."""
    return callable(getattr(kind, "get_params", None)) or (
        hasattr(kind, "split") and hasattr(kind, "get_n_splits")
    )


def fitted_state(estimator: Any) -> dict[str, object]:
    """Collect what fitting leaves behind: attributes that end in an underscore, of inner estimators too."""
    found: dict[str, object] = {}
    for path, each in inner_estimators_or_none(estimator):
        for name, value in list(getattr(each, "__dict__", {}).items()):
            if name.endswith("_") and not name.startswith("_"):
                found[f"{path}{name}"] = value
    return found


def was_fitted(before: State | None, after: State) -> bool:
    """Tell whether an estimator was fitted between two states; None if it was not there."""
    if not after:
        return False
    return (
        before is None
        or before.keys() != after.keys()
        or any(before[name] is not after[name] for name in after)
    )


def parameters_of(
    estimator: Any, named: Collection[tuple[str, str]] = ()
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the parameters that were given, and those left at their defaults; inner ones as ``step__parameter``.

    Given are those that differ from the default, and those that the code names, whatever their value: a sweep
    over the default shows it too.

    Parameters
    ----------
    named
        Class and parameter, or no class and the path of a parameter.
    """
    given: dict[str, str] = {}
    left: dict[str, str] = {}
    for path, each in inner_estimators(estimator):
        defaults = inspect.signature(type(each).__init__).parameters
        for name, value in each.get_params(deep=False).items():
            if _holds_estimators(value) or name not in defaults:
                continue
            is_named = (type(each).__name__, name) in named or ("", f"{path}{name}") in named
            is_default = _same(value, defaults[name].default)
            (given if is_named or not is_default else left)[f"{path}{name}"] = _written(value)
    return given, left


def is_predictor(kind: type) -> bool:
    """Tell an estimator that predicts or clusters from one that only prepares data."""
    return hasattr(kind, "predict") or hasattr(kind, "fit_predict")


def inner_estimators(estimator: Any) -> Iterator[tuple[str, Any]]:
    """Go through an estimator and those inside it, each with the path that its parameters have."""
    yield "", estimator
    for name, value in estimator.get_params(deep=True).items():
        if is_estimator(value) or (
            callable(getattr(value, "get_params", None)) and not isinstance(value, type)
        ):
            yield f"{name}__", value


def inner_estimators_or_none(estimator: Any) -> list[tuple[str, Any]]:
    """Go through an estimator and those inside it; the estimator alone where it does not tell them."""
    try:
        return list(inner_estimators(estimator))
    except Exception:  # noqa: BLE001  `get_params` of a foreign class may raise anything
        return [("", estimator)]


def _holds_estimators(value: object) -> bool:
    if isinstance(value, list | tuple):
        return any(_holds_estimators(item) for item in value)
    return _has_parameters(value)


def _has_parameters(value: object) -> bool:
    return not isinstance(value, type) and callable(getattr(type(value), "get_params", None))


def _written(value: object) -> str:
    try:
        return value if isinstance(value, str) else repr(value)
    except Exception:  # noqa: BLE001  a foreign object's __repr__ may raise anything
        return f"<{type(value).__name__}>"


def _same(value: object, default: object) -> bool:
    try:
        return bool(value is default or (type(value) is type(default) and value == default))
    except Exception:  # noqa: BLE001  a foreign object's __eq__ may raise anything, arrays do
        return False
