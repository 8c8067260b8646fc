"""Which function writes which magic as Python."""

from collections.abc import Callable, Mapping

from dsml_magics.errors import hint
from dsml_magics.pipeline.magic import Lowered, Magic, NotLowered
from dsml_magics.pipeline.magics import capture, dropped, environment, files, own, packages, shell, timing
from dsml_magics.pipeline.scope import Scope

Lowering = Callable[[Magic, Scope], Lowered]

_LINE: Mapping[str, Lowering] = {
    **dropped.LINE,
    **environment.LINE,
    **files.LINE,
    **own.LINE,
    **packages.LINE,
    **shell.LINE,
    **timing.LINE,
}
_CELL: Mapping[str, Lowering] = {
    **capture.CELL,
    **dropped.CELL,
    **files.CELL,
    **shell.CELL,
    **timing.CELL,
}


def is_line_magic(name: str) -> bool:
    return name in _LINE


def lowering_of(magic: Magic) -> Lowering:
    """Find how a magic is written as Python.

    Raises
    ------
    NotLowered
        There is no way.
    """
    if magic.kind in ("system", "output"):
        return shell.system if magic.kind == "system" else shell.output
    if magic.name.startswith(own.PREFIX):
        return own.command
    table = _LINE if magic.kind == "line" else _CELL
    if magic.name in table:
        return table[magic.name]
    raise NotLowered(_advice(magic))


def _advice(magic: Magic) -> str:
    if magic.name.startswith("%"):
        return "a cell magic must be the first line of its cell."
    if magic.kind == "line" and magic.name in _CELL:
        return f"expected it as `%%{magic.name}` in the first line of a cell."
    if magic.kind == "cell" and magic.name in _LINE:
        return f"expected it as `%{magic.name}` on one line."
    meant = hint(magic.name, _LINE if magic.kind == "line" else _CELL, limit=0).partition("Known")[0]
    return (
        f"this magic has no plain Python form. {meant}".rstrip()
        + " Write it in Python, or keep it with --keep-magics: the script then needs IPython."
    )
