"""Parquet as a stranger sends it: what it would become is read from its footer before anything is decoded."""

from collections.abc import Sequence
from typing import Any

from dsml_magics.serve.protocol.exchange import Refusal, require_rows
from dsml_magics.serve.settings import Limits

_FOOTER_BYTES = 4 << 20
_GROUPS, _COLUMNS = 1_000, 10_000
_FIXED_BYTES = 64
"""Longest value of a fixed length: decimals and UUIDs have 16 or 32."""


def read_parquet(body: bytes, wanted: Sequence[str], limits: Limits) -> tuple[list[str], Any]:
    """Read columns; return the names of all, and a table of those that are wanted. Texts come as dictionaries.

    Raises
    ------
    Refusal
        400 for nested columns, 413 if the footer says that it becomes too large.
    pyarrow.ArrowException, OSError
        It is no Parquet.
    """
    if _FOOTER_BYTES < int.from_bytes(body[-8:-4], "little") < len(body):
        raise _too_large()
    file = _opened(body, [])
    metadata = file.metadata
    if metadata.num_row_groups > _GROUPS or metadata.num_columns > _COLUMNS:
        raise _too_large()
    names = list(file.schema_arrow.names)
    positions = _flat_columns(file.schema, wanted)
    _require_small(metadata, positions, limits)
    delta = _delta_columns(metadata, positions)
    texts = [name for name in map(metadata.schema.names.__getitem__, positions) if name not in delta]
    table = _opened(body, texts).read(columns=[name for name in names if name in wanted])
    table.validate(full=True)
    for column in table.columns:
        _require_short(column, limits)
    return names, table


def _opened(body: bytes, dictionaries: Sequence[str]) -> Any:
    import pyarrow as pa
    from pyarrow import parquet

    return parquet.ParquetFile(
        pa.BufferReader(body),
        read_dictionary=dictionaries,
        thrift_string_size_limit=_FOOTER_BYTES,
        thrift_container_size_limit=_COLUMNS * 10,
    )


def _delta_columns(metadata: Any, columns: Sequence[int]) -> set[str]:
    """Return the names of columns whose encoding Arrow cannot read as dictionaries."""
    groups = map(metadata.row_group, range(metadata.num_row_groups))
    found = [group.column(position) for group in groups for position in columns]
    return {column.path_in_schema for column in found if "DELTA_BYTE_ARRAY" in column.encodings}


def _require_short(column: Any, limits: Limits) -> None:
    """Refuse a long text that a small file repeats for every row."""
    import pyarrow as pa
    import pyarrow.compute as pc

    size = 0
    for chunk in column.chunks:
        is_dictionary = pa.types.is_dictionary(chunk.type)
        texts = chunk.dictionary if is_dictionary else chunk
        if pa.types.is_string(texts.type) or pa.types.is_large_string(texts.type):
            lengths = pc.binary_length(texts)
            size += pc.sum(pc.take(lengths, chunk.indices) if is_dictionary else lengths).as_py() or 0
    if size > limits.read_bytes:
        raise _too_large()


def _flat_columns(schema: Any, names: Sequence[str]) -> list[int]:
    """Return the positions of the columns that are read."""
    found = [
        position for position in range(len(schema.names)) if _is_wanted(schema.column(position).path, names)
    ]
    for column in map(schema.column, found):
        if column.max_repetition_level or column.path not in names:
            raise Refusal(400, "Expected columns of plain values, not of lists or structs.")
        if column.physical_type == "FIXED_LEN_BYTE_ARRAY" and column.length > _FIXED_BYTES:
            raise _too_large()
    return found


def _is_wanted(path: str, names: Sequence[str]) -> bool:
    """Whether the reader takes a column: by its name, or by the first part of it."""
    return path in names or path.partition(".")[0] in names


def _require_small(metadata: Any, columns: Sequence[int], limits: Limits) -> None:
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    require_rows(max(metadata.num_rows, sum(group.num_rows for group in groups)), limits)
    size = 0
    for group in groups:
        for column in map(group.column, columns):
            # What it says of itself is checked: the reader believes it.
            if column.num_values != group.num_rows or column.total_uncompressed_size < 0:
                raise Refusal(400, "Expected as many values in each column as there are rows.")
            size += column.total_uncompressed_size
    if size > limits.read_bytes:
        raise _too_large()


def _too_large() -> Refusal:
    return Refusal(413, "Expected a smaller Parquet file. Send fewer rows at a time.")
