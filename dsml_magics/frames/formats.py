"""File formats: how each tells its schema and streams its batches."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dsml_magics.errors import TableUnreadable, UsageError
from dsml_magics.frames.batch import fitted, valid
from dsml_magics.frames.csv import Csv
from dsml_magics.frames.format import COMPRESSED, Format, is_remote, opened
from dsml_magics.frames.json import JsonLines
from dsml_magics.frames.table import BATCH_ROWS

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

_READ_BYTES = 64 << 10
_PEEKED_ROWS = 16
_BATCH_BYTES = 128 << 20
"""Batches of wide tables, or of long texts, have fewer rows to stay below this size."""


class Parquet(Format):
    title = "a Parquet file"
    advice = "Is it complete?"

    def schema(self, file: str) -> "pa.Schema":
        import pyarrow.parquet as pq

        return pq.read_schema(opened(file)).remove_metadata()

    def batches(self, file: str, schema: "pa.Schema") -> "Iterator[pa.RecordBatch]":
        import pyarrow.parquet as pq

        # A row group read ahead, or a column chunk read whole, costs memory for nothing where the disk is near.
        near = dict(pre_buffer=False, buffer_size=_READ_BYTES) if not is_remote(file) else {}
        source = pq.ParquetFile(opened(file), **near)
        for batch in source.iter_batches(batch_size=_batch_rows(source)):
            yield fitted(valid(batch), schema)

    def rows(self, files: Sequence[str]) -> int | None:
        import pyarrow.parquet as pq

        return sum(int(pq.read_metadata(opened(file)).num_rows) for file in files)


def _batch_rows(source: "pq.ParquetFile") -> int:
    """Choose how many rows fit into a batch, by their size in the file, or in its beginning if text repeats there."""
    metadata, schema = source.metadata, source.schema_arrow
    size: int = sum(metadata.row_group(number).total_byte_size for number in range(metadata.num_row_groups))
    row_bytes = size // max(int(metadata.num_rows), 1)
    long = [name for name, kind in zip(schema.names, schema.types, strict=True) if not _is_fixed(kind)]
    if long:
        first = next(source.iter_batches(batch_size=_PEEKED_ROWS, columns=long), None)
        row_bytes = max(row_bytes, first.nbytes // max(first.num_rows, 1) if first is not None else 0)
    return max(1, min(BATCH_ROWS, _BATCH_BYTES // max(row_bytes, 1)))


def _is_fixed(kind: "pa.DataType") -> bool:
    try:
        return bool(kind.bit_width)
    except ValueError:
        return False


class ArrowIpc(Format):
    title = "an Arrow IPC (Feather 2) file"
    advice = "Is it complete?"

    def schema(self, file: str) -> "pa.Schema":
        return self._reader(file)[0].remove_metadata()

    def batches(self, file: str, schema: "pa.Schema") -> "Iterator[pa.RecordBatch]":
        for batch in self._reader(file)[1]:
            yield fitted(valid(batch), schema)

    def _reader(self, file: str) -> "tuple[pa.Schema, Iterator[pa.RecordBatch]]":
        from pyarrow import ipc

        with opened(file) as stream:
            is_file = stream.read(6) == b"ARROW1"
        if not is_file:
            reader = ipc.open_stream(opened(file))
            return reader.schema, iter(reader)
        reader = ipc.open_file(opened(file))
        return reader.schema, (reader.get_batch(number) for number in range(reader.num_record_batches))


_FORMATS: dict[str, type[Format]] = {
    **dict.fromkeys((".parquet", ".pq"), Parquet),
    **dict.fromkeys((".csv", ".tsv", ".txt"), Csv),
    **dict.fromkeys((".jsonl", ".ndjson", ".json"), JsonLines),
    **dict.fromkeys((".arrow", ".feather", ".ipc"), ArrowIpc),
}


def format_of(file: str, encoding: str | None = None) -> Format:
    """Choose the format by the ending of a file's name; only CSV files may have an encoding.

    Raises
    ------
    TableUnreadable
        The ending is not known.
    UsageError
        An encoding was given for another format.
    """
    ending = _ending(file)
    if ending not in _FORMATS:
        raise TableUnreadable(
            f"Expected a file ending in {', '.join(_FORMATS)}, got {file!r}. Rename or convert it."
        )
    kind = _FORMATS[ending]
    if encoding is None:
        return kind()
    if kind is not Csv:
        raise UsageError(f"Expected a CSV file with the encoding {encoding!r}, got {file!r}. Leave it out.")
    return Csv(encoding)


def has_format(file: str) -> bool:
    """Tell whether a file's name ends as that of a table."""
    return _ending(file) in _FORMATS


def _ending(file: str) -> str:
    suffixes = [suffix.lower() for suffix in Path(file).suffixes]
    return next((suffix for suffix in reversed(suffixes) if suffix not in COMPRESSED), "")
