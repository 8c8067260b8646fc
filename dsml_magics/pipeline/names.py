"""The names a notebook binds and reads."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Names:
    """Names of a whole notebook, whatever their scope.

    `bound` gives the modules a name was imported as, None standing for any other binding;
    `read` gives the first code cell that reads a name; `sources` are the packages imported from;
    `attributes` are all that are read or set, `attributes_of` those of a dotted name.
    """

    bound: Mapping[str, set[str | None]] = field(default_factory=dict)
    read: Mapping[str, int] = field(default_factory=dict)
    sources: AbstractSet[str] = frozenset()
    attributes: AbstractSet[str] = frozenset()
    attributes_of: Mapping[str, set[str]] = field(default_factory=dict)
    texts: AbstractSet[str] = frozenset()
    last_read: Mapping[str, int] = field(default_factory=dict)

    def is_only(self, name: str, module: str) -> bool:
        """Whether a name is bound, and to nothing but a module."""
        return self.bound.get(name) == {module}


def names_of(trees: Iterable[tuple[int, ast.AST]]) -> Names:
    """Collect the names of code cells, given with their numbers."""
    bound: dict[str, set[str | None]] = {}
    read: dict[str, int] = {}
    sources: set[str] = set()
    attributes: dict[str, set[str]] = {}
    texts: set[str] = set()
    last: dict[str, int] = {}
    for number, tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                read.setdefault(node.id, number)
                last[node.id] = number
            elif isinstance(node, ast.Attribute):
                attributes.setdefault(dotted(node.value), set()).add(node.attr)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
                texts.add(node.value)
            sources.update(_sources(node))
            for name, module in bindings(node):
                bound.setdefault(name, set()).add(module)
    every = frozenset(name for found in attributes.values() for name in found)
    return Names(bound, read, sources, every, attributes, texts, last)


def dotted(node: ast.AST) -> str:
    """Write a dotted name, or nothing for any other expression."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (owner := dotted(node.value)):
        return f"{owner}.{node.attr}"
    return ""


def bindings(node: ast.AST) -> Iterator[tuple[str, str | None]]:
    """Yield the names a node itself binds, with the module where it is a plain import."""
    match node:
        case ast.Import(names=aliases):
            for alias in aliases:
                top = alias.name.partition(".")[0]
                yield (alias.asname, alias.name) if alias.asname else (top, top)
        case ast.ImportFrom(names=aliases, module=module, level=level):
            source = module if module and not level else None
            yield from (
                (alias.asname or alias.name, f"{source}.{alias.name}" if source else None)
                for alias in aliases
            )
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.arg(arg=name):
            yield name, None
        case (
            ast.FunctionDef(name=str(name))
            | ast.AsyncFunctionDef(name=str(name))
            | ast.ClassDef(name=str(name))
            | ast.ExceptHandler(name=str(name))
            | ast.MatchAs(name=str(name))
            | ast.MatchStar(name=str(name))
            | ast.MatchMapping(rest=str(name))
        ):
            yield name, None
        case _:
            return


def _sources(node: ast.AST) -> list[str]:
    match node:
        case ast.Import(names=aliases):
            return [alias.name.partition(".")[0] for alias in aliases]
        case ast.ImportFrom(module=str(module), level=0):
            return [module.partition(".")[0]]
        case _:
            return []
