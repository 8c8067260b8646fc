"""What names hold, whichever assignment was the last: never an iterator, always a table."""

import ast
from collections.abc import Iterator, Mapping, Sequence

from dsml_magics.pipeline.analysis.knowledge import NO_ITERATOR_METHODS, PURE_METHODS, PURE_MODULES
from dsml_magics.pipeline.names import dotted

_CALLS = frozenset(
    "list dict set tuple str int float bool len sorted sum range frozenset bytes round abs min max".split()  # noqa: SIM905
)
_KINDS = (
    ast.Constant, ast.JoinedStr, ast.List, ast.Tuple, ast.Dict, ast.Set, ast.ListComp, ast.SetComp, ast.DictComp,
    ast.BinOp, ast.Compare, ast.UnaryOp, ast.Lambda, ast.Subscript, ast.Attribute,
)  # fmt: skip
_ITERATORS = ("itertools", "csv", "re.finditer", "os.scandir", "os.walk")


def steady_names(trees: Sequence[ast.Module], modules: Mapping[str, str | None]) -> set[str]:
    """Find the names that hold no iterator, whichever assignment was the last."""
    steady: dict[str, bool] = {}
    for tree in trees:
        for name, value in (found for node in ast.walk(tree) for found in _values(node)):
            steady[name] = steady.get(name, True) and value is not None and _is_steady(value, modules)
    return {name for name, is_steady in steady.items() if is_steady}


def table_names(trees: Sequence[ast.Module], modules: Mapping[str, str | None]) -> set[str]:
    """Find the names that hold nothing but tables of pandas or polars: drawing them changes nothing."""
    values: dict[str, list[ast.expr | None]] = {}
    for tree in trees:
        for name, value in (found for node in ast.walk(tree) for found in _values(node)):
            values.setdefault(name, []).append(value)
    tables: set[str] = set()
    while found := {
        name
        for name, given in values.items()
        if name not in tables and all(each is not None and _is_table(each, modules, tables) for each in given)
    }:
        tables |= found
    return tables


def _is_table(value: ast.expr, modules: Mapping[str, str | None], tables: set[str]) -> bool:
    if isinstance(value, ast.Call):
        module = modules.get(dotted(value.func).partition(".")[0]) or ""
        if module.partition(".")[0] in ("pandas", "polars"):
            return True
        return (
            isinstance(value.func, ast.Attribute)
            and value.func.attr in PURE_METHODS
            and _is_table(value.func.value, modules, tables)
        )
    if isinstance(value, ast.Subscript | ast.Attribute):
        return _is_table(value.value, modules, tables)
    return isinstance(value, ast.Name) and value.id in tables


def _values(node: ast.AST) -> Iterator[tuple[str, ast.expr | None]]:
    """Yield the names a node assigns, with the expression their values come from, where there is one."""
    match node:
        case ast.Assign(targets=targets, value=value):
            yield from ((name, value) for target in targets for name in _stored(target))
        case ast.AnnAssign(target=target, value=value) | ast.NamedExpr(target=target, value=value):
            yield from ((name, value) for name in _stored(target))
        case ast.For(target=target) | ast.AsyncFor(target=target):
            yield from ((name, None) for name in _stored(target))
        case ast.withitem(optional_vars=ast.expr() as target):
            yield from ((name, None) for name in _stored(target))


def _stored(target: ast.expr) -> Iterator[str]:
    for inner in ast.walk(target):
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            yield inner.id


def _is_steady(value: ast.expr, modules: Mapping[str, str | None]) -> bool:
    if isinstance(value, _KINDS):
        return True
    if isinstance(value, ast.BoolOp):
        return all(_is_steady(each, modules) for each in value.values)
    return isinstance(value, ast.Call) and _is_steady_call(value.func, modules)


def _is_steady_call(function: ast.expr, modules: Mapping[str, str | None]) -> bool:
    if isinstance(function, ast.Name) and function.id in _CALLS:
        return True
    top, _, rest = dotted(function).partition(".")
    if path := modules.get(top):
        path = f"{path}.{rest}" if rest else path
        return path.partition(".")[0] in PURE_MODULES and not path.startswith(_ITERATORS)
    return isinstance(function, ast.Attribute) and function.attr in NO_ITERATOR_METHODS | {"fit"}
