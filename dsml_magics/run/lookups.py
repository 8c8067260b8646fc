"""What a step looks up: files that are missing, and variables of the environment. Python raises no audit event for either."""

import dis
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import update_wrapper
from types import FrameType, MethodType
from typing import Any

from dsml_magics.run.own_files import is_own

_BETWEEN = ("os", "collections.abc", "posixpath", "ntpath")
"""Modules of the frames between code that asks for a variable and the lookup."""
_LOOKUPS = ("getenv", "get", "__contains__", "pop", "setdefault", "expandvars")
"""Functions there that look up the variables they are asked for."""
_SETS = (os.supports_dir_fd, os.supports_fd, os.supports_follow_symlinks)


class _Stat:
    """Notes the paths that are missing. A step may keep it, so it reaches nothing else, and is pickled as `os.stat`."""

    def __init__(self, replaced: Callable[..., os.stat_result], absent: set[str]) -> None:
        self.replaced, self._absent = replaced, absent
        update_wrapper(self, replaced)

    def __call__(self, path: Any, **options: Any) -> os.stat_result:
        try:
            return self.replaced(path, **options)
        except (FileNotFoundError, NotADirectoryError):
            if isinstance(path, str | bytes | os.PathLike) and options.get("dir_fd") is None:
                self._absent.add(os.path.abspath(os.fsdecode(path)))
            raise

    def __reduce__(self) -> Any:
        return getattr, (os, "stat")


class _Item:
    """Notes the variables that the user's code looks up; pickled as the method it stands for, without their values."""

    def __init__(self, replaced: Callable[[Any, Any], str], variables: dict[str, str | None]) -> None:
        self.replaced, self._variables = replaced, variables

    def __get__(self, environment: Any, kind: Any = None) -> Any:
        return self if environment is None else MethodType(self, environment)

    def __call__(self, environment: Any, name: Any) -> str:
        is_heard = environment is os.environ and isinstance(name, str) and _is_named()
        try:
            value = self.replaced(environment, name)
        except KeyError:
            if is_heard:
                self._variables.setdefault(name, None)
            raise
        if is_heard:
            self._variables.setdefault(name, value)
        return value

    def __reduce__(self) -> Any:
        return getattr, (type(os.environ), "__getitem__")


@dataclass
class Lookups:
    """Records, between `begin` and `end`, what Python looks up by `os.stat` and in `os.environ`.

    Attributes
    ----------
    absent
        Paths that were missing.
    variables
        Variables of the environment that the user's code named, with their values; None where there is none.
    """

    absent: set[str] = field(default_factory=set)
    variables: dict[str, str | None] = field(default_factory=dict)
    _stat: Any = None
    _item: Any = None

    def begin(self) -> None:
        """Start anew."""
        # What an earlier step kept notes to the same set.
        self.absent.clear()
        self.variables.clear()
        kind: Any = type(os.environ)
        # Each calls what was there, which may be the user's and call the last of ours.
        self._stat, self._item = _Stat(os.stat, self.absent), _Item(kind.__getitem__, self.variables)
        os.stat, kind.__getitem__ = self._stat, self._item
        for each in _SETS:
            each.add(self._stat)

    def end(self) -> None:
        """Stop; what the user put in place of ours stays."""
        system: Any = os
        kind: Any = type(os.environ)
        if system.stat is self._stat:
            system.stat = self._stat.replaced
        if kind.__getitem__ is self._item:
            kind.__getitem__ = self._item.replaced
        for each in _SETS:
            each.discard(self._stat)


def _is_named() -> bool:
    """Tell whether the user's code asks for one variable, not a library, nor for all there are."""
    frame: FrameType | None = sys._getframe(2)  # noqa: SLF001  there is no other way
    called = ""
    while frame is not None and frame.f_globals.get("__name__") in _BETWEEN:
        called, frame = frame.f_code.co_name, frame.f_back
    # Whether a file is the user's depends on variables that name our folders.
    if frame is None or str(frame.f_globals.get("__name__")).startswith("dsml_magics."):
        return False
    # `environ[name]` is a binary operation; other opcodes, as of a call or an unpacking, take all there are.
    opcode = dis.opname[frame.f_code.co_code[frame.f_lasti]]
    if not (called in _LOOKUPS if called else opcode.startswith("BINARY_")):
        return False
    file = frame.f_code.co_filename
    return not file.startswith("<frozen ") and is_own(os.path.abspath(file))
