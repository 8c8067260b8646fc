"""Which names of a function are its own."""

import ast
from collections.abc import Iterator

from dsml_magics.pipeline.definitions import DEFINITIONS, FUNCTIONS
from dsml_magics.pipeline.names import bindings

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def own_names(function: Function) -> set[str]:
    """List the names that are local to a function."""
    arguments = function.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    every += [each for each in (arguments.vararg, arguments.kwarg) if each]
    body = function.body if isinstance(function.body, list) else [function.body]
    bound = {name for node in _inside(body) for name, _ in bindings(node)}
    shared = {
        name for node in _inside(body) if isinstance(node, ast.Global | ast.Nonlocal) for name in node.names
    }
    return ({each.arg for each in every} | bound) - shared


def shared_names(function: Function) -> set[str]:
    """List the names a function declares as global."""
    body = function.body if isinstance(function.body, list) else [function.body]
    return {name for node in _inside(body) if isinstance(node, ast.Global) for name in node.names}


def _inside(nodes: list[ast.stmt] | list[ast.expr]) -> Iterator[ast.AST]:
    for node in nodes:
        yield node
        if isinstance(node, DEFINITIONS):
            continue
        yield from _below(node)


def _below(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, (*FUNCTIONS, ast.ClassDef, ast.Lambda)):
            yield from _below(child)
