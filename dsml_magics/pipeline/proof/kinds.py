"""How values of each kind are described: one function a kind, found by type."""

import builtins
import functools
import io
import logging
import random
import re
import sys
import types
import warnings
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from dsml_magics.pipeline.proof import callables, libraries
from dsml_magics.pipeline.proof.objects import attributes_of, name_of, slots_of

if TYPE_CHECKING:
    from dsml_magics.pipeline.proof.description import Description, Walk

Describer = Callable[[Any, "Walk", str], "Description"]

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
    "py4j",
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
    "pyspark.sql.session.SparkSession",
    "pyspark.sql.connect.session.SparkSession",
    "pyspark.core.context.SparkContext",
    "pyspark.core.rdd.RDD",
    "pyspark.core.rdd.PipelinedRDD",
    "pyspark.core.broadcast.Broadcast",
    "pyspark.accumulators.Accumulator",
    "ray.data.dataset.Dataset",
    "ray.data.dataset.MaterializedDataset",
    "ray.ObjectRef",
    "ray.actor.ActorHandle",
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
    return walk.leaf(name_of(type(value)), repr(value))


def scalar(value: Any, walk: "Walk", path: str) -> "Description":
    """Describe a subclass of a number or text, with what it carries besides."""
    base: Any = next(base for base in type(value).__mro__ if base in (int, float, complex, str, bytes))
    if isinstance(value, base) and type(value).__module__ != "numpy" and getattr(value, "__dict__", None):
        return walk.parts(name_of(type(value)), {" value": base(value), **attributes_of(value)}, path)
    return walk.leaf(name_of(type(value)), repr(base(value)))


def sequence(value: Any, walk: "Walk", path: str) -> "Description":
    name = "list" if _is_lines(value) else name_of(type(value))
    described = walk.items(name, list(value), path)
    return described if _is_lines(value) else _with_attributes(value, described, walk, path)


def mapping(value: Any, walk: "Walk", path: str) -> "Description":
    if value is vars(builtins):
        return ("leaf", "dict", "the builtins")
    return _with_attributes(value, walk.mapping(name_of(type(value)), dict(value), path), walk, path)


def unordered(value: Any, walk: "Walk", path: str) -> "Description":
    """Describe a set, whose order says nothing."""
    try:
        items = sorted(value)
    except TypeError:
        items = sorted(value, key=lambda item: (name_of(type(item)), repr(item)))
    return walk.items(name_of(type(value)), items, path)


def buffer(value: Any, walk: "Walk", path: str) -> "Description":  # noqa: ARG001
    return walk.data(f"{name_of(type(value))} of {len(value)}", bytes(value), repr(bytes(value[:20])))


def file(value: Any, walk: "Walk", path: str) -> "Description":
    if isinstance(value, io.BytesIO | io.StringIO):
        content = None if value.closed else (value.getvalue(), value.tell())
        return walk.parts(name_of(type(value)), {".content": content}, path)
    if value is sys.stdout or value is sys.stderr or value is sys.stdin:
        return ("leaf", "stream", "a standard stream")
    facts = {f".{name}": getattr(value, name, None) for name in ("name", "mode", "closed")}
    return walk.parts("file", facts, path)


def random_state(value: random.Random, walk: "Walk", path: str) -> "Description":
    """Describe a generator of random numbers by where it is in its sequence; one of the system has no such place."""
    kind = name_of(type(value))
    if isinstance(value, random.SystemRandom):
        return walk.leaf(kind, "of the system")
    return walk.parts(kind, {".state": repr(value.getstate()), **attributes_of(value)}, path)


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
    return walk.parts(name_of(type(value)), {".args": value.args, **attributes_of(value)}, path)


def state(value: Any, walk: "Walk", path: str) -> "Description":
    """Describe any object by its attributes, or by what pickle would keep of it."""
    name = name_of(type(value))
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
    attributes = attributes_of(value)
    if attributes or hasattr(value, "__dict__") or slots_of(type(value)):
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


def _with_attributes(value: Any, described: "Description", walk: "Walk", path: str) -> "Description":
    attributes = (
        attributes_of(value)
        if type(value) not in (list, tuple, dict, OrderedDict, defaultdict, deque)
        else {}
    )
    if not attributes:
        return described
    return ("parts", name_of(type(value)), {" items": described, **walk.parts("", attributes, path)[2]})


def _is_lines(value: Any) -> bool:
    """Whether a list is the lines of a shell command, as IPython or a script keeps them."""
    return type(value).__name__ in ("SList", "_Fields")


def _text(text: str) -> str:
    # What a shell command says passes a terminal in a notebook.
    return text.replace("\r\n", "\n")


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
    types.ModuleType: callables.module,
    types.FunctionType: callables.function,
    types.BuiltinFunctionType: callables.builtin,
    types.MethodDescriptorType: callables.builtin,
    types.WrapperDescriptorType: callables.builtin,
    types.MethodWrapperType: callables.builtin,
    types.MethodType: callables.method,
    type: callables.class_,
    staticmethod: callables.wrapped,
    classmethod: callables.wrapped,
    property: callables.property_,
    types.GeneratorType: callables.generator,
    types.CoroutineType: callables.generator,
    io.IOBase: file,
    BaseException: error,
    random.Random: random_state,
    logging.Logger: logger,
    warnings.WarningMessage: warning,
    functools.partial: lambda value, walk, path: walk.parts(
        "functools.partial", {".func": value.func, ".args": value.args, ".keywords": value.keywords}, path
    ),
    functools._lru_cache_wrapper: lambda value, walk, path: walk.parts(  # noqa: SLF001
        "functools.cache", {".__wrapped__": value.__wrapped__}, path
    ),
}
