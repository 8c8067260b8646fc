"""How modules, functions, classes and what they make are described: by what they do."""

import types
from typing import TYPE_CHECKING, Any

from dsml_magics.pipeline.proof.code import code_parts
from dsml_magics.pipeline.proof.objects import name_of

if TYPE_CHECKING:
    from dsml_magics.pipeline.proof.description import Description, Walk

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
        {".__bases__": [name_of(base) for base in value.__bases__], **attributes},
        path,
    )


def wrapped(value: Any, walk: "Walk", path: str) -> "Description":
    return walk.parts(name_of(type(value)), {".__func__": value.__func__}, path)


def property_(value: property, walk: "Walk", path: str) -> "Description":
    return walk.parts("property", {".fget": value.fget, ".fset": value.fset, ".fdel": value.fdel}, path)


def generator(value: Any, walk: "Walk", path: str) -> "Description":
    """Describe a generator by where it stands and what it holds there."""
    frame = value.gi_frame if isinstance(value, types.GeneratorType) else getattr(value, "cr_frame", None)
    if frame is None:
        return ("leaf", name_of(type(value)), f"{value.__name__}, finished")
    place = {
        " at": frame.f_lasti,
        **{f".{name}": held for name, held in frame.f_locals.items() if name != ".0"},
    }
    return walk.parts(f"generator {value.__name__}", place, path)


def _is_filled(cell: types.CellType) -> bool:
    try:
        cell.cell_contents  # noqa: B018  an empty cell raises
    except ValueError:
        return False
    return True


def _is_local(value: types.FunctionType, walk: "Walk") -> bool:
    file = value.__code__.co_filename
    return any(file.startswith(root) for root in walk.roots) and "site-packages" not in file
