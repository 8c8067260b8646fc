"""The parameters of a notebook: constants assigned in the cell tagged ``parameters``."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator

from dsml_magics.pipeline.value import Parameter

_TYPE_COMMENT = re.compile(r"type:\s*(\S+)\s*(.*)")
_KINDS = ("bool", "int", "float", "str", "list", "dict", "tuple", "set")


def parameters_of(source: str) -> tuple[list[Parameter], list[str]]:
    r"""Read the parameters of a cell, and the names it computes instead.

    Examples
    --------
    >>> found, computed = parameters_of("depth = 3  # Depth of the trees\nleaves = 2**depth")
    >>> found[0].name, found[0].default, found[0].kind, found[0].help, computed
    ('depth', 3, 'int', 'Depth of the trees', ['leaves'])
    """
    comments = _comments(source)
    found: dict[str, Parameter] = {}
    computed: list[str] = []
    for name, value, said, node in _assignments(ast.parse(source)):
        annotation = said
        text = _help(node, comments)
        if typed := _TYPE_COMMENT.fullmatch(text):
            # As papermill reads it: `# type: float Share of the rows`.
            annotation, text = annotation or ast.Constant(typed[1]), typed[2]
        try:
            default = ast.literal_eval(value)
            kind = _kind(default, annotation)
        except (ValueError, TypeError):
            computed.append(name)
            found.pop(name, None)
            continue
        found[name] = Parameter(name, default, kind, text)
    return list(found.values()), computed


def _assignments(tree: ast.Module) -> Iterator[tuple[str, ast.expr, ast.expr | None, ast.stmt]]:
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                yield name, value, None, node
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value, annotation=annotation):
                yield name, value, annotation, node
            case _:
                continue


def _kind(default: object, annotation: ast.expr | None) -> str:
    kind = type(default).__name__
    said = _said(annotation)
    if default is None:
        return said or "str"
    if kind == "int" and said == "float":
        return said
    if kind not in _KINDS:
        raise ValueError(kind)
    return kind


def _said(annotation: ast.expr | None) -> str | None:
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            annotation = ast.parse(annotation.value, mode="eval").body
        except SyntaxError:
            return None
    names = [node.id for node in ast.walk(annotation) if isinstance(node, ast.Name)] if annotation else []
    return next((name for name in names if name in _KINDS), None)


def _help(node: ast.stmt, comments: dict[int, tuple[str, bool]]) -> str:
    """Take the comment at the end of an assignment, else those in the lines right above it."""
    beside, _ = comments.get(node.end_lineno or node.lineno, ("", False))
    if beside:
        return beside
    above: list[str] = []
    line = node.lineno - 1
    while comments.get(line, ("", False))[1]:
        above.insert(0, comments[line][0])
        line -= 1
    return " ".join(above)


def _comments(source: str) -> dict[int, tuple[str, bool]]:
    """Find the comments by line: their text, and whether the line holds nothing else."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {
        token.start[0]: (token.string.lstrip("#").strip(), not token.line[: token.start[1]].strip())
        for token in tokens
        if token.type == tokenize.COMMENT
    }
