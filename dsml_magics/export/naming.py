"""Names that every engine takes: ASCII letters, digits and underscores."""

import keyword
import re
import unicodedata
from collections.abc import Iterable

_LENGTH = 40
# Dagster keeps these for itself.
_RESERVED = frozenset(
    (
        *keyword.kwlist,
        *("arg_dict", "bool", "conf", "config", "context", "dict", "float", "input", "input_arg_dict", "int"),
        *("meta", "output", "output_arg_dict", "str", "type"),
    )
)


def identifier(text: str, otherwise: str) -> str:
    """Write text as a name of small letters, digits and underscores.

    Examples
    --------
    >>> identifier("Große Tabelle 2", "step"), identifier("2-fold", "step"), identifier("데이터", "step")
    ('grosse_tabelle_2', 'step_2_fold', 'step')
    """
    ascii_text = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    name = "_".join(re.findall(r"[a-z0-9]+", ascii_text))[:_LENGTH].strip("_")
    if name in _RESERVED:
        return f"{name}_{otherwise}"
    return name if name[:1].isalpha() else f"{otherwise}_{name}".strip("_")


def identifiers(names: Iterable[str]) -> list[str]:
    """Write the names of steps so, each another: ``a-b`` and ``a_b`` are ``a_b`` and ``a_b_2``."""
    taken: list[str] = []
    for at, name in enumerate(names, start=1):
        start = identifier(name, "step") if identifier(name, "") else f"step_{at}"
        found, number = start, 2
        while found in taken:
            found, number = f"{start}_{number}", number + 1
        taken.append(found)
    return taken


def shown(text: str) -> str:
    """Write text from a notebook as one line that every file can hold."""
    line = " ".join(text.split()).encode("utf-8", "ignore").decode()
    return "".join(letter for letter in line if letter.isprintable())
