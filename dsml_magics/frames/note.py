"""Notes on what was changed while a table was opened; the user sees each of them once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Note:
    """Something to be told about how a table was read.

    Attributes
    ----------
    code
        ``names``, ``replaced``, ``encoding`` or ``given_encoding``: the words are in the catalogs of profile/language, ``note.json``.
    values
        What the words name: texts, numbers and tuples of them.
    """

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)
