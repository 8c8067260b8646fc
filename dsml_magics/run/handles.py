"""Files as names hold them: one that is closed says what it was of, one that is open cannot be kept."""

import io
import os
import sys
from typing import Any

_KINDS = (io.TextIOWrapper, io.BufferedReader, io.BufferedWriter, io.BufferedRandom, io.FileIO)


def is_closed(value: Any) -> bool:
    """Tell whether something is a file that `open` gave, and that is closed; one that unpacks another is not."""
    if type(value) not in _KINDS or not value.closed:
        return False
    buffered = value.buffer if isinstance(value, io.TextIOWrapper) else value
    return type(getattr(buffered, "raw", buffered)) is io.FileIO and hasattr(value, "mode")


def is_everywhere(value: Any) -> bool:
    """Tell whether something like a file is in memory, or one that every process has."""
    return isinstance(value, io.BytesIO | io.StringIO) or value in (sys.stdout, sys.stderr, sys.stdin)


def parts_of(file: Any) -> Any:
    """Take a closed file apart for pickle."""
    is_text = isinstance(file, io.TextIOWrapper)
    text = (file.encoding, file.errors) if is_text else (None, None)
    return _closed, (file.name, file.mode, *text, 0 if isinstance(file, io.FileIO) else -1)


def _closed(
    name: str | bytes | int, mode: str, encoding: str | None, errors: str | None, buffering: int
) -> Any:
    """Make a file that was closed; it is the null device that is opened for a moment."""
    made: Any = open(  # noqa: SIM115, PTH123  closed below
        os.devnull, mode.replace("x", "w"), buffering, encoding=encoding, errors=errors
    )
    raw = made.buffer.raw if encoding else getattr(made, "raw", made)
    raw.name = name
    if encoding:
        made.mode = mode
    made.close()
    return made
