"""File formats: how each tells its schema and streams its batches."""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsml_magics.errors import TableUnreadable
from dsml_magics.frames.table import BATCH_ROWS

if TYPE_CHECKING:
    import pyarrow as pa

_WHOLE = 32 << 20
"""Up to this size (bytes) a text file is read as one block, so its types are inferred from all of it."""

# What pandas takes for a missing value, so that both count the same.
_MISSING_WORDS = (
    "#N/A|#N/A N/A|#NA|-1.#IND|-1.#QNAN|-NaN|-nan|1.#IND|1.#QNAN|<NA>|N/A|NA|NULL|NaN|None|n/a|nan|null"
)
_MISSING = ["", *_MISSING_WORDS.split("|")]


class Format(ABC):
    """A kind of file that holds a table."""

    title: str
    advice: str

    @abstractmethod
    def schema(self, file: str) -> "pa.Schema":
        """Read the names and types of the columns."""

    @abstractmethod
    def batches(self, file: str, schema: "pa.Schema") -> "Iterator[pa.RecordBatch]":
        """Stream the rows in the types of `schema`."""

    def rows(self, files: Sequence[str]) -> int | None:  # noqa: ARG002
        """Count the rows if that needs no reading."""
        return None


class Parquet(Format):
    title = "a Parquet file"
    advice = "Is it complete?"

    def schema(self, file: str) -> "pa.Schema":
        import pyarrow.parquet as pq

        return pq.read_schema(_opened(file)).remove_metadata()

    def batches(self, file: str, schema: "pa.Schema") -> "Iterator[pa.RecordBatch]":
        import pyarrow.parquet as pq

        for batch in pq.ParquetFile(_opened(file)).iter_batches(batch_size=BATCH_ROWS):
            yield _fitted(batch, schema)

    def rows(self, files: Sequence[str]) -> int | None:
        import pyarrow.parquet as pq

        return sum(int(pq.read_metadata(_opened(file)).num_rows) for file in files)


class Csv(Format):
    title = "a CSV file"
    advice = "Every line needs as many fields as the first."

    def schema(self, file: str) -> "pa.Schema":
        types: dict[str, pa.DataType] = {}
        while True:
            reader, whole = self._reader(file, types)
            if whole:
                return _settled(reader.schema)
            if (widened := _first_misfit(reader)) is None:
                return _settled(reader.schema)
            types[reader.schema.names[widened[0]]] = widened[1]

    def batches(self, file: str, schema: "pa.Schema") -> "Iterator[pa.RecordBatch]":
        reader, _ = self._reader(file, {field.name: field.type for field in schema})
        for batch in reader:
            yield _fitted(batch, schema)

    def _reader(self, file: str, types: "dict[str, pa.DataType]") -> "tuple[Any, bool]":
        from pyarrow import csv

        size = _size(file)
        whole = size is not None and size <= _WHOLE
        reader = csv.open_csv(
            _opened(file, compressed=True),
            read_options=csv.ReadOptions(block_size=max(size + 1, 1024) if whole and size else _WHOLE),
            parse_options=csv.ParseOptions(delimiter=_delimiter(file), newlines_in_values=True),
            convert_options=csv.ConvertOptions(
                column_types=types, null_values=_MISSING, strings_can_be_null=True
            ),
        )
        return reader, whole


class JsonLines(Format):
    title = "a file of JSON lines"
    advice = "Every line must be one JSON object with the same types."

    def schema(self, file: str) -> "pa.Schema":
        return self._reader(file, None).schema

    def batches(self, file: str, schema: "pa.Schema") -> "Iterator[pa.RecordBatch]":
        for batch in self._reader(file, schema):
            # The JSON reader takes any bytes for text; what reads them as text would fail far from here.
            batch.validate(full=True)
            yield _fitted(batch, schema)

    def _reader(self, file: str, schema: "pa.Schema | None") -> Any:
        from pyarrow import json

        size = _size(file)
        block = json.ReadOptions(
            block_size=max(size + 1, 1024) if size is not None and size <= _WHOLE else _WHOLE
        )
        return json.open_json(
            _opened(file, compressed=True),
            read_options=block,
            parse_options=json.ParseOptions(explicit_schema=schema),
        )


class ArrowIpc(Format):
    title = "an Arrow IPC (Feather 2) file"
    advice = "Is it complete?"

    def schema(self, file: str) -> "pa.Schema":
        return self._reader(file)[0].remove_metadata()

    def batches(self, file: str, schema: "pa.Schema") -> "Iterator[pa.RecordBatch]":
        for batch in self._reader(file)[1]:
            yield _fitted(batch, schema)

    def _reader(self, file: str) -> "tuple[pa.Schema, Iterator[pa.RecordBatch]]":
        from pyarrow import ipc

        with _opened(file) as stream:
            is_file = stream.read(6) == b"ARROW1"
        if not is_file:
            reader = ipc.open_stream(_opened(file))
            return reader.schema, iter(reader)
        reader = ipc.open_file(_opened(file))
        return reader.schema, (reader.get_batch(number) for number in range(reader.num_record_batches))


_FORMATS: dict[str, Format] = {
    **dict.fromkeys((".parquet", ".pq"), Parquet()),
    **dict.fromkeys((".csv", ".tsv", ".txt"), Csv()),
    **dict.fromkeys((".jsonl", ".ndjson", ".json"), JsonLines()),
    **dict.fromkeys((".arrow", ".feather", ".ipc"), ArrowIpc()),
}
_COMPRESSED = (".gz", ".bz2", ".zst", ".lz4")


def format_of(file: str) -> Format:
    """Choose the format by the ending of a file's name.

    Raises
    ------
    TableUnreadable
        The ending is not known.
    """
    suffixes = [suffix.lower() for suffix in Path(file).suffixes]
    ending = next((suffix for suffix in reversed(suffixes) if suffix not in _COMPRESSED), "")
    if ending not in _FORMATS:
        raise TableUnreadable(
            f"Expected a file ending in {', '.join(_FORMATS)}, got {file!r}. Rename or convert it."
        )
    return _FORMATS[ending]


def _opened(file: str, *, compressed: bool = False) -> Any:
    import pyarrow as pa
    from pyarrow import fs

    if "://" in file:
        filesystem, path = fs.FileSystem.from_uri(file)
        return filesystem.open_input_stream(path) if compressed else filesystem.open_input_file(path)
    return pa.input_stream(file, compression="detect") if compressed else pa.OSFile(file)


def _size(file: str) -> int | None:
    """Tell the size in bytes of a plain local file; None where only reading tells."""
    if "://" in file or Path(file).suffix.lower() in _COMPRESSED:
        return None
    return Path(file).stat().st_size


def _delimiter(file: str) -> str:
    if ".tsv" in Path(file).suffixes:
        return "\t"
    with _opened(file, compressed=True) as stream:
        header = stream.read(65_536).split(b"\n", 1)[0]
    counts = {delimiter: header.count(delimiter.encode()) for delimiter in (",", ";", "\t", "|")}
    return "," if counts[","] else max(counts, key=lambda delimiter: counts[delimiter])


def _first_misfit(reader: Any) -> "tuple[int, pa.DataType] | None":
    """Read on until a value does not fit the inferred type; tell which column needs which wider one."""
    import pyarrow as pa

    try:
        for _ in reader:
            pass
    except pa.ArrowInvalid as error:
        found = re.match(r"In CSV column #(\d+): (?:Row #\d+: )?CSV conversion error to (\w+)", str(error))
        if not found or found.group(2) == "string":
            raise
        wider = {"null": pa.int64(), "int64": pa.float64()}
        return int(found.group(1)), wider.get(found.group(2), pa.string())
    return None


def _settled(schema: "pa.Schema") -> "pa.Schema":
    import pyarrow as pa

    for name, kind in zip(schema.names, schema.types, strict=True):
        # Text that cannot be decoded is inferred to be bytes, without a word.
        if pa.types.is_binary(kind):
            raise pa.ArrowInvalid(f"column {name!r} has invalid UTF8 data")
    return schema.remove_metadata()


def _fitted(batch: "pa.RecordBatch", schema: "pa.Schema") -> "pa.RecordBatch":
    """Order and cast the columns of a batch to the schema of all files."""
    import pyarrow as pa

    if batch.schema.equals(schema):
        return batch
    columns = [batch.column(field.name).cast(field.type) for field in schema]
    return pa.RecordBatch.from_arrays(columns, schema=schema)
