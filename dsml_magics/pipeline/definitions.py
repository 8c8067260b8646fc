"""What a notebook defines: functions and classes, and which of them do something, however indirectly."""

import ast
from collections.abc import Callable, Iterable, Iterator

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
DEFINITIONS = (*FUNCTIONS, ast.ClassDef)


def names_that(
    trees: Iterable[ast.Module], known: set[str], does: Callable[[Iterable[ast.AST], set[str]], bool]
) -> set[str]:
    """Find the names whose definitions do something, by themselves or by a name that does.

    `known` are names that do; `does` tells it of some nodes, given the names known so far.
    """
    names = set(known)
    waiting = [found for tree in trees for found in _definitions(tree)]
    while found := [name for name, node in waiting if name not in names and does(ast.walk(node), names)]:
        names.update(found)
        waiting = [each for each in waiting if each[0] not in names]
    return names


def running(node: ast.AST) -> Iterator[ast.AST]:
    """Walk what runs when code does, outermost first: the body of a function waits for its call."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, FUNCTIONS):
            for decorator in child.decorator_list:
                yield from ast.walk(decorator)
            continue
        yield child
        yield from running(child)


def _definitions(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    for node in ast.walk(tree):
        if isinstance(node, DEFINITIONS):
            yield node.name, node
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
            yield from ((target.id, node.value) for target in node.targets if isinstance(target, ast.Name))
