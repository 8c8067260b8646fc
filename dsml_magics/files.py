"""Files that are written whole or not at all."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from dsml_magics.errors import FileNotWritten


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a temporary path beside `path`, which replaces it only if the block ends well.

    Raises
    ------
    FileNotWritten
        The folder is missing or cannot be written.
    """
    target = Path(path).expanduser()
    if target.is_dir() or not target.parent.is_dir():
        what = "is a folder" if target.is_dir() else f"has no folder {str(target.parent)!r} to be in"
        raise FileNotWritten(f"Expected a file to write, but {str(path)!r} {what}.")
    temporary = target.with_name(f".{target.stem[:60]}-{uuid.uuid4().hex[:8]}{target.suffix}")
    try:
        # With the permissions that any new file gets here.
        temporary.touch(exist_ok=False)
    except OSError as error:
        raise FileNotWritten(f"Cannot write {str(path)!r}: {error.strerror}.") from None
    try:
        yield temporary
        temporary.replace(target)
    except OSError as error:
        if error.filename not in (None, str(temporary), str(target)):
            raise
        raise FileNotWritten(f"Cannot write {str(path)!r}: {error.strerror or error}.") from None
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write text as UTF-8, whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")
