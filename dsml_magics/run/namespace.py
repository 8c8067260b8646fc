"""The names a script made: what they hold, and which of it is a module or takes long to keep."""

import re
import sys
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from dsml_magics.run.record import is_setting

MODULES = "§modules"
_OWN = re.compile(r"__\w+__")
_MANY = 1000
_PLAIN = (str, bytes, int, float, complex, type(None))


def live(names: Mapping[str, Any]) -> dict[str, Any]:
    """Take the names a script made, without those Python gives every module."""
    return {name: value for name, value in names.items() if not _OWN.fullmatch(name)}


def made_modules(names: Mapping[str, Any]) -> dict[str, Any]:
    """Find modules that the script made itself, and put where imports find them."""
    made = [value for value in names.values() if isinstance(value, ModuleType) and not is_module(value)]
    found = {value.__name__: value for value in made if sys.modules.get(value.__name__) is value}
    return {MODULES: found} if found else {}


def is_module(value: Any) -> bool:
    """Tell whether something is a module that can be imported again."""
    if not isinstance(value, ModuleType) or sys.modules.get(value.__name__) is not value:
        return False
    return getattr(value, "__spec__", None) is not None and value.__name__ != "__main__"


def of_module(name: str) -> str:
    """Write what is known of a name that is bound to a module."""
    return f"module {name}"


def is_unread(name: str, value: Any, wanted: frozenset[str] | None) -> bool:
    """Tell whether a name holds figures or many objects, which take long to keep, and no later step reads it."""
    if wanted is None or name in wanted or is_setting(name):
        return False
    for _ in range(3):
        count = len(value) if type(value) in (list, tuple, dict) else 0
        if type(value).__name__ == "ndarray" and getattr(value.dtype, "hasobject", False) and value.size:
            value = value.flat[0]
        elif type(value) in (list, tuple) and value:
            value = value[0]
        elif type(value) is dict and value:
            value = next(iter(value.values()))
        if count > _MANY and not isinstance(value, _PLAIN):
            return True
    return type(value).__module__.startswith("matplotlib.")
