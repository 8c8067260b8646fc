"""Which objects an expression shares with those it is made of."""

import ast

from dsml_magics.pipeline.analysis import knowledge
from dsml_magics.pipeline.analysis.known import Known
from dsml_magics.pipeline.names import dotted

_FRESH_BUILTINS = frozenset("len sum float int str bool abs round range repr bytes".split())  # noqa: SIM905
_FRESH_METHODS = frozenset("copy deepcopy predict predict_proba score mean std count format".split())  # noqa: SIM905
_FRESH_KINDS = (ast.Constant, ast.JoinedStr, ast.Compare, ast.Lambda, ast.UnaryOp)


def is_fresh(value: ast.expr, known: Known) -> bool:
    """Tell whether an expression makes an object that shares nothing with those it is made of."""
    if isinstance(value, _FRESH_KINDS):
        return True
    match value:
        case ast.BinOp(left=left, right=right):
            return not any(isinstance(each, ast.List | ast.Tuple) for each in (left, right))
        case ast.ListComp(elt=ast.Name(), generators=[ast.comprehension(iter=ast.Attribute(attr="columns"))]):
            return True
        case ast.Call(func=function):
            return _is_fresh_call(function, known)
        case _:
            return False


def sources_of(value: ast.expr) -> set[str]:
    """List the names an expression is made of, without those of comprehensions, which end with it."""
    nodes = [*ast.walk(value)]
    loops = [node.target for node in nodes if isinstance(node, ast.comprehension)]
    own = {inner.id for target in loops for inner in ast.walk(target) if isinstance(inner, ast.Name)}
    return {node.id for node in nodes if isinstance(node, ast.Name)} - own


def root_of(node: ast.AST) -> ast.Name | None:
    """Find the name an attribute, an item or a chain of calls begins with."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Starred | ast.Await):
        node = node.value
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return root_of(node.func)
    return node if isinstance(node, ast.Name) else None


def is_returned(node: ast.AST) -> bool:
    """Tell whether an expression begins with what a call returns, as ``np.random.default_rng().x``."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Starred | ast.Await):
        node = node.value
    return isinstance(node, ast.Call)


def path_of(function: ast.expr, known: Known) -> str:
    """Write the dotted path of a library's function, or nothing."""
    top, _, rest = dotted(function).partition(".")
    module = known.modules.get(top, "")
    return f"{module}.{rest}" if module and rest else module


def _is_fresh_call(function: ast.expr, known: Known) -> bool:
    if path_of(function, known).startswith(knowledge.FRESH):
        return True
    if isinstance(function, ast.Name):
        return function.id in _FRESH_BUILTINS
    return isinstance(function, ast.Attribute) and function.attr in _FRESH_METHODS
