"""Estimators: whether a block fitted them, and the parameters they were given. Needs no scikit-learn."""

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

State = Mapping[str, object]


def is_estimator(value: object) -> bool:
    """Tell whether a value follows scikit-learn's estimator interface.

    Its type is asked, not the value: a lazy or broken object of the user must not notice.
    """
    return _has_parameters(value) and hasattr(type(value), "fit")


def fitted_state(estimator: Any) -> dict[str, object]:
    """Collect what fitting leaves behind: attributes that end in an underscore, of inner estimators too."""
    found: dict[str, object] = {}
    for path, each in _with_inner(estimator):
        for name, value in getattr(each, "__dict__", {}).items():
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


def given_parameters(estimator: Any) -> dict[str, str]:
    """Return the parameters that differ from the defaults, inner ones as ``step__parameter``."""
    found: dict[str, str] = {}
    for path, each in _with_inner(estimator):
        defaults = inspect.signature(type(each).__init__).parameters
        for name, value in each.get_params(deep=False).items():
            if not _holds_estimators(value) and name in defaults and not _same(value, defaults[name].default):
                found[f"{path}{name}"] = _written(value)
    return found


def _with_inner(estimator: Any) -> Iterator[tuple[str, Any]]:
    yield "", estimator
    for name, value in estimator.get_params(deep=True).items():
        if is_estimator(value) or (
            callable(getattr(value, "get_params", None)) and not isinstance(value, type)
        ):
            yield f"{name}__", value


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
