"""What kind of Python a piece of source is."""

import ast


def enclosed(value: str) -> str:
    """Put a tuple in parentheses, so that it can stand anywhere."""
    return (
        f"({value})" if isinstance(ast.parse(value, mode="eval").body, ast.Tuple | ast.NamedExpr) else value
    )


def is_expression(code: str) -> bool:
    """Tell an expression from statements."""
    try:
        ast.parse(code, mode="eval")
    except SyntaxError:
        return False
    return True
