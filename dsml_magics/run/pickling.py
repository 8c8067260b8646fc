"""Values of a running script as bytes, and back: what shares an object, shares it again.

Functions and classes of the script are written by value and see the names of the script again, also those bound
later. Data lie beside the stream (PEP 574), so that what did not change is not written again.
"""

import io
import pickle
import sys
from collections.abc import Mapping, MutableSequence, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from types import CellType, FunctionType, ModuleType
from typing import Any

import cloudpickle

from dsml_magics.run.arrays import root_of, view_of
from dsml_magics.run.handles import is_closed, is_everywhere
from dsml_magics.run.handles import parts_of as parts_of_file

_IN_STREAM = 1 << 16
"""Smaller data stay in the stream."""
_OF_SPARK = ("SparkSession", "SparkContext", "JavaObject")
_EMPTY = "dsml: an empty cell"


@dataclass
class Pickled:
    """A value as a stream and the data beside it.

    `memo` holds the objects in it by id; `arrays` those of NumPy's arrays, with the one that owns their data; `refs`
    are the names it holds the values of.
    """

    stream: bytes
    buffers: Sequence[memoryview]
    memo: Mapping[int, Any] = field(repr=False)
    arrays: Sequence[tuple[int, int]] = ()
    refs: frozenset[str] = frozenset()


def pickled(
    value: Any, *, roots: frozenset[int] = frozenset(), others: Mapping[int, str] | None = None
) -> Pickled:
    """Write a value down.

    Parameters
    ----------
    others
        Names of objects by their ids: these are written as their names alone.
    roots
        Ids of arrays whose data several arrays share: these stay views of them.

    Raises
    ------
    Exception
        Whatever its own code raises; it cannot be written down then.
    """
    stream = io.BytesIO()
    buffers: list[memoryview] = []
    pickler = Pickler(stream, buffers, roots=roots, others=others)
    pickler.dump(value)
    memo = {key: held for key, (_, held) in pickler.memo.copy().items()}
    return Pickled(stream.getvalue(), buffers, memo, pickler.arrays, frozenset(pickler.refs))


def unpickled(stream: bytes, buffers: Sequence[Any], others: Mapping[str, Any] | None = None) -> Any:
    """Read what `pickled` wrote; `others` are the values of names it refers to.

    Raises
    ------
    KeyError
        One of these is not there.
    """
    reader = pickle.Unpickler(io.BytesIO(stream), buffers=buffers)  # noqa: S301  of a state that this user's jobs wrote
    reader.persistent_load = (others or {}).__getitem__  # type: ignore[method-assign]
    return reader.load()


class Pickler(cloudpickle.Pickler):  # type: ignore[misc]
    """Writes what cloudpickle writes, but keeps cells, views and the script's own namespace shared."""

    def __init__(
        self,
        stream: Any,
        buffers: MutableSequence[memoryview],
        *,
        roots: frozenset[int] = frozenset(),
        others: Mapping[int, str] | None = None,
        is_inner: bool = False,
    ) -> None:
        super().__init__(stream, protocol=5, buffer_callback=self._set_apart)
        self._buffers, self._roots, self._is_inner = buffers, roots, is_inner
        self.arrays: list[tuple[int, int]] = []
        self.others, self.refs = others or {}, set[str]()

    def persistent_id(self, value: Any) -> str | None:
        """Write an object that is the value of another name as that name."""
        name = self.others.get(id(value)) if self.others else None
        if name is not None:
            self.refs.add(name)
        return name

    def reducer_override(self, value: Any) -> Any:
        kind = type(value)
        if kind is FunctionType:
            namespace = _namespace_of(value)
            is_by_value = namespace and super().reducer_override(value) is not NotImplemented
            return _function_parts(value, namespace) if is_by_value else super().reducer_override(value)
        if (array := _array_type()) and kind is array:
            return self._array(value)
        if parts := _parts_of(value):
            return parts
        _require_lasting(value)
        if (frames := frames_of_pandas()) and isinstance(value, frames) and not self._is_inner:
            return self._frame(value)
        if (tensor := _tensor_type()) and isinstance(value, tensor):
            from dsml_magics.run.tensors import parts_of

            return parts_of(value)
        return super().reducer_override(value)

    def _array(self, value: Any) -> Any:
        root = root_of(value)
        self.arrays.append((id(value), id(root)))
        if id(root) in self._roots and root is not value:
            return view_of(value, root) or NotImplemented
        return NotImplemented

    def _frame(self, value: Any) -> Any:
        """Write a frame by itself: pandas copies what frames share before it changes it, so nothing is lost.

        As views of one array, frames would change with each other after they are read.
        """
        stream = io.BytesIO()
        buffers: list[pickle.PickleBuffer] = []
        inner = Pickler(stream, [], is_inner=True)
        inner._set_apart_all(buffers)
        inner.dump(value)
        return _read_frame, (stream.getvalue(), buffers)

    def _set_apart_all(self, buffers: list[pickle.PickleBuffer]) -> None:
        self._taken = buffers

    def _set_apart(self, buffer: pickle.PickleBuffer) -> bool:
        """Tell whether data stay in the stream; else keep them beside it."""
        if self._is_inner:
            self._taken.append(buffer)
            return False
        raw = buffer.raw()
        if raw.nbytes < _IN_STREAM:
            return True
        self._buffers.append(raw)
        return False


def _parts_of(value: Any) -> Any:
    """Take apart what needs no pickler for that: a cell, a module of the script's own, a file that was closed."""
    kind = type(value)
    if kind is CellType:
        return _cell_parts(value)
    if kind is ModuleType and is_made(value):
        return _module_parts(value)
    return parts_of_file(value) if is_closed(value) else None


def _require_lasting(value: Any) -> None:
    """Refuse what only its process has."""
    kind = type(value)
    if kind is memoryview or (isinstance(value, io.IOBase) and not is_everywhere(value)):
        raise pickle.PicklingError(f"cannot pickle {kind.__name__!r} object")
    if kind.__name__ in _OF_SPARK and kind.__module__.startswith(("pyspark.", "py4j.")):
        raise pickle.PicklingError("a Spark session lives in its process")


def _read_frame(stream: bytes, buffers: Sequence[Any]) -> Any:
    return pickle.loads(stream, buffers=buffers)  # noqa: S301  as above


def _namespace_of(function: FunctionType) -> str | None:
    """Name the module whose names a function sees."""
    name = function.__globals__.get("__name__")
    module = sys.modules.get(name) if isinstance(name, str) else None
    return name if module is not None and vars(module) is function.__globals__ else None


def _function_parts(function: FunctionType, namespace: str | None) -> Any:
    facts = {
        "__defaults__": function.__defaults__,
        "__kwdefaults__": function.__kwdefaults__,
        "__module__": function.__module__,
        "__qualname__": function.__qualname__,
        "__doc__": function.__doc__,
        "__annotations__": function.__annotations__,
    }
    made = (function.__code__, namespace, function.__name__, function.__closure__)
    return _function, made, (facts, vars(function)), None, None, _complete


def _function(code: Any, namespace: str, name: str, closure: tuple[CellType, ...] | None) -> FunctionType:
    return FunctionType(code, vars(import_module(namespace)), name, None, closure)


def _complete(function: FunctionType, state: tuple[dict[str, Any], dict[str, Any]]) -> None:
    facts, attributes = state
    for name, value in facts.items():
        setattr(function, name, value)
    vars(function).update(attributes)


def is_made(module: ModuleType) -> bool:
    """Tell whether a module was made by the script, not imported from a file."""
    return getattr(module, "__spec__", None) is None and module.__name__ != "__main__"


def _fill_module(module: ModuleType, names: dict[str, Any]) -> None:
    vars(module).update(names)


def _module_parts(module: ModuleType) -> Any:
    own = {name: held for name, held in vars(module).items() if name != "__builtins__"}
    return ModuleType, (module.__name__,), own, None, None, _fill_module


def _cell_parts(cell: CellType) -> Any:
    return _cell, (), (_content(cell),), None, None, _fill


def _cell() -> CellType:
    return CellType()


def _content(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return _EMPTY


def _fill(cell: CellType, state: tuple[Any]) -> None:
    if not (isinstance(state[0], str) and state[0] == _EMPTY):
        cell.cell_contents = state[0]


def frames_of_pandas() -> tuple[type, ...]:
    pandas = sys.modules.get("pandas")
    # It may be half imported where a thread imports it.
    return (pandas.DataFrame, pandas.Series, pandas.Index) if hasattr(pandas, "Index") and pandas else ()


def _array_type() -> type | None:
    return getattr(sys.modules.get("numpy"), "ndarray", None)


def _tensor_type() -> type | None:
    return getattr(sys.modules.get("torch"), "Tensor", None)
