"""A fingerprint of a table's schema and content that does not depend on how it was opened."""

import hashlib
from typing import TYPE_CHECKING, Any

from dsml_magics.frames.bits import bits_of_numbers
from dsml_magics.frames.table import Table

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

_VERSION = b"dsml.fingerprint/1"


def fingerprint(table: Table) -> str:
    """Hash names, kinds and values of all columns, and the order of the rows, to 32 hexadecimal digits.

    Numbers are compared by value (1 and 1.0 are the same), NaN counts as missing, text is the same
    however it is encoded, and times are the same in any unit: so a file opened by pandas, polars or
    pyarrow has one fingerprint. Batch boundaries do not matter. Hash: BLAKE2b (RFC 7693), 128 bits.
    """
    columns = [_Column() for _ in table.schema]
    rows = 0
    for batch in table.batches():
        rows += batch.num_rows
        for column, array in zip(columns, batch.columns, strict=True):
            column.add(array)
    whole = hashlib.blake2b(_VERSION, digest_size=16)
    whole.update(rows.to_bytes(8, "little"))
    for name, column in zip(table.columns, columns, strict=True):
        encoded = name.encode()
        whole.update(len(encoded).to_bytes(4, "little") + encoded + column.digest())
    return whole.hexdigest()


class _Column:
    """The running hash of one column: one for presence, one for values, so batches may end anywhere."""

    def __init__(self) -> None:
        self.kind = "empty"
        self.presence: Any = hashlib.blake2b(digest_size=16)
        self.parts: dict[str, Any] = {}

    def add(self, array: "pa.Array") -> None:
        array = _plain(array)
        valid = _valid(array)
        self.presence.update(valid)
        if valid.any():
            self._add_values(array.filter(_mask(valid)), path="")

    def _add_values(self, array: "pa.Array", path: str) -> None:
        kind, streams, children = _canonical(array)
        self.kind = kind if not path else self.kind
        for name, values in streams.items():
            self._part(f"{path}/{kind}/{name}").update(values)
        for name, child in children.items():
            child = _plain(child)  # noqa: PLW2901  normalised before use
            valid = _valid(child)
            self._part(f"{path}/{name}?").update(valid)
            if valid.any():
                self._add_values(child.filter(_mask(valid)), f"{path}/{name}")

    def _part(self, key: str) -> Any:
        return self.parts.setdefault(key, hashlib.blake2b(digest_size=16))

    def digest(self) -> bytes:
        whole = hashlib.blake2b(self.kind.encode(), digest_size=16)
        whole.update(self.presence.digest())
        for key in sorted(self.parts):
            whole.update(key.encode() + self.parts[key].digest())
        return whole.digest()


def _plain(array: "pa.Array") -> "pa.Array":
    """Undo encodings that do not change the values."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if pa.types.is_run_end_encoded(array.type):
        array = pc.run_end_decode(array)
    if pa.types.is_string_view(array.type):
        array = array.cast(pa.large_string())
    if pa.types.is_binary_view(array.type):
        array = array.cast(pa.large_binary())
    return array


def _valid(array: "pa.Array") -> "np.ndarray[Any, Any]":
    import numpy as np
    import pyarrow.compute as pc

    missing = array.is_null(nan_is_null=True)
    return np.asarray(pc.invert(missing)).view("u1")


def _mask(valid: "np.ndarray[Any, Any]") -> "pa.Array":
    import pyarrow as pa

    return pa.array(valid.view(bool))


def _canonical(array: "pa.Array") -> "tuple[str, dict[str, Any], dict[str, pa.Array]]":  # noqa: PLR0911  one line a kind
    """Give the kind of an array without nulls, its values as canonical bytes, and nested arrays."""
    import numpy as np
    import pyarrow as pa
    from pyarrow import types

    kind = array.type
    if types.is_boolean(kind):
        return "boolean", {"value": np.asarray(array).view("u1")}, {}
    if types.is_integer(kind) or types.is_floating(kind):
        return "number", {"value": _number(array)}, {}
    if types.is_decimal(kind):
        return "number", {"value": _number(array.cast(pa.float64()))}, {}
    if types.is_temporal(kind):
        return _temporal(array)
    if types.is_string(kind) or types.is_large_string(kind):
        return "text", _bytes(array.cast(pa.large_string())), {}
    if types.is_binary(kind) or types.is_large_binary(kind) or types.is_fixed_size_binary(kind):
        return "binary", _bytes(array.cast(pa.large_binary())), {}
    if types.is_struct(kind):
        return "struct", {}, {field.name: array.field(number) for number, field in enumerate(kind)}
    if types.is_map(kind):
        return "map", {"length": _lengths(array)}, {"key": array.keys, "item": array.items}
    return "list", {"length": _lengths(array)}, {"item": array.flatten()}


def _lengths(array: "pa.Array") -> "np.ndarray[Any, Any]":
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    is_map = pa.types.is_map(array.type)
    lengths = np.diff(array.offsets) if is_map else pc.list_value_length(array)
    return np.asarray(lengths, "<i8")


def _number(array: "pa.Array") -> "np.ndarray[Any, Any]":
    return bits_of_numbers(array.to_numpy())


def _temporal(array: "pa.Array") -> "tuple[str, dict[str, Any], dict[str, pa.Array]]":
    import numpy as np
    import pyarrow as pa
    from pyarrow import types

    kind = array.type
    if types.is_date(kind):
        return "date", {"day": array.cast(pa.date32()).cast(pa.int32()).to_numpy().astype("<i4")}, {}
    per_second = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[kind.unit]
    ticks = array.cast(pa.int32() if kind.bit_width == 32 else pa.int64()).to_numpy().astype("<i8")
    seconds, rest = np.divmod(ticks, per_second)
    name = "time" if types.is_time(kind) else "duration" if types.is_duration(kind) else "datetime"
    if getattr(kind, "tz", None):
        name = "instant"
    return name, {"second": seconds.astype("<i8"), "nano": (rest * (10**9 // per_second)).astype("<i4")}, {}


def _bytes(array: "pa.Array") -> dict[str, Any]:
    """Give lengths and contents of texts or bytes; they were filtered, so the buffers begin with the first value."""
    import numpy as np

    _, offsets, data = array.buffers()
    bounds = np.frombuffer(offsets, "<i8", len(array) + 1)
    return {"length": np.diff(bounds), "content": memoryview(data)[: bounds[-1]]}
