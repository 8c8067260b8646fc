"""What an engine says of a part that failed, as one clear error."""

import re
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from dsml_magics import errors
from dsml_magics.errors import DsmlError, TableUnreadable
from dsml_magics.frames.partition import Work

_COLOURS = re.compile(r"\x1b\[[\d;]*m")
_RAISED = re.compile(r"^[ \t].*\n((?:\w+\.)*\w+)(?:: (.*))?$", re.MULTILINE)
"""The first line of a traceback that is not indented: what was raised at first."""


def _told(error: Exception) -> str:
    return "".join(traceback.format_exception(error))


@contextmanager
def parts_computed(
    origin: str, failures: tuple[type[Exception], ...], told: Callable[[Any], str] = _told
) -> Iterator[None]:
    """Tell which failure of a part ended a computation; bugs of ours stay as they are.

    Parameters
    ----------
    origin
        What was opened.
    failures
        What the engine raises when a part fails.
    told
        What the engine says of it: best the traceback from where the part lies.

    Raises
    ------
    DsmlError
        The one raised where the part lies, else `TableUnreadable`, which names what was.
    """
    try:
        yield
    except DsmlError:
        raise
    except failures as error:
        text = _COLOURS.sub("", told(error))
        kind, message = _raised(text)
        if known := _own_error(kind):
            raise known(message) from None
        if f"in {Work.summary_of_part.__name__}" in text or f"in {Work.merge_of_summaries.__name__}" in text:
            raise
        cause = ": ".join(filter(None, (kind, message)))[:300].rstrip(".")
        raise TableUnreadable(
            f"Expected every part of the {origin} to be computed, but one failed: {cause}. Mend what it is made of."
        ) from error


def _raised(text: str) -> tuple[str, str]:
    if found := _RAISED.search(text):
        return found[1], found[2] or ""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return "", lines[0].partition(" SQLSTATE:")[0].strip() if lines else ""


def _own_error(kind: str) -> type[DsmlError] | None:
    module, _, name = kind.rpartition(".")
    return getattr(errors, name, None) if module == errors.__name__ else None
