"""Tables in files: Parquet, CSV, JSON lines and Arrow IPC, one by one or many by a glob."""

import glob
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from dsml_magics.errors import ColumnUnusable, DataError, TableEmpty, TableNotFound, TableUnreadable, hint
from dsml_magics.frames.format import Format, first_bytes, is_remote
from dsml_magics.frames.formats import format_of, has_format
from dsml_magics.frames.table import Table

if TYPE_CHECKING:
    import pyarrow as pa


def table_of_path(path: str, encoding: str | None = None) -> Table:
    """Open the file, folder or glob at `path`; CSV files in `encoding`, else in that of their bytes.

    Raises
    ------
    TableNotFound
        Nothing is there; a near file name is suggested.
    TableUnreadable
        A file is not what its name says: damaged, ragged, or in another encoding; or it changes while it is read.
    """
    files = _files(path)
    format_ = format_of(files[0], encoding)
    stamps = {file: _stamp(file) for file in files}
    with unchanged(files[0], stamps[files[0]]), readable(files[0], format_):
        schema = _schema(files, format_)
        rows = format_.rows(files)

    def stream() -> "Iterator[pa.RecordBatch]":
        for file in files:
            with unchanged(file, stamps[file]), readable(file, format_):
                yield from format_.batches(file, schema)

    return Table(schema, stream, path, rows, is_file=True, notes=format_.notes())


def stamps_of(path: str) -> dict[str, list[int]] | None:
    """Tell one state of local files from another, also in another process; None for files elsewhere."""
    found = {file: _stamp(file) for file in _files(path)}
    if any(stamp is None for stamp in found.values()):
        return None
    return {str(Path(file).resolve()): list(stamp or ())[:2] for file, stamp in found.items()}


def _stamp(file: str) -> tuple[int, ...] | None:
    """Tell one state of a local file from another."""
    if is_remote(file):
        return None
    try:
        found = os.stat(file)  # noqa: PTH116
    except FileNotFoundError:
        return ()
    return found.st_size, found.st_mtime_ns, found.st_ino, found.st_dev


@contextmanager
def unchanged(file: str, stamp: tuple[int, ...] | None) -> Iterator[None]:
    """Refuse what was read of a file that changed meanwhile: it would be part of the old one and part of the new.

    Raises
    ------
    TableUnreadable
        Also instead of what a reader met in a file that is half another.
    """

    def check() -> None:
        if _stamp(file) != stamp:
            raise TableUnreadable(
                f"Expected {file!r} to stay as it was while it was read, but it changed. Read it once it is complete."
            )

    check()
    try:
        yield
    except DataError:
        check()
        raise
    check()


def _files(path: str) -> Sequence[str]:
    if re.match(r"[a-zA-Z][a-zA-Z0-9+.-]+://", path) and not path.startswith("file://"):
        return [path]
    local = Path(path.removeprefix("file://")).expanduser()
    if local.is_file():
        return [str(local)]
    if local.is_dir():
        found = sorted(
            str(file) for file in local.rglob("*") if file.is_file() and not file.name.startswith(("_", "."))
        )
    else:
        found = sorted(file for file in glob.glob(str(local), recursive=True) if Path(file).is_file())  # noqa: PTH207  absolute patterns
    if not found:
        raise TableNotFound(f"No file {path!r}. {_near(local)}")
    return found


def _near(path: Path) -> str:
    if not path.parent.is_dir():
        return f"There is no folder {str(path.parent)!r}."
    return hint(
        path.name, [file.name for file in path.parent.iterdir() if file.is_file() and has_format(file.name)]
    )


def _schema(files: Sequence[str], format_: Format) -> "pa.Schema":
    import pyarrow as pa

    first = format_.schema(files[0])
    schemas, _ = [first], first.names  # damaged names cannot be decoded
    if len(files) == 1:
        return first
    for file in files[1:]:
        with readable(file, format_):
            schemas.append(format_.schema(file))
        if set(schemas[-1].names) != set(first.names):
            differing = sorted(set(schemas[-1].names) ^ set(first.names))
            raise ColumnUnusable(
                f"Expected the same columns in every file, got {differing[0]!r} in only one of {files[0]!r} and {file!r}."
            )
    return pa.unify_schemas(schemas, promote_options="permissive")


@contextmanager
def readable(file: str, format_: Format) -> Iterator[None]:
    """Turn what a reader says of a bad file into one clear error."""
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, UnicodeError, EOFError, OSError) as error:
        # What a reader quotes from a file may be anything.
        reason = "".join(char if char.isprintable() else " " for char in str(error))
        reason = " ".join(reason.split())[:200]
        if "Empty CSV file" in reason or "Empty JSON" in reason:
            raise TableEmpty(f"Expected a table with columns, got an empty file: {file!r}.") from None
        advice = (
            f"Is it in another encoding than {format_.encoding}?"
            if isinstance(error, UnicodeError) or _is_encoded(file, format_, reason)
            else format_.advice
        )
        raise TableUnreadable(
            f"Expected {format_.title} in {file!r}, but: {reason.rstrip('.')}. {advice}"
        ) from None


def _is_encoded(file: str, format_: Format, reason: str) -> bool:
    """Suspect another encoding, by the reader's words or by the zeros of UTF-16."""
    if "utf8" in reason.lower().replace("-", ""):
        return True
    with suppress(OSError):
        return format_.is_text and b"\0" in first_bytes(file)
    return False
