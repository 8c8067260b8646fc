"""Suggested code for columns that the frame knows by another name than their text: by a number, say."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from dsml_magics.profile.figures import Insight


def with_literals(found: Sequence[Insight], literals: Mapping[str, str | None]) -> tuple[Insight, ...]:
    """Name columns in suggested code as the frame does; no code where the frame has no name for one.

    Parameters
    ----------
    literals
        See `frames.names.Names`.
    """
    return tuple(_renamed(insight, literals) for insight in found) if literals else tuple(found)


def _renamed(insight: Insight, literals: Mapping[str, str | None]) -> Insight:
    if insight.pandas is None:
        return insight
    named = [node for node in _names(insight.pandas) if node.value in literals]
    if not named:
        return insight
    if any(key in literals for key in _assigned(insight.pandas)):
        return replace(insight, pandas=None, polars=None)
    # A frame of polars has text for names.
    return replace(insight, pandas=_replaced(insight.pandas, named, literals), polars=None)


def _names(code: str) -> Iterator[ast.Constant]:
    """Find the names of columns: in ``df[...]``, and in lists given as ``columns`` or ``subset``."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id == "df":
            yield from _constants(node.slice)
        elif isinstance(node, ast.keyword) and node.arg in ("columns", "subset"):
            yield from _constants(node.value)


def _assigned(code: str) -> Iterator[str]:
    """Find the columns that ``assign`` gives values: as keywords, their names can only be text."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Dict):
            yield from (
                key.value for key in node.keys if isinstance(key, ast.Constant) and isinstance(key.value, str)
            )


def _constants(node: ast.expr) -> Iterator[ast.Constant]:
    parts = node.elts if isinstance(node, ast.List | ast.Tuple) else [node]
    yield from (part for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str))


def _replaced(code: str, named: Sequence[ast.Constant], literals: Mapping[str, str | None]) -> str | None:
    # ast counts columns in bytes.
    lines = [line.encode() for line in code.split("\n")]
    for node in sorted(named, key=lambda each: (-each.lineno, -each.col_offset)):
        literal = literals[str(node.value)]
        if literal is None:
            return None
        line = lines[node.lineno - 1]
        lines[node.lineno - 1] = line[: node.col_offset] + literal.encode() + line[node.end_col_offset :]
    return b"\n".join(lines).decode()
