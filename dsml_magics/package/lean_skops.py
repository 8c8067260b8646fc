"""skops, imported without the libraries that it would only look at.

To learn scikit-learn's estimators skops walks through all its modules, and these import every array library that is
installed: PyTorch and Dask take two thirds of the time and hundreds of megabytes, though no estimator is in there.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import get_ident
from typing import Any

_ARRAY_LIBRARIES = frozenset({"array_api_strict", "cupy", "dask", "jax", "torch"})


class _Absent:
    """Finds nothing, but tells one thread that the array libraries are not there; others may import them meanwhile."""

    def __init__(self) -> None:
        self._thread = get_ident()

    def find_spec(self, name: str, *_: Any) -> None:
        if name.partition(".")[0] in _ARRAY_LIBRARIES and get_ident() == self._thread:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


@contextmanager
def _without_array_libraries() -> Iterator[None]:
    finder = _Absent()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


with _without_array_libraries():
    from skops import io

__all__ = ["io"]
