"""Read the facts of a statement from its syntax, conservatively."""

import ast
import builtins
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from dsml_magics.pipeline.analysis import knowledge
from dsml_magics.pipeline.analysis.facts import (
    EXTERNAL,
    FIGURES,
    FILES,
    OUTPUT,
    PROCESS,
    RANDOM,
    Facts,
    Finding,
)
from dsml_magics.pipeline.analysis.scope import Function, own_names, shared_names
from dsml_magics.pipeline.names import dotted


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a notebook as a whole.

    `modules` gives the module or function a name was imported as, where it is only that; `functions`
    are the names of its functions and classes, `methods` those of the methods of its classes.
    `steady` are names that never hold an iterator.
    """

    modules: Mapping[str, str] = field(default_factory=dict)
    functions: frozenset[str] = frozenset()
    methods: Mapping[str, frozenset[str]] = field(default_factory=dict)
    steady: frozenset[str] = frozenset()


def facts_of(statement: ast.stmt, known: Known) -> Facts:
    """Find what a statement of the notebook's own scope may do when it runs."""
    finder = _Finder(known)
    finder.statement(statement)
    return finder.found.facts()


def facts_of_call(function: Function | ast.ClassDef, known: Known) -> Facts:
    """Find what calling a function, or making and using an object of a class, may do."""
    finder = _Finder(known)
    finder.body_of(function)
    found = finder.found
    # What a function binds for itself is gone when it returns.
    found.may_bind |= found.binds
    found.binds = set()
    return found.facts()


class _Finder(ast.NodeVisitor):
    """Walks code that runs; `own` are the names of the functions it is in, which are no names of the notebook."""

    def __init__(self, known: Known) -> None:
        self.known = known
        self.found = Finding()
        self.own: set[str] = set()
        self.conditional = 0

    def statement(self, node: ast.stmt) -> None:
        self.visit(node)

    # Names

    def read(self, name: str) -> None:
        if name in self.own:
            return
        if name not in self.found.binds:
            self.found.reads.add(name)
        if name in self.known.functions:
            self.found.functions.add(name)

    def bind(self, name: str) -> None:
        if name in self.own:
            return
        (self.found.may_bind if self.conditional else self.found.binds).add(name)

    def change(self, node: ast.AST) -> None:
        """Note that the object an expression stands for may be another afterwards."""
        root = _root(node)
        if root is None:
            for inner in ast.iter_child_nodes(node):
                self.change(inner)
        elif root.id not in self.own:
            if root.id in self.known.modules:
                self.found.touches.add(PROCESS)
            else:
                self.found.changes.add(root.id)

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self.read(node.id)
            if node.id in knowledge.OPAQUE_BUILTINS and node.id not in self.own:
                self.found.opaque = True
        else:
            self.bind(node.id)

    # Statements

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        for target in node.targets:
            self.target(target, node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value:
            self.visit(node.value)
            self.target(node.target, node.value)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.visit(node.value)
        if isinstance(node.target, ast.Name):
            self.read(node.target.id)
        self.change(node.target)
        self.target(node.target, node.value)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        self.target(node.target, node.value)

    def target(self, target: ast.expr, value: ast.expr | None) -> None:
        """Bind a target; where it is a part of something, that is changed."""
        if isinstance(target, ast.Name):
            self.bind(target.id)
            self.share([target.id], value)
        elif isinstance(target, ast.Tuple | ast.List):
            for each in target.elts:
                self.target(each, value)
        elif isinstance(target, ast.Starred):
            self.target(target.value, value)
        else:
            self.visit(target.value)  # type: ignore[attr-defined]
            if isinstance(target, ast.Subscript):
                self.visit(target.slice)
            self.change(target)
            root = _root(target)
            self.share([root.id] if root else [], value)

    def share(self, names: Iterable[str], value: ast.expr | None) -> None:
        """Note which names may share objects, because one was made from the other."""
        if value is None or is_fresh(value, self.known):
            return
        sources = {node.id for node in ast.walk(value) if isinstance(node, ast.Name)}
        for name in names:
            self.found.aliases.update((name, source) for source in sources - {name})

    def visit_Delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                self.bind(target.id)
            else:
                self.generic_visit(target)
                self.change(target)

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self.bind(alias.asname or alias.name.partition(".")[0])
            self.imported(alias.name)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            if alias.name == "*":
                self.found.opaque = True
            else:
                self.bind(alias.asname or alias.name)
        self.imported(node.module or ".")

    def imported(self, module: str) -> None:
        """Note that a module that is not known may be a file of the notebook's, and do anything."""
        top = module.partition(".")[0]
        if not (_is_standard(top) or top in knowledge.PURE_MODULES | knowledge.DRAWING_MODULES | _QUIET):
            self.found.uses.update((FILES, PROCESS))
            self.found.touches.add(PROCESS)

    def visit_Global(self, node: ast.Global) -> None: ...

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for each in [*node.decorator_list, *node.args.defaults, *node.args.kw_defaults]:
            if each is not None:
                self.visit(each)
        for decorator in node.decorator_list:
            self.called(decorator, [])
        self.bind(node.name)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for each in [*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)]:
            self.visit(each)
        with_own = _Finder(self.known)
        with_own.own = self.own | {name for each in node.body for name in _bound_by(each)}
        for each in node.body:
            with_own.visit(each)
        self.take(with_own.found)
        self.bind(node.name)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        # It may be called at once, or by whoever gets it.
        self.inner(node, own_names(node), [node.body])

    def body_of(self, function: Function | ast.ClassDef) -> None:
        """Walk the body of a function, or those of all methods of a class."""
        if isinstance(function, ast.ClassDef):
            for each in function.body:
                if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                    self.body_of(each)
            for base in function.bases:
                self.visit(base)
            return
        body = function.body if isinstance(function.body, list) else [function.body]
        self.inner(function, own_names(function), body)

    def inner(self, function: Function, own: set[str], body: Iterable[ast.AST]) -> None:
        inside = _Finder(self.known)
        inside.own = (self.own | own) - shared_names(function)
        inside.conditional = 1
        for node in body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                inside.body_of(node)
            inside.visit(node)
        self.take(inside.found)

    def take(self, other: Finding) -> None:
        found = self.found
        found.reads |= other.reads - found.binds
        found.may_bind |= other.binds | other.may_bind
        found.changes |= other.changes
        found.uses |= other.uses
        found.touches |= other.touches
        found.functions |= other.functions
        found.aliases |= other.aliases
        found.calls = found.calls or other.calls
        found.opaque = found.opaque or other.opaque

    def maybe(self, *blocks: Iterable[ast.AST]) -> None:
        """Walk blocks that may run or not."""
        self.conditional += 1
        for block in blocks:
            for node in block:
                self.visit(node)
        self.conditional -= 1

    def visit_If(self, node: ast.If) -> None:
        self.visit(node.test)
        self.maybe(node.body, node.orelse)

    def visit_While(self, node: ast.While) -> None:
        self.visit(node.test)
        self.maybe(node.body, node.orelse)

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        self.visit(node.iter)
        self.consumed(node.iter)
        self.conditional += 1
        self.target(node.target, node.iter)
        self.conditional -= 1
        self.maybe(node.body, node.orelse)

    visit_AsyncFor = visit_For

    def visit_Try(self, node: ast.Try | ast.TryStar) -> None:
        self.maybe(node.body, node.handlers, node.orelse)
        for each in node.finalbody:
            self.visit(each)

    visit_TryStar = visit_Try

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.name:
            self.bind(node.name)
        self.generic_visit(node)

    def visit_Match(self, node: ast.Match) -> None:
        self.visit(node.subject)
        self.conditional += 1
        for case in node.cases:
            for inner in ast.walk(case.pattern):
                if isinstance(inner, ast.MatchAs | ast.MatchStar) and inner.name:
                    self.target(ast.Name(inner.name, ast.Store()), node.subject)
                elif isinstance(inner, ast.MatchMapping) and inner.rest:
                    self.target(ast.Name(inner.rest, ast.Store()), node.subject)
                elif isinstance(inner, ast.MatchValue | ast.MatchClass):
                    self.generic_visit(inner)
            if case.guard:
                self.visit(case.guard)
            for each in case.body:
                self.visit(each)
        self.conditional -= 1

    def visit_With(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            self.visit(item.context_expr)
            if not isinstance(item.context_expr, ast.Call):
                self.unknown([item.context_expr])
            if item.optional_vars:
                self.target(item.optional_vars, item.context_expr)
        for each in node.body:
            self.visit(each)

    visit_AsyncWith = visit_With

    def visit_Await(self, node: ast.Await) -> None:
        self.visit(node.value)
        self.unknown([node.value])

    # Comprehensions

    def visit_comprehension_of(
        self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
    ) -> None:
        targets = {
            inner.id
            for each in node.generators
            for inner in ast.walk(each.target)
            if isinstance(inner, ast.Name)
        }
        self.visit(node.generators[0].iter)
        self.consumed(node.generators[0].iter)
        before = self.own
        self.own = self.own | targets
        self.conditional += 1
        for at, each in enumerate(node.generators):
            if at:
                self.visit(each.iter)
                self.consumed(each.iter)
            for condition in each.ifs:
                self.visit(condition)
        for part in [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]:
            self.visit(part)
        self.conditional -= 1
        self.own = before

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = visit_comprehension_of

    # Calls

    def visit_Call(self, node: ast.Call) -> None:
        self.generic_visit(node)
        arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
        self.found.calls = True
        self.called(node.func, arguments, node)

    def called(self, function: ast.expr, arguments: list[ast.expr], node: ast.Call | None = None) -> None:
        """Note what calling a function with some arguments may do."""
        name = dotted(function)
        top, _, rest = name.partition(".")
        if top in self.known.modules and top not in self.own:
            self.library(f"{self.known.modules[top]}{'.' if rest else ''}{rest}", function, arguments, node)
        elif name and not rest:
            self.plain(name, arguments, node)
        elif isinstance(function, ast.Attribute):
            self.method(function, arguments, node)
        else:
            self.unknown([function, *arguments])

    def plain(self, name: str, arguments: list[ast.expr], node: ast.Call | None) -> None:
        if name in self.known.functions and name not in self.own:
            # What it does is joined later, when all functions are known; it may keep or change what it is given.
            for each in arguments:
                self.change(each)
        elif name in knowledge.SHOWING_FUNCTIONS:
            self.found.touches.add(OUTPUT)
            if any(keyword.arg == "file" for keyword in (node.keywords if node else [])):
                self.found.touches.add(FILES)
        elif name in knowledge.PURE_BUILTINS and name not in self.own:
            for each in arguments if name in knowledge.CONSUMING else []:
                self.consumed(each)
        elif name == "open":
            self.file(arguments)
        elif name in ("next", "setattr", "delattr"):
            self.change(arguments[0] if arguments else ast.Constant(None))
        elif not (_is_exception(name)):
            self.unknown(arguments)
            if name not in self.own and name not in dir(builtins):
                self.found.changes.add(name)

    def library(
        self, path: str, function: ast.expr, arguments: list[ast.expr], node: ast.Call | None
    ) -> None:
        top = path.partition(".")[0]
        touched = _touched(path)
        if path in knowledge.CHANGING_ARGUMENTS or _has_true(node, "out", "inplace", "copy_false"):
            for each in arguments:
                self.change(each)
        if touched is not None:
            if RANDOM in touched and _is_seeded(node):
                touched = tuple(each for each in touched if each != RANDOM)
            named = self.named_files(arguments) if FILES in touched else []
            for resource in touched:
                places = named if resource == FILES and named else [resource]
                self.found.uses.update(places)
                self.found.touches.update(places if not _only_reads(path) else ())
        elif top in knowledge.DRAWING_MODULES:
            self.found.uses.add(FIGURES)
            self.found.touches.add(FIGURES)
        elif top not in knowledge.PURE_MODULES:
            self.unknown(arguments)
        if _is_callback(function):
            self.found.calls = True

    def method(self, function: ast.Attribute, arguments: list[ast.expr], node: ast.Call | None) -> None:
        name, owner = function.attr, function.value
        for each in self.known.methods.get(name, frozenset()):
            self.found.functions.add(each)
        if name in self.known.methods:
            self.change(owner)
            for each in arguments:
                self.change(each)
        elif _has_true(node, "inplace", "out"):
            self.change(owner)
        elif name in knowledge.RANDOM_METHODS and not (name == "sample" and _is_seeded(node)):
            self.found.uses.add(RANDOM)
            self.found.touches.add(RANDOM)
            if not _has(node, "frac", "n", "axis"):
                self.change(owner)
        elif name in knowledge.FITTING_METHODS:
            self.change(owner)
            self.found.uses.add(RANDOM)
            self.found.touches.add(RANDOM)
        elif name in knowledge.FILE_METHODS:
            self.change(owner)
            named = self.named_files(arguments) or [FILES]
            self.found.uses.update(named)
            self.found.touches.update(named)
        elif name in knowledge.DRAWING_METHODS:
            self.change(owner)
            self.found.uses.add(FIGURES)
            self.found.touches.add(FIGURES)
        elif name in knowledge.CHANGING_METHODS:
            self.change(owner)
            self.share([root.id] if (root := _root(owner)) else [], ast.Tuple(arguments, ast.Load()))
        elif name not in knowledge.PURE_METHODS and name not in ("sample", "info", "groupby"):
            self.unknown([owner, *arguments])

    def unknown(self, parts: Iterable[ast.AST]) -> None:
        """Note that something unknown is called with these."""
        for part in parts:
            self.change(part)
        self.found.uses |= EXTERNAL
        self.found.touches |= EXTERNAL

    def consumed(self, node: ast.expr) -> None:
        """Note that an iterator may be used up."""
        if isinstance(node, ast.Name) and node.id not in self.own and node.id not in self.known.steady:
            self.change(node)
        elif isinstance(node, ast.Call | ast.Starred):
            for each in ast.iter_child_nodes(node):
                if isinstance(each, ast.expr) and each is not getattr(node, "func", None):
                    self.consumed(each)

    def file(self, arguments: list[ast.expr]) -> None:
        mode = arguments[1].value if len(arguments) > 1 and isinstance(arguments[1], ast.Constant) else "r"
        named = self.named_files(arguments[:1]) or [FILES]
        self.found.uses.update(named)
        if len(arguments) > 1 and (not isinstance(mode, str) or set(mode) & set("wax+")):
            self.found.touches.update(named)

    def named_files(self, arguments: list[ast.expr]) -> list[str]:
        """Name the file a call is about, if its name is written there and no other argument may be one."""
        texts = [
            each.value for each in arguments if isinstance(each, ast.Constant) and isinstance(each.value, str)
        ]
        if len(texts) != 1 or any(character in texts[0] for character in "*?["):
            return []
        return [f"{FILES}:{texts[0].rpartition('/')[2]}"] if "." in texts[0] else []


def is_fresh(value: ast.expr, known: Known) -> bool:
    """Tell whether an expression makes an object that shares nothing with those it is made of."""
    match value:
        case ast.Constant() | ast.JoinedStr() | ast.Compare() | ast.Lambda():
            return True
        case ast.BinOp(left=left, right=right):
            return not any(isinstance(each, ast.List | ast.Tuple) for each in (left, right))
        case ast.UnaryOp():
            return True
        case ast.Call(func=ast.Name(id=name)):
            return name in (
                "len",
                "sum",
                "float",
                "int",
                "str",
                "bool",
                "abs",
                "round",
                "range",
                "repr",
                "bytes",
            )
        case ast.Call(func=ast.Attribute(attr=name)):
            return name in (
                "copy",
                "deepcopy",
                "predict",
                "predict_proba",
                "score",
                "mean",
                "std",
                "count",
                "format",
            )
        case _:
            return False


def _root(node: ast.AST) -> ast.Name | None:
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Starred | ast.Await):
        node = node.value
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return _root(node.func)
    return node if isinstance(node, ast.Name) else None


def _touched(path: str) -> tuple[str, ...] | None:
    if path in knowledge.NOT_TOUCHING:
        return ()
    matching = [known for known in knowledge.TOUCHING if path == known or path.startswith(_beginning(known))]
    return knowledge.TOUCHING[max(matching, key=len)] if matching else None


def _beginning(known: str) -> str:
    return known if known.endswith("_") else f"{known}."


def _only_reads(path: str) -> bool:
    last = path.rpartition(".")[2]
    return last.startswith(
        ("read", "load", "scan", "genfromtxt", "getenv", "getcwd", "exists", "listdir", "glob", "get")
    )


def _is_seeded(node: ast.Call | None) -> bool:
    given = [
        keyword for keyword in (node.keywords if node else []) if keyword.arg in ("random_state", "seed")
    ]
    return any(not (isinstance(each.value, ast.Constant) and each.value.value is None) for each in given)


def _has(node: ast.Call | None, *names: str) -> bool:
    return any(keyword.arg in names for keyword in (node.keywords if node else []))


def _has_true(node: ast.Call | None, *names: str) -> bool:
    return any(
        keyword.arg in names and not (isinstance(keyword.value, ast.Constant) and not keyword.value.value)
        for keyword in (node.keywords if node else [])
    )


def _is_callback(function: ast.expr) -> bool:
    return isinstance(function, ast.Attribute) and function.attr in ("partial", "reduce", "vectorize")


def _is_exception(name: str) -> bool:
    found = getattr(builtins, name, None)
    return isinstance(found, type) and issubclass(found, BaseException)


def _is_standard(top: str) -> bool:
    import sys

    return top in sys.stdlib_module_names


def _bound_by(node: ast.AST) -> set[str]:
    from dsml_magics.pipeline.names import bindings

    return {name for inner in ast.walk(node) for name, _ in bindings(inner)}


_QUIET = frozenset(
    ["dsml_magics", "mlflow", "requests", "joblib", "torch", "tensorflow", "keras", "transformers", "xgboost", "lightgbm", "skrub", "optuna", "shap", "yaml"]
)
