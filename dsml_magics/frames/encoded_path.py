"""The path of CSV files with the encoding that the user gave for them."""

import codecs
import os
from dataclasses import dataclass
from encodings.aliases import aliases
from typing import Any

from dsml_magics.errors import TableUnreadable, UsageError, nearest
from dsml_magics.frames.csv import Csv
from dsml_magics.frames.formats import format_of


@dataclass(frozen=True, slots=True)
class EncodedPath:
    """The path or glob of CSV files, and Python's name of the encoding they are read in."""

    path: str
    encoding: str


def with_encoding(encoding: str | None, *sources: Any) -> tuple[Any, ...]:
    """Attach an encoding to those of a command's tables that are paths of CSV files; None leaves all as they are.

    Raises
    ------
    UsageError
        There is no such encoding, or no such path.
    """
    if encoding is None:
        return sources
    _require_known(encoding)
    if not any(map(_is_csv_path, sources)):
        given = [source for source in sources if source is not None]
        got = (
            repr(os.fspath(given[0]))
            if given and _is_path(given[0])
            else type(given[0] if given else None).__name__
        )
        raise UsageError(
            f"Expected the path of a CSV file with the encoding {encoding!r}, got {got}. Leave it out."
        )
    return tuple(EncodedPath(os.fspath(each), encoding) if _is_csv_path(each) else each for each in sources)


def _require_known(encoding: object) -> None:
    try:
        is_text = codecs.lookup(encoding)._is_text_encoding  # type: ignore[arg-type]  # noqa: SLF001  as `open` asks it
        "a,b\n".encode(encoding)  # type: ignore[arg-type]
    except (LookupError, TypeError, ValueError):
        is_text = False
    if not is_text:
        meant = nearest(str(encoding), sorted({*aliases, *aliases.values()}))
        advice = f"Did you mean {meant!r}?" if meant else "Give one that Python knows, such as 'cp949'."
        raise UsageError(f"No encoding {encoding!r}. {advice}")


def _is_path(source: object) -> bool:
    return isinstance(source, str | os.PathLike)


def _is_csv_path(source: Any) -> bool:
    if not _is_path(source):
        return False
    try:
        return isinstance(format_of(os.fspath(source)), Csv)
    except TableUnreadable:
        # The path of a folder, or a glob: what is in it is known once it is opened.
        return True
