"""Files that are written whole or not at all."""

import errno
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from dsml_magics.errors import FileNotWritten

_REFUSALS = {
    getattr(errno, name)
    for name in ("ENOSPC", "EROFS", "EDQUOT", "EFBIG", "EACCES", "EPERM")
    if hasattr(errno, name)
}


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
        raise FileNotWritten(f"Cannot write {str(path)!r}: {reason_of(error)}.") from None
    try:
        yield temporary
        temporary.replace(target)
    except OSError as error:
        if error.filename not in (None, str(temporary), str(target)):
            raise
        raise FileNotWritten(f"Cannot write {str(path)!r}: {reason_of(error)}.") from None
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()


def reason_of(error: OSError) -> str:
    """Say in the system's words why it refused; of several files that could not be copied, the first."""
    if isinstance(error, shutil.Error) and error.args and isinstance(error.args[0], list):
        text = str(error.args[0][0][-1])
        return text.partition("] ")[2].partition(":")[0] or text
    return os.strerror(error.errno) if error.errno else " ".join(str(error).split())[:200]


@contextmanager
def refusals_told(path: str | os.PathLike[str]) -> Iterator[None]:
    """Turn what the system refuses, as on a full or read-only disk, into one sentence.

    Raises
    ------
    FileNotWritten
        With the system's reason.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in _REFUSALS and not isinstance(error, shutil.Error):
            raise
        raise FileNotWritten(f"Cannot write {str(path)!r}: {reason_of(error)}.") from None


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write text as UTF-8, whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")
