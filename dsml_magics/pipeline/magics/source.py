"""What kind of Python a piece of source is."""

import ast


def is_expression(code: str) -> bool:
    """Tell an expression from statements."""
    try:
        ast.parse(code, mode="eval")
    except SyntaxError:
        return False
    return True
