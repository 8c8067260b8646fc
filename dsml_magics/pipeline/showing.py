"""Figures of plotly, bokeh and altair that are shown: a script shows nothing, so there they are only made."""

import ast
from collections.abc import Iterable, Iterator, Mapping

from dsml_magics.pipeline.names import bindings, dotted
from dsml_magics.pipeline.scope import Scope

LIBRARIES = ("altair", "bokeh", "plotly", "plotly_express")
# Functions that show a figure, or make a notebook ready for one.
_FUNCTIONS = ("show", "iplot", "output_notebook", "init_notebook_mode", "push_notebook")
_METHODS = ("show", "iplot", "display")


def shown_figures(tree: ast.Module, scope: Scope) -> Iterator[tuple[ast.Expr, list[ast.expr]]]:
    """Find the statements that only show figures, with what they call besides, which is to run all the same."""
    # With a file to write to, bokeh's `show` writes it.
    if not scope.figures or "output_file" in {*scope.names.read, *scope.names.attributes}:
        return
    for node in ast.walk(tree):
        match node:
            case ast.Expr(ast.Call(func=function, args=args)) if _shows(function, scope):
                is_method = isinstance(function, ast.Attribute) and not _is_of_library(
                    function, scope.names.bound
                )
                parts = [function.value, *args] if is_method and isinstance(function, ast.Attribute) else args
                yield (
                    node,
                    [part for part in parts if any(isinstance(each, ast.Call) for each in ast.walk(part))],
                )


def figure_names(trees: Iterable[ast.Module], bound: Mapping[str, set[str | None]]) -> set[str]:
    """Find the names of such libraries, and those that may hold figures because they are made by means of them."""
    found = {name for name, modules in bound.items() if any(_is_library(module) for module in modules)}
    waiting = [each for tree in trees for node in ast.walk(tree) for each in _makings(node)] if found else []
    while new := {name for name, value in waiting if name not in found and _mentions(value, found)}:
        found |= new
    return found


def _makings(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Yield the names a node binds, with what they are made of."""
    match node:
        case ast.Assign(targets=targets, value=value):
            yield from ((name, value) for target in targets for name in _stored(target))
        case (
            ast.AnnAssign(target=target, value=ast.expr() as value)
            | ast.NamedExpr(target=target, value=value)
        ):
            yield from ((name, value) for name in _stored(target))
        case ast.For(target=target, iter=value):
            yield from ((name, value) for name in _stored(target))
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            yield node.name, node


def _stored(target: ast.expr) -> Iterator[str]:
    for node in ast.walk(target):
        yield from (name for name, _ in bindings(node))


def _mentions(node: ast.AST, names: set[str]) -> bool:
    return any(isinstance(each, ast.Name) and each.id in names for each in ast.walk(node))


def _shows(function: ast.expr, scope: Scope) -> bool:
    if isinstance(function, ast.Name):
        modules = scope.names.bound.get(function.id, set())
        return any(_is_library(each) and str(each).rpartition(".")[2] in _FUNCTIONS for each in modules)
    if not isinstance(function, ast.Attribute):
        return False
    if _is_of_library(function, scope.names.bound):
        return function.attr in _FUNCTIONS
    return function.attr in _METHODS and _mentions(function.value, scope.figures)


def _is_of_library(function: ast.Attribute, bound: Mapping[str, set[str | None]]) -> bool:
    """Whether a function is written as one of a library's module, such as ``pio.show``."""
    top = dotted(function).partition(".")[0]
    return any(_is_library(module) for module in bound.get(top, ()))


def _is_library(module: str | None) -> bool:
    return module is not None and module.partition(".")[0] in LIBRARIES
