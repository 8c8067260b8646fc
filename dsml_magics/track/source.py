"""What a block of code says of itself: names it reads and binds, constants it assigns."""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from dsml_magics.command.tree import tree_of
from dsml_magics.redaction import redact, secret_values

_OWN_SCOPE = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_READERS = ("read", "scan", "load", "fetch", "from_")


@dataclass(frozen=True)
class Source:
    """A block of code, parsed once. IPython syntax is understood where IPython is loaded."""

    text: str

    @cached_property
    def tree(self) -> ast.Module:
        try:
            return tree_of(self.text)
        except SyntaxError:
            return _parsed_by_ipython(self.text)

    @property
    def is_read(self) -> bool:
        """Whether the code could be parsed."""
        lines = (line.strip() for line in self.text.splitlines())
        return bool(self.tree.body) or all(not line or line.startswith("#") for line in lines)

    @cached_property
    def own(self) -> list[ast.AST]:
        """The nodes of the code's own scope."""
        return list(_own(self.tree))

    @cached_property
    def read(self) -> list[str]:
        """Names whose values the code reads, in order."""
        loads = [
            node.id
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
        ]
        return list(dict.fromkeys(loads))

    @cached_property
    def bound(self) -> list[str]:
        """Names the code binds in its own scope, in order."""
        return list(dict.fromkeys(name for node in self.own for name in _bound_by(node)))

    @cached_property
    def imported(self) -> set[str]:
        """The top-level modules the code imports."""
        found: set[str] = set()
        for node in self.own:
            if isinstance(node, ast.Import):
                found.update(alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
        return found

    @cached_property
    def constants(self) -> dict[str, Any]:
        """Names that are only ever assigned a literal, with its value."""
        literals: dict[str, Any] = {}
        varying: set[str] = set()
        for node in self.own:
            for name in _bound_by(node):
                value = _literal(node, name)
                if value is _NOT_LITERAL or name in literals:
                    varying.add(name)
                literals[name] = value
        return {name: value for name, value in literals.items() if name not in varying}

    @cached_property
    def looped(self) -> set[str]:
        """Names that loops and comprehensions bind, each to one value after another."""
        loops = [
            node
            for node in ast.walk(self.tree)
            if isinstance(node, ast.For | ast.AsyncFor | ast.comprehension)
        ]
        return {name.id for loop in loops for name in ast.walk(loop.target) if isinstance(name, ast.Name)}

    @cached_property
    def loaded(self) -> list[str]:
        """Names assigned from a call that reads data, such as ``pd.read_csv``."""
        return [
            name
            for node in self.own
            if isinstance(node, ast.Assign) and _calls_reader(node.value)
            for name in _bound_by(node)
        ]

    @cached_property
    def secrets(self) -> frozenset[str]:
        """Texts that stand in the code as the values of secrets."""
        parts = [
            (name, part.value)
            for node in ast.walk(self.tree)
            for name, value in _named(node)
            if isinstance(value, ast.Constant | ast.BinOp | ast.JoinedStr)
            for part in ast.walk(value)
            if isinstance(part, ast.Constant)
        ]
        return secret_values({f"{number}.{name}": text for number, (name, text) in enumerate(parts)})

    @cached_property
    def files(self) -> dict[str, str]:
        """Names assigned from a call that reads a file, with the path that stands there."""
        found: dict[str, str] = {}
        for node in self.own:
            if isinstance(node, ast.Assign) and (path := _path_read(node.value)):
                found |= dict.fromkeys(_bound_by(node), path)
        return found


def without_secrets(source: Source) -> str:
    """Return the text, without what is given to names such as ``api_key`` and without passwords in URLs."""
    return redact(source.text, source.secrets, code=True)


def _named(node: ast.AST) -> Iterator[tuple[str, ast.expr | None]]:
    """Pair expressions with the names, keys and keywords they are given to."""
    if isinstance(node, ast.keyword):
        yield node.arg or "", node.value
    elif isinstance(node, ast.Dict):
        yield from ((_name_of(key), value) for key, value in zip(node.keys, node.values, strict=True))
    elif isinstance(node, ast.Assign):
        for target in node.targets:
            yield from _paired(target, node.value)
    elif isinstance(node, ast.AnnAssign | ast.NamedExpr):
        yield _name_of(node.target), node.value
    elif isinstance(node, ast.arguments):
        placed = [*node.posonlyargs, *node.args]
        defaults = node.defaults
        yield from (
            (each.arg, value) for each, value in zip(placed[-len(defaults) :], defaults, strict=False)
        )
        yield from ((each.arg, value) for each, value in zip(node.kwonlyargs, node.kw_defaults, strict=True))


def _paired(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List):
        for each, own in zip(target.elts, value.elts, strict=False):
            yield from _paired(each, own)
    else:
        yield _name_of(target), value


def _name_of(node: ast.expr | None) -> str:
    if isinstance(node, ast.Subscript):
        node = node.slice
    if isinstance(node, ast.Constant):
        return str(node.value)
    return str(getattr(node, "attr", None) or getattr(node, "id", ""))


_NOT_LITERAL = object()


def _parsed_by_ipython(text: str) -> ast.Module:
    if "IPython" not in sys.modules:
        return tree_of("")
    from IPython.core.inputtransformer2 import TransformerManager

    try:
        transformed: str = TransformerManager().transform_cell(text)
        return tree_of(transformed)
    except SyntaxError:
        return tree_of("")


def _own(tree: ast.AST) -> Iterator[ast.AST]:
    """Walk the statements of the block's own scope: not into functions and classes."""
    # Not by recursion: code may be nested deeper than Python's calls may be.
    waiting = list(ast.iter_child_nodes(tree))[::-1]
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, _OWN_SCOPE):
            waiting += list(ast.iter_child_nodes(node))[::-1]


def _bound_by(node: ast.AST) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [(alias.asname or alias.name).partition(".")[0] for alias in node.names]
    if isinstance(node, ast.Assign):
        targets: list[ast.expr] = node.targets
    elif isinstance(node, ast.AnnAssign | ast.AugAssign | ast.NamedExpr | ast.For | ast.AsyncFor):
        targets = [node.target]
    elif isinstance(node, ast.withitem) and node.optional_vars:
        targets = [node.optional_vars]
    else:
        return []
    found = (name for target in targets for name in ast.walk(target))
    return [name.id for name in found if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)]


def _literal(node: ast.AST, name: str) -> Any:
    value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
    if (
        isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Tuple)
        and isinstance(value, ast.Tuple)
    ):
        pairs = zip(node.targets[0].elts, value.elts, strict=False)
        value = next(
            (each for target, each in pairs if isinstance(target, ast.Name) and target.id == name), None
        )
    if value is None:
        return _NOT_LITERAL
    try:
        return ast.literal_eval(value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return _NOT_LITERAL


def _calls_reader(value: ast.expr) -> bool:
    return _reader_in(value) is not None


def _path_read(value: ast.expr) -> str | None:
    call = _reader_in(value)
    first = call.args[0] if call is not None and call.args else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None


def _reader_in(value: ast.expr) -> ast.Call | None:
    """Find the call that reads data: `pd.read_csv(...).dropna()` reads too."""
    while isinstance(value, ast.Call):
        called = value.func
        name = str(getattr(called, "attr", None) or getattr(called, "id", ""))
        if name.startswith(_READERS):
            return value
        value = called.value if isinstance(called, ast.Attribute) else ast.Constant(None)
    return None
