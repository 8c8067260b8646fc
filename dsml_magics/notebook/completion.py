"""What Tab offers on the line of a magic: options, choices, columns, names of tables and models."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from IPython.core.completer import SimpleCompletion, context_matcher

from dsml_magics.command.parameter import choices_of, kind_of
from dsml_magics.command.registry import commands
from dsml_magics.frames.opening import column_names, is_table
from dsml_magics.notebook.cursor import Cursor, cursor_at

if TYPE_CHECKING:
    from IPython.core.completer import CompletionContext, SimpleMatcherResult
    from IPython.core.interactiveshell import InteractiveShell

IDENTIFIER = "dsml_magics"
_PLAIN = re.compile(r"[^\W\d]\w*")


def matcher_for(shell: "InteractiveShell") -> "Callable[[CompletionContext], SimpleMatcherResult]":
    """Make the matcher that a shell's completer asks beside its own."""

    @context_matcher(identifier=IDENTIFIER)  # type: ignore[untyped-decorator,unused-ignore]
    def match(context: "CompletionContext") -> "SimpleMatcherResult":
        cursor = cursor_at(context.text_until_cursor, commands)
        if cursor is None:
            return {"completions": [], "matched_fragment": "", "suppress": False}
        offered = [SimpleCompletion(text=word, type=kind) for word, kind in _offers(cursor, shell.user_ns)]
        # Where the answer is settled, names of the namespace and files would only be in the way.
        return {"completions": offered, "matched_fragment": cursor.typed, "suppress": _is_settled(cursor)}

    return match  # type: ignore[no-any-return,unused-ignore]


def _offers(cursor: Cursor, names: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    if cursor.names_option:
        return _starting(cursor.typed, [*cursor.command.options, "--help"], "option")
    if cursor.parameter is None:
        return []
    if choices := choices_of(cursor.parameter):
        return _starting(cursor.typed, choices, "choice")
    if cursor.parameter.annotation is bool:
        return _starting(cursor.typed, ("true", "false"), "choice")
    return _offers_by_role(cursor, names)


def _offers_by_role(cursor: Cursor, names: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    kind = kind_of(cursor.parameter) if cursor.parameter else None
    if kind is None:
        return []
    if kind.role == "column":
        return _columns(cursor, names)
    if kind.role == "frame":
        return _starting(cursor.typed, _names_of(names, is_table), "table")
    if kind.role == "model":
        return _starting(cursor.typed, _names_of(names, _is_model), "model")
    return []


def _is_settled(cursor: Cursor) -> bool:
    if cursor.parameter is None:
        return cursor.names_option
    kind = kind_of(cursor.parameter)
    return kind is None or kind.role == "column" or (kind.is_expression and not cursor.typed)


def _columns(cursor: Cursor, names: Mapping[str, Any]) -> list[tuple[str, str]]:
    frame = names.get(cursor.frame_name or "")
    typed = cursor.typed.lstrip("\"'")
    # Braces would be filled in from the namespace when the line runs.
    found = [name for name in _names_in(frame) if name.startswith(typed) and "{" not in name]
    quote = cursor.typed[:1] if cursor.typed[:1] in ("'", '"') else ""
    return [(_quoted(name, quote), "column") for name in found]


def _names_in(frame: object) -> list[str]:
    try:
        return column_names(frame)
    except Exception:  # noqa: BLE001  it asks a live object of the user: Tab must not print that object's errors
        return []


def _quoted(name: str, quote: str) -> str:
    if not quote and _PLAIN.fullmatch(name):
        return name
    quote = quote or ("'" if '"' in name else '"')
    return quote + name.replace(quote, f"\\{quote}") + quote


def _names_of(names: Mapping[str, Any], wanted: Callable[[object], bool]) -> list[str]:
    return [name for name, value in dict(names).items() if not name.startswith("_") and wanted(value)]


def _is_model(value: object) -> bool:
    # The type is asked, not the object: a lazy proxy would do its work to answer.
    return not isinstance(value, type) and hasattr(type(value), "predict")


def _starting(typed: str, words: Iterable[str], kind: str) -> list[tuple[str, str]]:
    return [(word, kind) for word in words if word.startswith(typed)]
