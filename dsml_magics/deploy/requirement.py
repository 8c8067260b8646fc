"""Pinned requirements of a model, from the modules its pickle names and what is installed."""

import io
import pickle
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from dsml_magics.errors import ModelUnusable
from dsml_magics.installed import distribution_of

_ALWAYS = ("mlflow", "cloudpickle", "pandas")
_OURS = "dsml_magics"
_MEMBERS = 200


def pickled(model: Any) -> bytes:
    """Pickle a model, with the classes and functions it needs from the notebook and from local files.

    Raises
    ------
    ModelUnusable
        A member cannot be pickled.
    """
    import cloudpickle

    try:
        return bytes(cloudpickle.dumps(model))
    except Exception as error:  # noqa: BLE001  pickling runs the model's own code, which may raise anything
        where = "".join(unpicklable(model))
        raise ModelUnusable(
            f"Expected a model that can be pickled, but model{where} cannot: {' '.join(str(error).split())[:200]}. "
            "Open files, connections, locks and generators cannot travel: remove them from the model."
        ) from None


def modules_named(content: bytes) -> set[str]:
    """List the modules a pickle imports when it is loaded."""
    reader = _Recording(io.BytesIO(content))
    reader.load()
    return reader.modules


class _Recording(pickle.Unpickler):
    """Notes what is imported while it loads a pickle that this process made itself."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file)
        self.modules: set[str] = set()

    def find_class(self, module: str, name: str) -> Any:
        self.modules.add(module)
        found = super().find_class(module, name)
        if name != "subimport":
            return found

        def subimport(imported: str) -> ModuleType:
            # cloudpickle's way to a module that a function of the notebook uses as a global.
            self.modules.add(imported)
            return found(imported)  # type: ignore[no-any-return]

        return subimport


def requirements(modules: Iterable[str]) -> list[str]:
    """Pin the installed distribution of every module, as ``name==version``, sorted."""
    roots = {module.partition(".")[0] for module in modules} - {_OURS}
    names = {*filter(None, map(distribution_of, roots)), *_ALWAYS}
    return sorted(f"{name}=={metadata.version(name)}" for name in names)


def local_modules(modules: Iterable[str]) -> list[ModuleType]:
    """List the modules that are the user's own files beside the notebook: no installed distribution has them."""
    roots = {module.partition(".")[0] for module in modules}
    unknown = roots - sys.stdlib_module_names - {"__main__", "__mp_main__", _OURS}
    own = {root for root in unknown if distribution_of(root) is None}
    return [
        module
        for name, module in sorted(sys.modules.copy().items())  # another thread may import meanwhile
        if name.partition(".")[0] in own and _is_own_file(module)
    ]


def _is_own_file(module: ModuleType) -> bool:
    # Compiled modules may call themselves by a short name (`_loss` in scikit-learn) that no distribution lists.
    file = getattr(module, "__file__", None) or ""
    installed = {Path(path).resolve() for path in sysconfig.get_paths().values()}
    return file.endswith(".py") and installed.isdisjoint(Path(file).resolve().parents)


def unpicklable(value: Any, depth: int = 8) -> list[str]:
    """Find the way to the member that cannot be pickled, such as ``[".steps", "[0]", "[1]", ".lock"]``."""
    import cloudpickle

    for step, member in _members(value) if depth else ():
        try:
            cloudpickle.dumps(member)
        except Exception:  # noqa: BLE001  as above
            return [step, *unpicklable(member, depth - 1)]
    return []


def _members(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        yield from ((f"[{key!r}]", member) for key, member in list(value.items())[:_MEMBERS])
    elif isinstance(value, list | tuple):
        yield from ((f"[{at}]", member) for at, member in enumerate(value[:_MEMBERS]))
    elif isinstance(value, FunctionType):
        cells = zip(value.__code__.co_freevars, value.__closure__ or (), strict=False)
        yield from ((f".{name}", cell.cell_contents) for name, cell in cells)
        used = (name for name in value.__code__.co_names if name in value.__globals__)
        yield from ((f".{name}", value.__globals__[name]) for name in used)
    elif isinstance(getattr(value, "__dict__", None), dict):
        yield from ((f".{name}", member) for name, member in list(vars(value).items())[:_MEMBERS])
