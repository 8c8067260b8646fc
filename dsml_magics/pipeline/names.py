"""The names a notebook binds and reads."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Names:
    """Names of a whole notebook, whatever their scope.

    `bound` gives the modules a name was imported as, None standing for any other binding;
    `read` gives the first code cell that reads a name; `sources` are the packages imported from.
    """

    bound: Mapping[str, set[str | None]] = field(default_factory=dict)
    read: Mapping[str, int] = field(default_factory=dict)
    sources: AbstractSet[str] = frozenset()

    def is_only(self, name: str, module: str) -> bool:
        """Whether a name is bound, and to nothing but a module."""
        return self.bound.get(name) == {module}


def names_of(trees: Iterable[tuple[int, ast.AST]]) -> Names:
    """Collect the names of code cells, given with their numbers."""
    bound: dict[str, set[str | None]] = {}
    read: dict[str, int] = {}
    sources: set[str] = set()
    for number, tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                read.setdefault(node.id, number)
            sources.update(_sources(node))
            for name, module in bindings(node):
                bound.setdefault(name, set()).add(module)
    return Names(bound, read, sources)


def bindings(node: ast.AST) -> Iterator[tuple[str, str | None]]:
    """Yield the names a node itself binds, with the module where it is a plain import."""
    match node:
        case ast.Import(names=aliases):
            for alias in aliases:
                top = alias.name.partition(".")[0]
                yield (alias.asname, alias.name) if alias.asname else (top, top)
        case ast.ImportFrom(names=aliases):
            yield from ((alias.asname or alias.name, None) for alias in aliases)
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
