"""What a value is, as a digest: equal content gives equal digests, in whichever process it was made or read again.

The bytes pickle writes depend on which equal texts are one object, on the layout of a frame's blocks, on the line a
function stands at, and on padding between the fields of an array. None of these is content.
"""

import enum
import pickle
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import cloudpickle.cloudpickle as by_value
import xxhash

from dsml_magics.run.digest import digest_of
from dsml_magics.run.pickling import Pickler

_MOST_TUPLES = 1_000_000
"""Tuples are written wherever they are met, so one that holds another twice again and again would never end."""
_BY_VALUE_MODULES = frozenset(
    ("datetime", "decimal", "fractions", "uuid", "pathlib", "zoneinfo", "ipaddress")
)
_OF_PANDAS = frozenset(("Timestamp", "Timedelta", "Period", "Interval"))


@dataclass(frozen=True)
class Fingerprint:
    """A value's `digest`, and what it holds: objects by their id, and arrays with the one that owns their data."""

    digest: str
    memo: Mapping[int, Any] = field(repr=False, default_factory=dict)
    arrays: tuple[tuple[int, int], ...] = ()


def fingerprint_of(value: Any) -> Fingerprint:
    """Compute the fingerprint of a value.

    Raises
    ------
    Exception
        Whatever its own code raises; it cannot be written down then.
    """
    sink = _Sink()
    pickler = _Fingerprinter(sink)
    pickler.dump(value)
    memo = {key: held for key, (_, held) in pickler.memo.copy().items()} | pickler.sets
    return Fingerprint(sink.state.hexdigest(), memo, tuple(pickler.arrays))


class _Sink:
    """A file that keeps the digest of what is written to it."""

    def __init__(self) -> None:
        self.state = xxhash.xxh3_128()

    def write(self, part: Any) -> int:
        self.state.update(part)
        return len(part)


class _Fingerprinter(Pickler):
    """Writes what cannot change by its content alone, and what can by its content and where else it is."""

    def __init__(self, sink: _Sink) -> None:
        super().__init__(sink, [])
        self._sink = sink
        self._tuples = 0
        self._kinds: dict[type, Callable[[Any], Any] | None] = {
            str: _text,
            bytes: xxhash.xxh3_64_intdigest,
            tuple: self._tuple,
            set: self._set,
            frozenset: lambda value: ["frozenset", *_sorted(value)],
            types.CodeType: _code,
        }
        self.sets: dict[int, Any] = {}

    def persistent_id(self, value: Any) -> Any:
        """Write values that cannot change here: pickle asks for each before it looks whether it has written it."""
        kind = type(value)
        try:
            write = self._kinds[kind]
        except KeyError:
            write = self._kinds[kind] = _writer_of(kind)
        return None if write is None else write(value)

    def reducer_override(self, value: Any) -> Any:
        made = super().reducer_override(value)
        if isinstance(value, type) and isinstance(made, tuple) and len(made) > 1:
            return _class(made)
        return made

    def _array(self, value: Any) -> Any:
        super()._array(value)
        if value.dtype.hasobject or value.dtype.names or value.dtype.metadata:
            return _content, (value.shape, value.dtype, bool(value.flags.writeable), self._data(value))
        facts = f"{value.shape} {value.dtype.str} {value.flags.writeable}"
        # A number is no object that others could share: lists of many small arrays are common.
        return _content, (), int(digest_of(facts, *map(str, self._data(value))), 16)

    def _data(self, value: Any) -> Any:
        if value.dtype.hasobject:
            return value.ravel().tolist() if value.dtype.names is None else value.tolist()
        if (
            value.dtype.names
            and sum(value.dtype[name].itemsize for name in value.dtype.names) < value.itemsize
        ):
            # What lies between the fields is whatever was there before.
            return [self._data(value[name]) for name in value.dtype.names]
        is_turned = value.flags.f_contiguous and not value.flags.c_contiguous
        flat = (
            (value.T if is_turned else value).copy()
            if not value.flags.forc
            else value.T
            if is_turned
            else value
        )
        return [is_turned, digest_of(flat.reshape(-1).view("u1"))] if value.size else []

    def _frame(self, value: Any) -> Any:
        """Write a frame by its columns: how these lie together in blocks may change when it is read.

        As pandas copies what frames share before it changes it, what is in them is nobody else's.
        """
        import pandas as pd

        parts: Any = value.__reduce__()
        if isinstance(value, pd.DataFrame):
            columns = [_column(column) for _, column in value.items()]
            parts = (value.columns, value.index, columns, value.attrs, value.flags.allows_duplicate_labels)
        elif isinstance(value, pd.Series):
            parts = (value.name, value.index, _column(value), value.attrs)
        return _content, (type(value), fingerprint_of([*parts]).digest)

    def _tuple(self, value: tuple[Any, ...]) -> Any:
        self._tuples += 1
        return ["tuple", *value] if value and self._tuples < _MOST_TUPLES else None

    def _set(self, value: set[Any]) -> Any:
        if id(value) in self.sets:
            return ["set", list(self.sets).index(id(value))]
        self.sets[id(value)] = value
        return ["set", _sorted(value)]

    def _set_apart(self, buffer: pickle.PickleBuffer) -> bool:
        self._sink.write(digest_of(buffer.raw()).encode())
        return False


def _content(*parts: Any) -> None:
    """Stand for whatever a value is made by: a fingerprint is never read."""


def _writer_of(kind: type) -> Callable[[Any], Any] | None:
    """Choose how values of a type are written, if they cannot change; None for others."""
    module = kind.__module__
    is_fixed = (
        module in _BY_VALUE_MODULES
        or kind in (range, slice, complex)
        or (module.startswith("pandas.") and kind.__name__ in _OF_PANDAS)
    )
    if is_fixed:
        return lambda value: list(value.__reduce_ex__(4)[:2])
    if issubclass(kind, enum.Enum):
        return lambda value: ["enum", f"{kind.__module__}.{kind.__qualname__}", value.name]
    names = {each.__module__ + "." + each.__name__ for each in kind.__mro__}
    if "numpy.dtype" in names:
        return lambda value: [
            "dtype",
            value.str if value.names is None else repr(value),
            repr(value.metadata),
        ]
    if "numpy.generic" in names and "numpy.void" not in names:
        return lambda value: [
            "scalar",
            value.dtype.str,
            value.item() if value.dtype.hasobject else value.tobytes(),
        ]
    return None


def _text(value: str) -> int:
    return xxhash.xxh3_64_intdigest(value.encode("utf-8", "surrogatepass"))


def _sorted(values: Any) -> list[str]:
    """Order the members of a set by their own digests: its order tells how it came to be, not what it is."""
    return sorted(fingerprint_of(value).digest for value in values)


def _code(code: types.CodeType) -> list[Any]:
    """Write what code does: not where it stands."""
    return [
        *("code", code.co_name, code.co_flags, code.co_code, code.co_consts, code.co_names, code.co_varnames),
        *(
            code.co_freevars,
            code.co_cellvars,
            code.co_argcount,
            code.co_posonlyargcount,
            code.co_kwonlyargcount,
        ),
        getattr(code, "co_exceptiontable", b""),
    ]


def _class(made: tuple[Any, ...]) -> tuple[Any, ...]:
    """Leave out of a class what is drawn when it is first written, and where it stands."""
    if made[0] not in (by_value._make_skeleton_class, by_value._make_skeleton_enum):  # noqa: SLF001  no public name
        return made
    state = made[2]
    if isinstance(state, tuple) and state and isinstance(state[0], dict):
        state = ({name: held for name, held in state[0].items() if name not in _NOTES}, *state[1:])
    return _content, tuple(made[1][:-2]), state, None, None, _content


# Python notes the last in a class when it first pickles an object of it.
_NOTES = frozenset(("__firstlineno__", "__static_attributes__", "__slotnames__"))


def _column(series: Any) -> Any:
    import pandas as pd

    values = series.array
    return values.to_numpy() if isinstance(values, pd.arrays.NumpyExtensionArray) else values
