"""What a session remembers: `_`, `__`, `___`, `_3` and `Out[3]` are the values cells showed."""

import ast
import io
import re
import tokenize
from collections.abc import Iterable

from dsml_magics.pipeline.draft import Draft
from dsml_magics.pipeline.magic import Magic
from dsml_magics.pipeline.magics import own
from dsml_magics.pipeline.names import Names
from dsml_magics.pipeline.scope import Scope
from dsml_magics.pipeline.splice import Edit, Positions, spliced

_HISTORY = re.compile(r"_{1,3}|_\d+|_oh|Out")
# Cell and line magics whose value is that of the code they measure.
_MEASURING = ("time", "prun", "memit")
_WITH_VALUE = (*_MEASURING, "env", "precision", "pwd", "set_env", "sx", "system", "!")


def is_history(name: str) -> bool:
    """Tell whether a session remembers something by this name."""
    return _HISTORY.fullmatch(name) is not None


def remembered(names: Names) -> set[str]:
    """Find the names by which a notebook reads what earlier cells showed."""
    return {name for name in names.read if is_history(name) and name not in names.bound}


def last_reader(names: Names) -> int:
    """Find the last code cell that reads what others showed."""
    return max((names.last_read[name] for name in remembered(names)), default=0)


def keeping(source: str, draft: Draft, original: str, number: int, scope: Scope) -> str:
    """Keep the value a cell shows."""
    if _is_quiet(original) or not _shows(draft):
        return source
    shown = _last_expression(ast.parse(source).body, is_measured=_is_measured(draft))
    if shown is None:
        return source
    start, end = Positions(source).span(shown)
    call = f"{scope.helper('keep', '_keep')}({number}, {source[start:end]})"
    return spliced(source, [Edit(start, end, call)])


def _shows(draft: Draft) -> bool:
    last = draft.tree.body[-1] if draft.tree.body else None
    if not isinstance(last, ast.Expr):
        return False
    magic = next((place.magic for place in draft.places if place.statement is last), None)
    return magic is None or _gives_value(magic)


def _gives_value(magic: Magic) -> bool:
    if magic.kind in ("system", "output"):
        return magic.kind == "output"
    is_asked = magic.name == "timeit" and "-o" in magic.line.split()
    return is_asked or magic.name in _WITH_VALUE or magic.name.startswith(own.PREFIX)


def _is_measured(draft: Draft) -> bool:
    last = draft.tree.body[-1]
    return any(place.statement is last and place.magic.name in _MEASURING for place in draft.places)


def _last_expression(body: list[ast.stmt], *, is_measured: bool) -> ast.expr | None:
    last = body[-1] if body else None
    if isinstance(last, ast.With) and is_measured:
        return _last_expression(last.body, is_measured=False)
    return last.value if isinstance(last, ast.Expr) else None


def _is_quiet(source: str) -> bool:
    """Whether a cell ends with a semicolon, which shows and keeps nothing."""
    ignored = (tokenize.ENDMARKER, tokenize.NL, tokenize.NEWLINE, tokenize.COMMENT, tokenize.DEDENT)
    try:
        tokens = [*tokenize.generate_tokens(io.StringIO(source).readline)]
    except (tokenize.TokenError, SyntaxError):
        return source.rstrip().endswith(";")
    last: Iterable[tokenize.TokenInfo] = (token for token in reversed(tokens) if token.type not in ignored)
    return next((token.string == ";" for token in last), False)
