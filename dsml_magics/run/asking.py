"""What a step asks for: files that are not there, and variables of the environment. No event tells of either."""

import os
import sys
from dataclasses import dataclass, field
from itertools import chain
from types import FrameType
from typing import Any

from dsml_magics.run.own_files import is_own

_BETWEEN = 3
"""Frames between code that asks for a variable and the lookup: those of `os` and of mappings."""
_SETS = (os.supports_dir_fd, os.supports_fd, os.supports_follow_symlinks)


@dataclass
class Asking:
    """Hears, between `begin` and `end`, what Python looks up by `os.stat` and in `os.environ`.

    Attributes
    ----------
    absent
        Paths that were looked for in vain.
    variables
        Variables of the environment that the user's code named, with their values; None where there is none.
    """

    absent: set[str] = field(default_factory=set)
    variables: dict[str, str | None] = field(default_factory=dict)
    _stat: Any = None
    _item: Any = None

    def begin(self) -> None:
        """Start anew."""
        self.absent, self.variables = set(), {}
        self._stat, self._item = os.stat, type(os.environ).__getitem__
        look_up = self._item

        def item(environment: Any, name: Any) -> Any:
            is_heard = environment is os.environ and isinstance(name, str) and _is_named(name)
            try:
                value = look_up(environment, name)
            except KeyError:
                if is_heard:
                    self.variables.setdefault(name, None)
                raise
            if is_heard:
                self.variables.setdefault(name, value)
            return value

        os.stat = self._look
        for each in _SETS:
            each.add(self._look)
        type(os.environ).__getitem__ = item  # type: ignore[method-assign]

    def end(self) -> None:
        """Stop."""
        if os.stat == self._look:
            os.stat = self._stat
        for each in _SETS:
            each.discard(self._look)
        type(os.environ).__getitem__ = self._item  # type: ignore[method-assign]

    def _look(self, path: Any, **options: Any) -> os.stat_result:
        try:
            found: os.stat_result = self._stat(path, **options)
        except (FileNotFoundError, NotADirectoryError):
            if isinstance(path, str | bytes | os.PathLike) and options.get("dir_fd") is None:
                self.absent.add(os.path.abspath(os.fsdecode(path)))
            raise
        return found


def _is_named(name: str) -> bool:
    """Tell whether the user's code asks for a variable by its name, not a library, nor for all there are."""
    frame: FrameType | None = sys._getframe(2)  # noqa: SLF001  there is no other way
    for _ in range(_BETWEEN):
        if frame is None or frame.f_globals.get("__name__") not in ("os", "collections.abc"):
            break
        frame = frame.f_back
    # Whether a file is the user's depends on variables that name our folders.
    if frame is None or str(frame.f_globals.get("__name__")).startswith("dsml_magics."):
        return False
    file = frame.f_code.co_filename
    if file.startswith("<frozen ") or not is_own(os.path.abspath(file)):
        return False
    values = chain(frame.f_code.co_consts, frame.f_locals.values(), frame.f_globals.values())
    return any(isinstance(each, str) and each == name for each in values)
