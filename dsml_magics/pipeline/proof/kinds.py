"""How values of each kind are described: one function a kind, found by type."""

import builtins
import functools
import io
import logging
import re
import sys
import types
import warnings
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from dsml_magics.pipeline.proof import libraries
from dsml_magics.pipeline.proof.code import code_parts

if TYPE_CHECKING:
    from dsml_magics.pipeline.proof.description import Description, Walk

Describer = Callable[[Any, "Walk", str], "Description"]

_NO_STATE = frozenset(
    (
        "__dict__",
        "__weakref__",
        "__module__",
        "__doc__",
        "__qualname__",
        "__firstlineno__",
        "__static_attributes__",
        "__slotnames__",
    )
)
# What runs by itself is another each time.
_RUNNING = (
    "threading",
    "concurrent",
    "multiprocessing",
    "asyncio",
    "_asyncio",
    "ipykernel",
    "zmq",
    "ssl",
    "selectors",
)
_OPAQUE = (
    "IPython.core.interactiveshell.InteractiveShell",
    "_thread.lock",
    "_thread.RLock",
    "_socket.socket",
    "weakref.ReferenceType",
    "_contextvars.Context",
    "_contextvars.ContextVar",
    "frame",
    "traceback",
)
# Only these say all they are by `repr`.
_BY_REPR = (
    range,
    slice,
    re.Pattern,
    types.GenericAlias,
    types.UnionType,
    type(Ellipsis),
    type(NotImplemented),
)
_REPR_MODULES = ("datetime", "decimal", "fractions", "uuid", "zoneinfo", "ipaddress", "pathlib")


def describer_of(value: Any) -> Describer:
    """Find the function that describes a value."""
    kind = type(value)
    for base in kind.__mro__:
        if found := libraries.describer_of(base):
            return found
        if found := _BY_TYPE.get(base):
            return found
    if isinstance(value, _BY_REPR) or kind.__module__.partition(".")[0] in _REPR_MODULES:
        return by_repr
    return state


def by_repr(value: Any, walk: "Walk", path: str) -> "Description":  # noqa: ARG001  every describer has this form
    return walk.leaf(_name(type(value)), repr(value))


def scalar(value: Any, walk: "Walk", path: str) -> "Description":
    """Describe a subclass of a number or text, with what it carries besides."""
    base: Any = next(base for base in type(value).__mro__ if base in (int, float, complex, str, bytes))
    if isinstance(value, base) and type(value).__module__ != "numpy" and getattr(value, "__dict__", None):
        return walk.parts(_name(type(value)), {" value": base(value), **_attributes(value)}, path)
    return walk.leaf(_name(type(value)), repr(base(value)))


def sequence(value: Any, walk: "Walk", path: str) -> "Description":
    name = "list" if _is_lines(value) else _name(type(value))
    described = walk.items(name, list(value), path)
    return described if _is_lines(value) else _with_attributes(value, described, walk, path)


def mapping(value: Any, walk: "Walk", path: str) -> "Description":
    if value is vars(builtins):
        return ("leaf", "dict", "the builtins")
    return _with_attributes(value, walk.mapping(_name(type(value)), dict(value), path), walk, path)


def unordered(value: Any, walk: "Walk", path: str) -> "Description":
    """Describe a set, whose order says nothing."""
    try:
        items = sorted(value)
    except TypeError:
        items = sorted(value, key=lambda item: (_name(type(item)), repr(item)))
    return walk.items(_name(type(value)), items, path)


def buffer(value: Any, walk: "Walk", path: str) -> "Description":  # noqa: ARG001
    return walk.data(f"{_name(type(value))} of {len(value)}", bytes(value), repr(bytes(value[:20])))


def module(value: types.ModuleType, walk: "Walk", path: str) -> "Description":
    """Describe a module by its name, and one of the notebook's own folder by what it holds."""
    if value.__name__ in ("__main__", "__mp_main__"):
        return ("leaf", "module", "__main__")
    file = getattr(value, "__file__", None) or ""
    if not any(file.startswith(root) for root in walk.roots) or "site-packages" in file:
        return ("leaf", "module", value.__name__)
    own = {f".{name}": held for name, held in vars(value).items() if not name.startswith("__")}
    return walk.parts(f"module {value.__name__}", own, path)


def function(value: types.FunctionType, walk: "Walk", path: str) -> "Description":
    """Describe a function by its code, defaults, closure and attributes."""
    if (value.__module__ or "") not in ("__main__", "__mp_main__") and not _is_local(value, walk):
        return ("leaf", "function", f"{value.__module__}.{value.__qualname__}")
    closure = {
        f".closure.{name}": cell.cell_contents
        for name, cell in zip(value.__code__.co_freevars, value.__closure__ or (), strict=True)
        if _is_filled(cell)
    }
    facts = {
        **code_parts(value.__code__),
        ".__defaults__": value.__defaults__,
        ".__kwdefaults__": value.__kwdefaults__,
        **closure,
        **{f".{name}": held for name, held in vars(value).items()},
    }
    return walk.parts(f"function {value.__name__}", facts, path)


def builtin(value: Any, walk: "Walk", path: str) -> "Description":
    owner = getattr(value, "__self__", None)
    name = getattr(value, "__qualname__", None) or getattr(value, "__name__", repr(value))
    if owner is None or isinstance(owner, types.ModuleType | type):
        return ("leaf", "function", f"{getattr(value, '__module__', None)}.{name}")
    return walk.parts(f"method {name}", {".__self__": owner}, path)


def method(value: types.MethodType, walk: "Walk", path: str) -> "Description":
    name = getattr(value.__func__, "__name__", "?")
    return walk.parts(f"method {name}", {".__self__": value.__self__, ".__func__": value.__func__}, path)


def class_(value: type, walk: "Walk", path: str) -> "Description":
    """Describe a class of the notebook by its attributes, any other by its name."""
    if value.__module__ not in ("__main__", "__mp_main__"):
        return ("leaf", "class", f"{value.__module__}.{value.__qualname__}")
    attributes = {
        f".{name}": held
        for name, held in vars(value).items()
        if name not in _NO_STATE
        and not isinstance(held, types.GetSetDescriptorType | types.MemberDescriptorType)
        and not name.startswith(("_abc_", "__abstractmethods__"))
    }
    return walk.parts(
        f"class {value.__qualname__}",
        {".__bases__": [_name(base) for base in value.__bases__], **attributes},
        path,
    )


def wrapped(value: Any, walk: "Walk", path: str) -> "Description":
    return walk.parts(_name(type(value)), {".__func__": value.__func__}, path)


def property_(value: property, walk: "Walk", path: str) -> "Description":
    return walk.parts("property", {".fget": value.fget, ".fset": value.fset, ".fdel": value.fdel}, path)


def generator(value: Any, walk: "Walk", path: str) -> "Description":
    """Describe a generator by where it stands and what it holds there."""
    frame = value.gi_frame if isinstance(value, types.GeneratorType) else getattr(value, "cr_frame", None)
    if frame is None:
        return ("leaf", _name(type(value)), f"{value.__name__}, finished")
    place = {
        " at": frame.f_lasti,
        **{f".{name}": held for name, held in frame.f_locals.items() if name != ".0"},
    }
    return walk.parts(f"generator {value.__name__}", place, path)


def file(value: Any, walk: "Walk", path: str) -> "Description":
    if isinstance(value, io.BytesIO | io.StringIO):
        content = None if value.closed else (value.getvalue(), value.tell())
        return walk.parts(_name(type(value)), {".content": content}, path)
    if value is sys.stdout or value is sys.stderr or value is sys.stdin:
        return ("leaf", "stream", "a standard stream")
    facts = {f".{name}": getattr(value, name, None) for name in ("name", "mode", "closed")}
    return walk.parts("file", facts, path)


def logger(value: logging.Logger, walk: "Walk", path: str) -> "Description":
    facts = {
        ".name": value.name,
        ".level": value.level,
        ".propagate": value.propagate,
        ".handlers": len(value.handlers),
    }
    return walk.parts("logging.Logger", facts, path)


def warning(value: warnings.WarningMessage, walk: "Walk", path: str) -> "Description":
    """Describe a recorded warning by what it says, not by the line that raised it."""
    return walk.parts("warning", {".message": value.message, ".category": value.category}, path)


def error(value: BaseException, walk: "Walk", path: str) -> "Description":
    return walk.parts(_name(type(value)), {".args": value.args, **_attributes(value)}, path)


def state(value: Any, walk: "Walk", path: str) -> "Description":
    """Describe any object by its attributes, or by what pickle would keep of it."""
    name = _name(type(value))
    if name in _OPAQUE or name.partition(".")[0] in _RUNNING:
        return ("opaque", name)
    if type(value).__name__ == "TimeitResult" or (
        type(value) is types.SimpleNamespace and hasattr(value, "all_runs")
    ):
        return walk.parts("measured times", {".loops": value.loops, ".repeat": value.repeat}, path)
    if type(value).__qualname__ in ("CapturedIO", "_Captured"):
        return walk.parts(
            "captured output", {".stdout": _text(value.stdout), ".stderr": _text(value.stderr)}, path
        )
    attributes = _attributes(value)
    if attributes or hasattr(value, "__dict__") or _slots(type(value)):
        return walk.parts(name, attributes, path)
    return _reduced(value, name, walk, path)


def _reduced(value: Any, name: str, walk: "Walk", path: str) -> "Description":
    reduced = value.__reduce_ex__(4)
    if isinstance(reduced, str):
        return ("leaf", name, reduced)
    names = (".made_by", ".arguments", ".state", ".items", ".pairs")
    parts = {
        part: list(held) if isinstance(held, Iterator) else held
        for part, held in zip(names, reduced, strict=False)
    }
    return walk.parts(name, parts, path)


def _attributes(value: Any) -> dict[str, Any]:
    held = {f".{name}": item for name, item in getattr(value, "__dict__", {}).items()}
    for slot in _slots(type(value)):
        if hasattr(value, slot):
            held[f".{slot}"] = getattr(value, slot)
    return held


def _slots(kind: type) -> list[str]:
    found: list[str] = []
    for base in kind.__mro__:
        slots = vars(base).get("__slots__", ())
        found += [slots] if isinstance(slots, str) else list(slots)
    return [slot for slot in found if slot not in ("__dict__", "__weakref__")]


def _with_attributes(value: Any, described: "Description", walk: "Walk", path: str) -> "Description":
    attributes = (
        _attributes(value) if type(value) not in (list, tuple, dict, OrderedDict, defaultdict, deque) else {}
    )
    if not attributes:
        return described
    return ("parts", _name(type(value)), {" items": described, **walk.parts("", attributes, path)[2]})


def _is_lines(value: Any) -> bool:
    """Whether a list is the lines of a shell command, as IPython or a script keeps them."""
    return type(value).__name__ in ("SList", "_Fields")


def _is_filled(cell: types.CellType) -> bool:
    try:
        cell.cell_contents  # noqa: B018  an empty cell raises
    except ValueError:
        return False
    return True


def _is_local(value: types.FunctionType, walk: "Walk") -> bool:
    file = value.__code__.co_filename
    return any(file.startswith(root) for root in walk.roots) and "site-packages" not in file


def _text(text: str) -> str:
    # What a shell command says passes a terminal in a notebook.
    return text.replace("\r\n", "\n")


def _name(kind: type) -> str:
    plain = kind.__module__ in ("builtins", "__main__", "__mp_main__")
    return kind.__qualname__ if plain else f"{kind.__module__}.{kind.__qualname__}"


_BY_TYPE: dict[type, Describer] = {
    int: scalar,
    float: scalar,
    complex: scalar,
    str: scalar,
    bytes: scalar,
    list: sequence,
    tuple: sequence,
    deque: sequence,
    dict: mapping,
    types.MappingProxyType: mapping,
    set: unordered,
    frozenset: unordered,
    bytearray: buffer,
    memoryview: buffer,
    types.ModuleType: module,
    types.FunctionType: function,
    types.BuiltinFunctionType: builtin,
    types.MethodDescriptorType: builtin,
    types.WrapperDescriptorType: builtin,
    types.MethodWrapperType: builtin,
    types.MethodType: method,
    type: class_,
    staticmethod: wrapped,
    classmethod: wrapped,
    property: property_,
    types.GeneratorType: generator,
    types.CoroutineType: generator,
    io.IOBase: file,
    BaseException: error,
    logging.Logger: logger,
    warnings.WarningMessage: warning,
    functools.partial: lambda value, walk, path: walk.parts(
        "functools.partial", {".func": value.func, ".args": value.args, ".keywords": value.keywords}, path
    ),
    functools._lru_cache_wrapper: lambda value, walk, path: walk.parts(  # noqa: SLF001
        "functools.cache", {".__wrapped__": value.__wrapped__}, path
    ),
}
