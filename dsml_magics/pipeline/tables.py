"""Tables that are printed: pandas fits them to a terminal, but not in a notebook."""

import ast
from collections.abc import Iterator, Sequence
from itertools import takewhile

from dsml_magics.pipeline.scope import Scope
from dsml_magics.pipeline.splice import Edit, Positions

_IMPORTS = (ast.Import, ast.ImportFrom)


def with_width(body: Sequence[ast.stmt], positions: Positions, scope: Scope) -> Iterator[Edit]:
    """Set the number of columns below the imports that bring pandas, the first time."""
    at = next((at for at, node in enumerate(body) if _name(node, scope)), None)
    if at is None or scope.has_width:
        return
    scope.has_width = True
    *_, last = takewhile(lambda node: isinstance(node, _IMPORTS), body[at:])
    start, end = positions.span(last)
    end += len(positions.around(start, end)[1])
    line = f'{_name(body[at], scope)}.set_option("display.max_columns", 20)  # as in a notebook'
    yield Edit(end, end, f"\n\n{line}")


def _name(node: ast.stmt, scope: Scope) -> str | None:
    """Write what pandas is known by after an import, if it brings it."""
    if (
        isinstance(node, ast.ImportFrom)
        and (node.module or "").partition(".")[0] == "pandas"
        and not node.level
    ):
        return f'{scope.module("sys")}.modules["pandas"]'
    for alias in node.names if isinstance(node, ast.Import) else ():
        if alias.name == "pandas" or (alias.name.startswith("pandas.") and not alias.asname):
            return alias.asname or "pandas"
    return None
