"""Tables in files: Parquet, CSV, JSON lines and Arrow IPC, one by one or many by a glob."""

import glob
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from dsml_magics.errors import ColumnUnusable, TableEmpty, TableNotFound, TableUnreadable, hint
from dsml_magics.frames.formats import Format, format_of
from dsml_magics.frames.table import Table

if TYPE_CHECKING:
    import pyarrow as pa


def table_of_path(path: str) -> Table:
    """Open the file, folder or glob at `path`.

    Raises
    ------
    TableNotFound
        Nothing is there; a near file name is suggested.
    TableUnreadable
        A file is not what its name says: damaged, ragged, or in another encoding.
    """
    files = _files(path)
    format_ = format_of(files[0])
    with readable(files[0], format_):
        schema = _schema(files, format_)

    def stream() -> "Iterator[pa.RecordBatch]":
        for file in files:
            with readable(file, format_):
                yield from format_.batches(file, schema)

    return Table(schema, stream, path, format_.rows(files))


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
    return hint(path.name, [file.name for file in path.parent.iterdir() if file.is_file()])


def _schema(files: Sequence[str], format_: Format) -> "pa.Schema":
    import pyarrow as pa

    first = format_.schema(files[0])
    if len(files) == 1:
        return first
    schemas = [first]
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
    except (pa.ArrowException, UnicodeDecodeError, EOFError, OSError) as error:
        reason = " ".join(str(error).split())[:200]
        if "Empty CSV file" in reason or "Empty JSON" in reason:
            raise TableEmpty(f"Expected a table with columns, got an empty file: {file!r}.") from None
        advice = (
            "Is it in another encoding than UTF-8?"
            if "utf8" in reason.lower().replace("-", "")
            else format_.advice
        )
        raise TableUnreadable(
            f"Expected {format_.title} in {file!r}, but: {reason.rstrip('.')}. {advice}"
        ) from None
