"""Magics that measure code: it runs, and how long it takes is printed."""

import re

from dsml_magics.pipeline.magic import Lowered, Magic, NotLowered, has_statements, suite
from dsml_magics.pipeline.magics.source import enclosed, is_expression
from dsml_magics.pipeline.scope import Scope
from dsml_magics.pipeline.text import block_literal, call, literal

_ERRORS = "--no-raise-error"
_PROFILERS = re.compile(r"(?<!\s)\s*-(?:[fmsDTuzroli]\s*\S+|[rq]\b)")


def measured_line(magic: Magic, scope: Scope) -> Lowered:
    """Write ``%time statement``."""
    code = scope.convert(magic.line.replace(_ERRORS, ""), scope, magic.line_number)
    block = suite(f"with {scope.helper('timed', '_timed')}():", code)
    value = code.rstrip("; \n")
    if not value or not is_expression(value):
        return Lowered(block)
    # The value only asks for its helper where it is used: most lines are statements.
    return Lowered(block, lambda: f"{scope.helper('time_of', '_time_of')}(lambda: {enclosed(value)})")


def measured_cell(magic: Magic, scope: Scope) -> Lowered:
    """Write ``%%time`` over a cell."""
    if magic.line.strip() not in ("", _ERRORS):
        raise NotLowered("expected nothing after it in its line.")
    code = scope.convert(magic.body, scope, magic.line_number + 1)
    return Lowered(
        suite(f"with {scope.helper('timed', '_timed')}():", code) if has_statements(code) else code
    )


def profiled_line(magic: Magic, scope: Scope) -> Lowered:
    """Keep the statement after ``%prun`` and its like."""
    code = scope.convert(_PROFILERS.sub("", f" {magic.line}").strip(), scope, magic.line_number)
    scope.warn(f"`{magic}` is not measured in the script; its code runs.")
    scope.silence()
    value = code.rstrip("; ")
    return Lowered(code, value if value and is_expression(value) else None)


def profiled_cell(magic: Magic, scope: Scope) -> Lowered:
    """Keep the lines under ``%%prun`` and its like."""
    scope.warn(f"`{magic}` is not measured in the script; its code runs.")
    scope.silence()
    return Lowered(scope.convert(magic.body, scope, magic.line_number + 1))


def repeated(magic: Magic, scope: Scope) -> Lowered:
    """Write ``%timeit``: the number of loops is kept where it is given, else there is one."""
    options, code = _options(magic.line)
    setup = ""
    if magic.kind == "cell":
        setup, code = code, magic.body
    if not code.strip():
        return Lowered("")
    number, repeat = options.get("n"), options.get("r")
    if number is None:
        scope.warn(f"`{magic}` runs once in the script, instead of as often as is needed to measure it well.")
        # IPython warms up before it repeats; one run in all is what has the least effect.
        number, repeat = "1", "1"
    converted = scope.convert(code, scope, magic.line_number + (magic.kind == "cell"))
    words = [_as_argument(converted)]
    if setup.strip():
        words.append(literal(scope.convert(setup, scope, magic.line_number)))
    words += [
        f"{name}={value}" for name, value in (("number", number), ("repeat", repeat or "7")) if value != "1"
    ]
    words += ["quiet=True"] if "q" in options else []
    code = call(scope.helper("timeit", "_timeit"), words)
    return Lowered(code, code if "o" in options else None)


def _as_argument(code: str) -> str:
    value = code.strip().rstrip("; ")
    if is_expression(value) and "\n" not in value and "await" not in value:
        return f"lambda: {enclosed(value)}"
    return literal(code) if "\n" not in code.strip("\n") else block_literal(code.strip("\n") + "\n")


def _options(line: str) -> tuple[dict[str, str], str]:
    """Split IPython's ``-n10 -r 3 -o`` from the code."""
    found: dict[str, str] = {}
    while option := re.match(r"\s*-([nrpvtcqo])\s*(\d*)\s*", line):
        name = option[1]
        found[name] = option[2] or ""
        rest = line[option.end() :]
        if name in "qotcv" and option[2]:
            break
        line = rest
    return {name: value for name, value in found.items() if value or name in "oq"}, line


LINE = {
    "time": measured_line,
    "prun": profiled_line,
    "lprun": profiled_line,
    "mprun": profiled_line,
    "memit": profiled_line,
    "timeit": repeated,
}
CELL = {"time": measured_cell, "prun": profiled_cell, "memit": profiled_cell, "timeit": repeated}
