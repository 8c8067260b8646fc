"""Import something without the libraries that it would load only because they are installed."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import get_ident
from typing import Any


class _Absent:
    """Finds nothing, but tells one thread that libraries are not installed; others may import them meanwhile."""

    def __init__(self, libraries: frozenset[str]) -> None:
        self._libraries, self._thread = libraries, get_ident()

    def find_spec(self, name: str, *_: Any) -> None:
        library = name.partition(".")[0]
        if library in self._libraries and library not in sys.modules and get_ident() == self._thread:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


@contextmanager
def absent(*libraries: str) -> Iterator[None]:
    """Let imports by this thread find none of `libraries`, but for those that are loaded already.

    What is imported meanwhile must do without them for good.

    Examples
    --------
    >>> with absent("turtle"):
    ...     import turtle
    Traceback (most recent call last):
    ModuleNotFoundError: No module named 'turtle'
    """
    finder = _Absent(frozenset(libraries))
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
