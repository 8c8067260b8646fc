"""What every file format has: a schema, a stream of batches, and bytes to read them from."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsml_magics.frames.note import Note

if TYPE_CHECKING:
    import pyarrow as pa

WHOLE = 32 << 20
"""Up to this size (bytes) the types of a text file are inferred from all of it at once."""

BLOCK = 2 << 20
"""Larger text files are read in blocks of so many bytes."""

COMPRESSED = (".gz", ".bz2", ".zst", ".lz4")


class Format(ABC):
    """A kind of file that holds a table."""

    title: str
    advice: str
    is_text = False
    encoding = "UTF-8"

    @abstractmethod
    def schema(self, file: str) -> "pa.Schema":
        """Read the names and types of the columns."""

    @abstractmethod
    def batches(self, file: str, schema: "pa.Schema") -> "Iterator[pa.RecordBatch]":
        """Stream the rows in the types of `schema`."""

    def notes(self) -> tuple[Note, ...]:
        """Tell what was changed to read the files whose schema was read."""
        return ()

    def rows(self, files: Sequence[str]) -> int | None:  # noqa: ARG002
        """Count the rows if that needs no reading."""
        return None


def is_remote(file: str) -> bool:
    """Tell a URL from a local path."""
    return "://" in file


def opened(file: str, *, compressed: bool = False) -> Any:
    """Open a file or URL for reading; `compressed` undoes what its ending says."""
    import pyarrow as pa
    from pyarrow import fs

    if is_remote(file):
        filesystem, path = fs.FileSystem.from_uri(file)
        return filesystem.open_input_stream(path) if compressed else filesystem.open_input_file(path)
    return pa.input_stream(file, compression="detect") if compressed else pa.OSFile(file)


def whole_size(file: str) -> int | None:
    """Tell the size in bytes of a plain local file of at most `WHOLE`, else None."""
    if is_remote(file) or Path(file).suffix.lower() in COMPRESSED:
        return None
    size = Path(file).stat().st_size
    return size if size <= WHOLE else None


def first_bytes(file: str, count: int = 4096) -> bytes:
    """Read the beginning of a file's text."""
    with opened(file, compressed=True) as stream:
        return bytes(stream.read(count))


def last_bytes(file: str, count: int = 64) -> bytes | None:
    """Read the end of a plain local file, else give None."""
    if is_remote(file) or Path(file).suffix.lower() in COMPRESSED:
        return None
    with Path(file).open("rb") as stream:
        stream.seek(max(0, Path(file).stat().st_size - count))
        return stream.read()
