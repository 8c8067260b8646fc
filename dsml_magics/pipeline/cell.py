"""One code cell becomes plain Python; what is no magic stays to the character."""

import ast

from dsml_magics.command.block import indented
from dsml_magics.errors import NotebookError, UsageError
from dsml_magics.pipeline.draft import Draft, Place, read
from dsml_magics.pipeline.magic import Lowered, NotLowered, has_statements
from dsml_magics.pipeline.scope import Scope
from dsml_magics.pipeline.session import Change, session_changes
from dsml_magics.pipeline.splice import Edit, Positions, spliced
from dsml_magics.pipeline.table import lowering_of
from dsml_magics.pipeline.tables import with_width
from dsml_magics.redaction import redact


def convert(source: str, scope: Scope, first_line: int = 1) -> str:
    """Convert the source of a cell, or of the body of a cell magic."""
    return lower(read(source, first_line), scope)


def lower(draft: Draft, scope: Scope) -> str:
    """Replace the magics of a cell by Python.

    Raises
    ------
    NotebookError
        A magic has no plain Python form; the message begins with the line.
    """
    positions = Positions(draft.text)
    edits = [_edit(place, draft, positions, scope) for place in draft.places]
    edits += [_without_future(node, positions, scope) for node in draft.futures]
    edits += [_as_edit(change, positions) for change in session_changes(draft.tree, draft.text, scope)]
    edits += with_width(draft.tree.body, positions, scope)
    scope.reach(draft.tree.body)
    source = _ended(spliced(draft.text, edits).strip("\n"))
    if redact(source, code=True) != source:
        scope.warn(
            "a secret seems to be written in the code, and so in the script: read it from the environment."
        )
    return source


def _ended(source: str) -> str:
    """Take off a backslash that continues a cell's last line: it would go on in the next cell."""
    if source.endswith("\\"):
        try:
            ast.parse(source)
        except SyntaxError:
            return source.rstrip("\\ \t\n")
    return source


def _edit(place: Place, draft: Draft, positions: Positions, scope: Scope) -> Edit:
    scope.reach([node for node in draft.tree.body if node.lineno < place.call.lineno])
    magic = place.magic
    try:
        lowered = _lowered(place, draft, scope)
        return (
            _as_value(place, lowered, positions)
            if place.statement is None
            else _as_code(place, lowered, positions)
        )
    except (NotLowered, UsageError) as error:
        raise NotebookError(f"line {magic.line_number}: `{magic.text}`: {error}") from error


def _lowered(place: Place, draft: Draft, scope: Scope) -> Lowered:
    magic = place.magic
    try:
        return lowering_of(magic)(magic, scope)
    except NotLowered:
        if not scope.keeps_magics or magic.name.startswith("%"):
            raise
    scope.helper("get_ipython_shell", "get_ipython")
    scope.warn(f"`{magic}` is kept: the script needs IPython for it.")
    return Lowered.expression(ast.get_source_segment(draft.text, place.call) or "")


def _as_edit(change: Change, positions: Positions) -> Edit:
    start, end = positions.span(change.node)
    if isinstance(change.node, ast.expr) or change.code:
        return Edit(start, end, change.code)
    before, after = positions.around(start, end)
    if before.strip() or after.strip() or change.is_nested:
        return Edit(start, end, "pass")
    return Edit(start - len(before), min(end + len(after) + 1, len(positions.source)), "")


def _as_value(place: Place, lowered: Lowered, positions: Positions) -> Edit:
    start, end = positions.span(place.call)
    if lowered.value is None:
        raise NotLowered("it gives no value in a script. Put it on a line of its own, without `=`.")
    value = lowered.value() if callable(lowered.value) else lowered.value
    before, after = positions.around(start, end)
    # `x = %time a, b` may stay bare; within a larger expression precedence has to be kept.
    is_whole = before.rstrip().endswith("=") and not after.strip()
    return Edit(start, end, value if is_whole or _is_atom(value) else f"({value})")


def _is_atom(source: str) -> bool:
    return isinstance(ast.parse(source, mode="eval").body, ast.Call | ast.Name | ast.Constant | ast.Attribute)


def _as_code(place: Place, lowered: Lowered, positions: Positions) -> Edit:
    assert place.statement is not None
    start, end = positions.span(place.statement)
    before, after = positions.around(start, end)
    code = lowered.code
    is_alone = not before.strip() and (not after.strip() or after.lstrip().startswith("#"))
    if not is_alone:
        return Edit(start, end, _on_one_line(code))
    if place.is_nested and not has_statements(code):
        code = f"pass  {code}" if code and "\n" not in code else f"{code}\npass".lstrip("\n")
    if not code and not after.strip():
        return Edit(start - len(before), min(end + len(after) + 1, len(positions.source)), "")
    return Edit(start, end, indented(code, before).removeprefix(before))


def _on_one_line(code: str) -> str:
    code = code if has_statements(code) else "pass"
    try:
        ast.parse(f"if True: {code}; pass")
    except SyntaxError:
        raise NotLowered("it needs lines of its own.") from None
    return code


def _without_future(node: ast.ImportFrom, positions: Positions, scope: Scope) -> Edit:
    scope.futures.extend(alias.name for alias in node.names if alias.name not in scope.futures)
    start, end = positions.span(node)
    before, after = positions.around(start, end)
    if before.strip() or after.strip():
        return Edit(start, end, "pass" if ";" in before + after else "")
    return Edit(start - len(before), min(end + len(after) + 1, len(positions.source)), "")
