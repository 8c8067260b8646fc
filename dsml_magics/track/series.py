"""Numbers that a block bound: single ones, and one a step or a fold."""

from collections.abc import Mapping
from typing import Any

_STEPS = 10_000
_ARRAY = 100
"""Longer arrays are predictions rather than results."""
_KEYS = 100


def values_of(
    candidates: Mapping[str, Any], *, chosen: bool, said: list[str]
) -> tuple[dict[str, float], dict[str, tuple[float, ...]]]:
    """Sort out what is one number and what is a series of them.

    Parameters
    ----------
    chosen
        Whether the user chose them: then whole numbers count, and what is no number is said.
    said
        What could not be recorded is added here.
    """
    metrics: dict[str, float] = {}
    series: dict[str, tuple[float, ...]] = {}
    for name, value in candidates.items():
        for key, each in _parts(name, value):
            number = number_of(each, whole=chosen)
            steps = None if number is not None else steps_of(each, longest=_STEPS if chosen else _ARRAY)
            if number is not None:
                metrics[key] = number
            elif steps is not None:
                series[key] = steps
            elif chosen:
                said.append(
                    f"{key}: expected a number or a list of numbers as metric, got {type(each).__name__}"
                )
    return metrics, series


def _parts(name: str, value: Any) -> list[tuple[str, Any]]:
    """Take a dict apart, such as the history of a training."""
    if type(value).__name__ == "History" and isinstance(getattr(value, "history", None), dict):
        value = value.history  # Keras gives the history of a fit so
    if type(value) is not dict:
        return [(name, value)]
    if not 0 < len(value) <= _KEYS or not all(type(key) is str for key in value):
        return []
    return [(f"{name}.{key}", each) for key, each in value.items()]


def number_of(value: Any, *, whole: bool = False) -> float | None:
    """Read a number: a float of Python, numpy or torch, and a whole one if asked for."""
    # The type is asked, not the value, which may be anything.
    kind, module = type(value), type(value).__module__.partition(".")[0]
    if kind is float or (isinstance(value, float) and kind is not bool):
        return float(value)
    if module == "numpy" and (
        kind.__name__.startswith("float") or (whole and kind.__name__.startswith(("int", "uint")))
    ):
        return float(value)
    if whole and kind is int:
        return float(value)
    if module in ("numpy", "torch", "jax", "jaxlib") and getattr(value, "shape", None) == ():
        return _scalar(value, whole=whole)
    return None


def _scalar(array: Any, *, whole: bool) -> float | None:
    """Read an array without dimensions."""
    item = array.item()
    return float(item) if type(item) is float or (whole and type(item) is int) else None


def steps_of(value: Any, *, longest: int) -> tuple[float, ...] | None:
    """Read a list of floats, or a short array of them."""
    kind = type(value)
    if kind in (list, tuple):
        if not 0 < len(value) <= _STEPS:
            return None
        numbers = [number_of(each, whole=True) for each in value]
        has_floats = any(number_of(each) is not None for each in value)
        return (
            tuple(number for number in numbers if number is not None)
            if has_floats and None not in numbers
            else None
        )
    is_array = kind.__module__.partition(".")[0] == "numpy" and kind.__name__ == "ndarray"
    if is_array and value.ndim == 1 and value.dtype.kind == "f" and 0 < len(value) <= longest:
        return tuple(map(float, value.tolist()))
    return None
