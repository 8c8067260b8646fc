"""The schema of a table in parts, where only all parts together tell what a column holds."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from dsml_magics.errors import ColumnUnusable
from dsml_magics.frames.column import MIXED
from dsml_magics.frames.partition import Work

if TYPE_CHECKING:
    import pyarrow as pa


def settled(schema: "pa.Schema", look: "Callable[[list[str], Work], Iterator[bytes]]") -> "pa.Schema":
    """Look into all parts for the types of those columns that `schema` leaves open.

    Parameters
    ----------
    schema
        As the engine knows it without computing.
    look
        Does the work on every part of the named columns.
    """
    import pyarrow as pa

    fields = {field.name: _plain(field) for field in schema}
    unsaid = [name for name, field in fields.items() if _is_open(field.type)]
    if unsaid:
        found = _merged(look(unsaid, Work(None, _schema_of, _merge)))
        fields |= {field.name: field for field in found}
    return pa.schema([fields[name] for name in schema.names])


def _plain(field: "pa.Field") -> "pa.Field":
    """Take the engine's own wrapping off a type; codes of categories may need more bits in another part."""
    import pyarrow as pa

    kind = field.type
    if isinstance(kind, pa.BaseExtensionType):
        kind = kind.storage_type
    if pa.types.is_dictionary(kind):
        kind = pa.dictionary(pa.int32(), kind.value_type, ordered=kind.ordered)
    return pa.field(field.name, kind, metadata=field.metadata)


def _is_open(kind: "pa.DataType") -> bool:
    import pyarrow as pa

    return bool(pa.types.is_null(kind.value_type if pa.types.is_dictionary(kind) else kind))


def _schema_of(batches: "Iterator[pa.RecordBatch]") -> bytes:
    return bytes(next(batches).schema.serialize())


def _merge(schemas: Iterator[bytes]) -> bytes:
    return bytes(_merged(schemas).serialize())


def _merged(schemas: Iterator[bytes]) -> "pa.Schema":
    import pyarrow as pa

    merged: dict[str, pa.Field] = {}
    for written in schemas:
        for field in map(_plain, pa.ipc.read_schema(pa.py_buffer(written))):
            merged[field.name] = _common(merged.get(field.name, field), field)
    return pa.schema(list(merged.values()))


def _common(one: "pa.Field", other: "pa.Field") -> "pa.Field":
    """Find the type that holds the values of both: text, which says so, for scalars of unlike types."""
    import pyarrow as pa

    said = {**(one.metadata or {}), **(other.metadata or {})}
    if MIXED not in said:
        with suppress(pa.ArrowTypeError):
            return pa.unify_schemas(
                [pa.schema([one]), pa.schema([other])], promote_options="permissive"
            ).field(0)
    kinds = {*_python_types(one), *_python_types(other)}
    # Objects that no table format holds are bytes in their part, and so in all.
    kind = pa.binary() if pa.binary() in (one.type, other.type) else pa.string()
    return pa.field(one.name, kind, metadata={MIXED: ", ".join(sorted(kinds)).encode()})


def _python_types(field: "pa.Field") -> list[str]:
    """Name the Python types of a column as `frames.column` does."""
    import pyarrow as pa

    if field.metadata and MIXED in field.metadata:
        return str(field.metadata[MIXED].decode()).split(", ")
    if pa.types.is_null(field.type):
        return []
    if pa.types.is_nested(field.type):
        raise ColumnUnusable(
            f"Expected one type in column {field.name!r} throughout, got {field.type} in one part. Flatten or drop it."
        )
    known = {
        "bool": pa.types.is_boolean,
        "int": pa.types.is_integer,
        "float": pa.types.is_floating,
        "Decimal": pa.types.is_decimal,
        "date": pa.types.is_date,
        "datetime": pa.types.is_timestamp,
        "time": pa.types.is_time,
        "timedelta": pa.types.is_duration,
    }
    return [next((name for name, is_so in known.items() if is_so(field.type)), "str")]
