"""Magics that measure code: the code stays, the measuring goes."""

from dsml_magics.pipeline.magic import Lowered, Magic, NotLowered, left_out_comment
from dsml_magics.pipeline.magics.source import is_expression
from dsml_magics.pipeline.scope import Scope


def measured_line(magic: Magic, scope: Scope) -> Lowered:
    """Keep the statement after ``%time``."""
    code = scope.convert(magic.line, scope, magic.line_number)
    if not code:
        return Lowered("")
    scope.warn(f"`{magic}` is not measured in the script; its code runs.")
    value = code.rstrip("; ")
    return Lowered(code, value if is_expression(value) else None)


def measured_cell(magic: Magic, scope: Scope) -> Lowered:
    """Keep the lines under ``%%time``."""
    if magic.line:
        raise NotLowered("expected nothing after it in its line.")
    scope.warn(f"`{magic}` is not measured in the script; its code runs.")
    return Lowered(scope.convert(magic.body, scope, magic.line_number + 1))


def repeated(magic: Magic, scope: Scope) -> Lowered:
    """Leave out code that only ran to be measured; it binds nothing in the notebook either."""
    scope.warn(f"`{magic}` only measures: it is left out as a comment.")
    return Lowered(left_out_comment(magic))


LINE = {
    "time": measured_line,
    "prun": measured_line,
    "timeit": repeated,
    "memit": repeated,
    "lprun": repeated,
    "mprun": repeated,
}
CELL = {"time": measured_cell, "prun": measured_cell, "timeit": repeated, "memit": repeated}
