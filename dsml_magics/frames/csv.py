"""CSV files. Their types are inferred from all lines: by reading once, or twice where a late line widens one."""

import codecs
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsml_magics.frames import format as format_
from dsml_magics.frames.batch import fitted, joined
from dsml_magics.frames.encoding import detect_encoding, marked_encoding
from dsml_magics.frames.format import BLOCK, Format, first_bytes, last_bytes, opened, whole_size
from dsml_magics.frames.names import Names, distinct_names, renaming_notes
from dsml_magics.frames.note import Note

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

    def __init__(self, encoding: str | None = None) -> None:
        self.block = min(BLOCK, format_.WHOLE)
        self.given = encoding
        self.encoding = encoding or self.encoding
        self.encodings: dict[str, str] = {}
        self.names: dict[str, Names] = {}

    def schema(self, file: str) -> "pa.Schema":
        import pyarrow as pa

        if encoding := self.given or marked_encoding(first_bytes(file, 4)):
            self.encodings[file] = encoding
        try:
            found = self._schema_as_encoded(file)
            _ = found.names  # names that are no UTF-8 cannot be decoded
        except (pa.ArrowInvalid, UnicodeDecodeError) as error:
            # All lines were read as UTF-8 first: most files are, and others may show it in their last line only.
            if file in self.encodings or not _is_about_encoding(error) or not (other := _encoding(file)):
                raise
            self.encodings[file] = other
            found = self._schema_as_encoded(file)
        return found

    def notes(self) -> tuple[Note, ...]:
        renamed = next((names.notes for names in self.names.values()), ())
        return (*renamed, *self._notes_on_encoding())

    def _notes_on_encoding(self) -> tuple[Note, ...]:
        if self.given:
            is_usual = codecs.lookup(self.given).name in ("utf-8", "utf-8-sig")
            return () if is_usual else (Note("given_encoding", {"encoding": self.given}),)
        names = sorted(set(self.encodings.values()))
        return (Note("encoding", {"encoding": ", ".join(names)}),) if names else ()

    def _schema_as_encoded(self, file: str) -> "pa.Schema":
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
        first = self._distinct(file, _first_schema(file, self.encodings.get(file)))
        if whole_size(file) is not None:
            return first
        reader = self._reader(file, dict(zip(first.names, first.types, strict=True)))
        return reader.schema if _fits(reader) else self._schema_of_parts(file, first.names)

    def _distinct(self, file: str, schema: "pa.Schema") -> "pa.Schema":
        """Number names that stand twice, as `pandas.read_csv` does."""
        import pyarrow as pa

        if len(set(schema.names)) == len(schema.names):
            return schema
        texts = distinct_names([name or f"Unnamed: {at}" for at, name in enumerate(schema.names)]).texts
        self.names[file] = Names(texts, notes=renaming_notes(schema.names, texts))
        return pa.schema(list(zip(texts, schema.types, strict=True)))

    def _schema_of_parts(self, file: str, names: Iterable[str]) -> "pa.Schema":
        """Read all as text, infer the types of each part, and widen them to those that hold all parts."""
        import pyarrow as pa

        reader = self._reader(file, dict.fromkeys(names, pa.string()))
        return reduce(_wider, map(_inferred, reader))

    def _reader(self, file: str, types: "Mapping[str, pa.DataType]") -> Any:
        from pyarrow import csv

        size = whole_size(file)
        return csv.open_csv(
            _opened(file, self.encodings.get(file)),
            # The reader reads 32 blocks ahead: large ones cost memory, and time too.
            # In UTF-8 a character may take three bytes for one.
            read_options=csv.ReadOptions(
                block_size=max(3 * size + 1, 1024) if size is not None else self.block,
                **self._header(file),
            ),
            parse_options=_parsing(file, self.encodings.get(file)),
            convert_options=_converting(types),
        )

    def _header(self, file: str) -> dict[str, Any]:
        """Give the reader other names than those of the file's header, which it is to skip."""
        if file not in self.names:
            return {}
        blank = re.match(rb"[\r\n]*", _first_text(file, 65_536, self.encodings.get(file)))
        empty = len(blank[0].splitlines()) if blank else 0
        return {"column_names": list(self.names[file].texts), "skip_rows_after_names": 1 + empty}


def _opened(file: str, encoding: str | None) -> Any:
    """Open a file as UTF-8, whatever encoding it is in."""
    import pyarrow as pa

    stream = opened(file, compressed=True)
    return pa.transcoding_input_stream(stream, encoding, "utf-8") if encoding else stream


def _first_text(file: str, count: int, encoding: str | None) -> bytes:
    with _opened(file, encoding) as stream:
        return bytes(stream.read(count))


def _encoding(file: str) -> str | None:
    with opened(file, compressed=True) as stream:
        return detect_encoding(iter(lambda: bytes(stream.read(BLOCK)), b""))


def _is_about_encoding(error: Exception) -> bool:
    return isinstance(error, UnicodeDecodeError) or "utf8" in str(error).lower().replace("-", "")


def _first_schema(file: str, encoding: str | None) -> "pa.Schema":
    """Infer types from the beginning of a file, its whole if that is small."""
    import pyarrow as pa
    from pyarrow import csv

    size = whole_size(file)
    text = _first_text(file, 3 * size + 1 if size is not None else format_.WHOLE, encoding)
    parsing = _parsing(file, encoding)
    if size is None:
        # The last line may be a part of one; what else is wrong is reported when all lines are read.
        text, parsing.invalid_row_handler = text[: text.rfind(b"\n") + 1] or text, lambda _row: "skip"
    reading = csv.ReadOptions(block_size=len(text) + 1024)
    return csv.open_csv(pa.BufferReader(text), reading, parsing, _converting({})).schema


def _parsing(file: str, encoding: str | None) -> Any:
    from pyarrow import csv

    return csv.ParseOptions(delimiter=_delimiter(file, encoding), newlines_in_values=True)


def _converting(types: "Mapping[str, pa.DataType]") -> Any:
    from pyarrow import csv

    return csv.ConvertOptions(column_types=dict(types), null_values=_MISSING, strings_can_be_null=True)


def _delimiter(file: str, encoding: str | None) -> str:
    if ".tsv" in Path(file).suffixes:
        return "\t"
    header = _first_text(file, 65_536, encoding).split(b"\n", 1)[0]
    counts = {delimiter: header.count(delimiter.encode()) for delimiter in (",", ";", "\t", "|")}
    return "," if counts[","] else max(counts, key=lambda delimiter: counts[delimiter])


def _refuse_open_quote(file: str, last: "list[pa.RecordBatch]") -> None:
    """Refuse a file that ends within quotes: the reader takes all lines from there on for one value."""
    import pyarrow as pa

    if not last or not last[0].num_rows or not pa.types.is_string(last[0].schema.types[-1]):
        return
    value, end = last[0].column(last[0].num_columns - 1)[-1].as_py(), last_bytes(file)
    if value and "\n" in value and end is not None and not end.replace(b"\0", b"").rstrip().endswith(b'"'):
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
        # Text that cannot be decoded is inferred to be bytes, without an error.
        if pa.types.is_binary(kind):
            raise pa.ArrowInvalid(f"column {name!r} has invalid UTF8 data")
    return schema.remove_metadata()
