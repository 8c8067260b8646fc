"""Blank lines between the parts of a script, as a formatter would leave them."""

import ast
from collections.abc import Iterable

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_IMPORTS = (ast.Import, ast.ImportFrom)


def spaced(parts: Iterable[str]) -> str:
    """Join parts that stand below a docstring or imports, these blank lines first.

    Two blank lines are right everywhere but after imports, where one is, unless a definition follows.
    """
    text = ""
    is_after_imports = True
    for part in parts:
        statements = ast.parse(part).body
        is_definition = bool(statements) and isinstance(statements[0], _DEFINITIONS)
        text += ("\n" if is_after_imports and not is_definition else "\n\n") + part.rstrip("\n") + "\n"
        is_after_imports = bool(statements) and isinstance(statements[-1], _IMPORTS)
    return text


def begins_with_import(part: str) -> bool:
    """Tell whether the first statement is an import."""
    statements = ast.parse(part).body
    return bool(statements) and isinstance(statements[0], _IMPORTS)
