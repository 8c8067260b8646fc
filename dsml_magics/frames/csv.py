"""CSV files. Their types are inferred from all lines: by reading once, or twice where a late line widens one."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsml_magics.frames import format as format_
from dsml_magics.frames.batch import fitted, joined
from dsml_magics.frames.format import BLOCK, Format, first_bytes, last_bytes, opened, whole_size

if TYPE_CHECKING:
    import pyarrow as pa

_LARGEST = 256 << 20
"""Blocks of more bytes are not tried."""

# What pandas takes for a missing value, so that both count the same.
_MISSING_WORDS = (
    "#N/A|#N/A N/A|#NA|-1.#IND|-1.#QNAN|-NaN|-nan|1.#IND|1.#QNAN|<NA>|N/A|NA|NULL|NaN|None|n/a|nan|null"
)
_MISSING = ["", *_MISSING_WORDS.split("|")]


class Csv(Format):
    title = "a CSV file"
    advice = "Every line needs as many fields as the first."
    is_text = True

    def __init__(self) -> None:
        self.block = min(BLOCK, format_.WHOLE)

    def schema(self, file: str) -> "pa.Schema":
        import pyarrow as pa

        while True:
            try:
                return _settled(self._schema(file))
            except pa.ArrowInvalid as error:
                # A line must fit into a block.
                if "straddling object" not in str(error) or self.block > _LARGEST:
                    raise
                self.block *= 16

    def batches(self, file: str, schema: "pa.Schema") -> "Iterator[pa.RecordBatch]":
        last: list[pa.RecordBatch] = []

        def read() -> "Iterator[pa.RecordBatch]":
            for batch in self._reader(file, {field.name: field.type for field in schema}):
                last[:] = [batch]
                yield fitted(batch, schema)

        yield from joined(read(), schema)
        _refuse_open_quote(file, last)

    def _schema(self, file: str) -> "pa.Schema":
        first = _first_schema(file)
        if whole_size(file) is not None:
            return first
        reader = self._reader(file, dict(zip(first.names, first.types, strict=True)))
        return reader.schema if _fits(reader) else self._schema_of_parts(file, first.names)

    def _schema_of_parts(self, file: str, names: Iterable[str]) -> "pa.Schema":
        """Read all as text, infer the types of each part, and widen them to those that hold all parts."""
        import pyarrow as pa

        reader = self._reader(file, dict.fromkeys(names, pa.string()))
        return reduce(_wider, map(_inferred, reader))

    def _reader(self, file: str, types: "Mapping[str, pa.DataType]") -> Any:
        from pyarrow import csv

        size = whole_size(file)
        return csv.open_csv(
            opened(file, compressed=True),
            # The reader reads 32 blocks ahead: large ones cost memory, and time too.
            read_options=csv.ReadOptions(block_size=max(size + 1, 1024) if size is not None else self.block),
            parse_options=_parsing(file),
            convert_options=_converting(types),
        )


def _first_schema(file: str) -> "pa.Schema":
    """Infer types from the beginning of a file, its whole if that is small."""
    import pyarrow as pa
    from pyarrow import csv

    size = whole_size(file)
    text = first_bytes(file, size + 1 if size is not None else format_.WHOLE)
    parsing = _parsing(file)
    if size is None:
        # The last line may be a part of one; what else is wrong with lines is told when all are read.
        text, parsing.invalid_row_handler = text[: text.rfind(b"\n") + 1] or text, lambda _row: "skip"
    reading = csv.ReadOptions(block_size=len(text) + 1024)
    return csv.open_csv(pa.BufferReader(text), reading, parsing, _converting({})).schema


def _parsing(file: str) -> Any:
    from pyarrow import csv

    return csv.ParseOptions(delimiter=_delimiter(file), newlines_in_values=True)


def _converting(types: "Mapping[str, pa.DataType]") -> Any:
    from pyarrow import csv

    return csv.ConvertOptions(column_types=dict(types), null_values=_MISSING, strings_can_be_null=True)


def _delimiter(file: str) -> str:
    if ".tsv" in Path(file).suffixes:
        return "\t"
    header = first_bytes(file, 65_536).split(b"\n", 1)[0]
    counts = {delimiter: header.count(delimiter.encode()) for delimiter in (",", ";", "\t", "|")}
    return "," if counts[","] else max(counts, key=lambda delimiter: counts[delimiter])


def _refuse_open_quote(file: str, last: "list[pa.RecordBatch]") -> None:
    """Refuse a file that ends within quotes: the reader takes all lines from there on for one value."""
    import pyarrow as pa

    if not last or not last[0].num_rows or not pa.types.is_string(last[0].schema.types[-1]):
        return
    value, end = last[0].column(last[0].num_columns - 1)[-1].as_py(), last_bytes(file)
    if value and "\n" in value and end is not None and not end.rstrip().endswith(b'"'):
        raise pa.ArrowInvalid("the file ends within a quoted value")


def _fits(reader: Any) -> bool:
    """Read on until a value does not fit the types of the first block."""
    import pyarrow as pa

    try:
        for _ in reader:
            pass
    except pa.ArrowInvalid as error:
        if re.search(r"CSV conversion error to (?!string)", str(error)):
            return False
        raise
    return True


def _inferred(texts: "pa.RecordBatch") -> "pa.Schema":
    """Infer types from text just as they are inferred from a file."""
    import pyarrow as pa
    from pyarrow import csv

    part = pa.BufferOutputStream()
    csv.write_csv(texts, part)
    text = part.getvalue()
    reading = csv.ReadOptions(block_size=text.size + 1)
    parsing = csv.ParseOptions(newlines_in_values=True)
    # `read_csv` takes the handling of interrupts over, and loses one now and then.
    return csv.open_csv(pa.BufferReader(text), reading, parsing, _converting({})).schema


def _wider(one: "pa.Schema", other: "pa.Schema") -> "pa.Schema":
    import pyarrow as pa

    kinds = map(_wider_type, one.types, other.types)
    return pa.schema(list(zip(one.names, kinds, strict=True)))


def _wider_type(one: "pa.DataType", other: "pa.DataType") -> "pa.DataType":
    """Find the type that the text of both would be inferred to have."""
    import pyarrow as pa

    ladders = [
        [pa.null(), pa.int64(), pa.float64()],
        [pa.null(), pa.date32(), pa.timestamp("s"), pa.timestamp("ns")],
        [pa.null(), one],
        [pa.null(), other],
    ]
    return next(
        (max(one, other, key=rungs.index) for rungs in ladders if {one, other} <= {*rungs}), pa.string()
    )


def _settled(schema: "pa.Schema") -> "pa.Schema":
    import pyarrow as pa

    for name, kind in zip(schema.names, schema.types, strict=True):
        # Text that cannot be decoded is inferred to be bytes, without a word.
        if pa.types.is_binary(kind):
            raise pa.ArrowInvalid(f"column {name!r} has invalid UTF8 data")
    return schema.remove_metadata()
