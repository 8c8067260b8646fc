"""Read the facts of a statement from its syntax, conservatively."""

import ast
import builtins
import re
import sys
from collections.abc import Iterable

from dsml_magics.pipeline.analysis import knowledge
from dsml_magics.pipeline.analysis.acting import (
    ANYTHING,
    DRAWING,
    Acts,
    acts_of_function,
    acts_of_library,
    acts_of_method,
)
from dsml_magics.pipeline.analysis.facts import FILES, PROCESS, Facts, Finding
from dsml_magics.pipeline.analysis.known import Known
from dsml_magics.pipeline.analysis.scope import Function, own_names, shared_names
from dsml_magics.pipeline.analysis.sharing import is_fresh, path_of, root_of, sources_of
from dsml_magics.pipeline.names import bindings, dotted

_BUILTINS = frozenset(dir(builtins)) | {"__file__", "__doc__"}
# Modes, separators and encodings stand beside a file's name.
_NO_NAME = re.compile(r"[rwaxbt+]{1,3}|\W{1,2}|utf-?8(-sig)?|latin-?1|ascii", re.IGNORECASE)
_HARMLESS_IMPORTS = (
    frozenset(sys.stdlib_module_names)
    | knowledge.PURE_MODULES
    | knowledge.DRAWING_MODULES
    | knowledge.QUIET_IMPORTS
)


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
        if name in self.own or self.is_builtin(name):
            return
        if name not in self.found.binds:
            self.found.reads.add(name)
        if name not in self.known.bound and not self.known.has_stars:
            # Somebody binds it in a way that is not seen here.
            self.found.opaque = True
        if name in self.known.functions:
            self.found.functions.add(name)
            self.found.holds.add(name)

    def is_builtin(self, name: str) -> bool:
        """Whether a name is Python's own, which the notebook does not bind."""
        return name in _BUILTINS and name not in self.known.bound

    def bind(self, name: str) -> None:
        if name in self.own:
            return
        (self.found.may_bind if self.conditional else self.found.binds).add(name)

    def change(self, node: ast.AST) -> None:
        """Note that the object an expression stands for may be another afterwards."""
        root = root_of(node)
        if root is None:
            for inner in ast.iter_child_nodes(node):
                self.change(inner)
        elif root.id not in self.own and not self.is_builtin(root.id):
            if root.id in self.known.modules:
                self.found.touches.add(PROCESS)
            else:
                self.found.changes.add(root.id)

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self.read(node.id)
            if node.id in knowledge.OPAQUE and node.id not in self.own:
                self.found.opaque = True
        else:
            self.bind(node.id)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self.visit(node.value)
        if dotted(node) == "sys.modules":
            # The notebook's own names can be reached through it.
            self.found.opaque = True

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
            root = root_of(target)
            self.share([root.id] if root else [], value)

    def share(self, names: Iterable[str], value: ast.expr | None) -> None:
        """Note which names may share objects, because one was made from the other."""
        if value is None or is_fresh(value, self.known):
            return
        for name in names:
            self.found.aliases.update((name, source) for source in sources_of(value) - {name})

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
        if module.partition(".")[0] not in _HARMLESS_IMPORTS:
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
        for part in [*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)]:
            self.visit(part)
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
        found.holds |= other.holds
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
                self.act(ANYTHING, item.context_expr, [])
            if item.optional_vars:
                self.target(item.optional_vars, item.context_expr)
        for each in node.body:
            self.visit(each)

    visit_AsyncWith = visit_With

    def visit_Await(self, node: ast.Await) -> None:
        self.visit(node.value)
        self.act(ANYTHING, node.value, [])

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
        arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
        if isinstance(node.func, ast.Name) and node.func.id in self.known.plain - self.own:
            self.found.reads.add(node.func.id)
            self.found.functions.add(node.func.id)
        else:
            self.visit(node.func)
        for each in arguments:
            self.visit(each)
        self.found.calls = True
        self.called(node.func, arguments, node)

    def called(self, function: ast.expr, arguments: list[ast.expr], call: ast.Call | None = None) -> None:
        """Note what calling a function with some arguments may do."""
        name = dotted(function)
        top = name.partition(".")[0]
        if top in self.known.modules and top not in self.own:
            self.act(acts_of_library(path_of(function, self.known), call), None, arguments)
        elif isinstance(function, ast.Attribute):
            self.found.functions |= self.known.methods.get(function.attr, frozenset())
            self.act(acts_of_method(function.attr, call, self.known), function.value, arguments)
        elif name and name not in self.own:
            self.act(acts_of_function(name, call, self.known), function, arguments)
        else:
            self.act(ANYTHING, function, arguments)

    def act(self, acts: Acts, owner: ast.expr | None, arguments: list[ast.expr]) -> None:
        """Note what a call does."""
        if acts.changes_owner and owner is not None and not self.is_drawn_table(acts, owner):
            self.change(owner)
        for each in arguments if acts.changes_arguments else ():
            self.change(each)
        for each in arguments if acts.consumes else ():
            self.consumed(each)
        if acts.keeps and owner is not None and (root := root_of(owner)):
            self.share([root.id], ast.Tuple(arguments, ast.Load()))
        named = _named_files(arguments) or (_named_files(owner.args) if isinstance(owner, ast.Call) else [])
        self.found.uses.update(each for each in acts.uses if not (each == FILES and named))
        self.found.touches.update(each for each in acts.touches if not (each == FILES and named))
        self.found.uses.update(named if FILES in acts.uses else ())
        self.found.touches.update(named if FILES in acts.touches else ())

    def is_drawn_table(self, acts: Acts, owner: ast.expr) -> bool:
        """Whether a table is drawn, which changes the figure only."""
        root = root_of(owner)
        return acts is DRAWING and root is not None and root.id in self.known.tables

    def consumed(self, node: ast.expr) -> None:
        """Note that an iterator may be used up."""
        if isinstance(node, ast.Name) and node.id not in self.own and node.id not in self.known.steady:
            self.change(node)
        elif isinstance(node, ast.Call | ast.Starred):
            for each in ast.iter_child_nodes(node):
                if isinstance(each, ast.expr) and each is not getattr(node, "func", None):
                    self.consumed(each)


def _named_files(arguments: list[ast.expr]) -> list[str]:
    """Name the file a call is about, if its name is written there and no other argument may be one."""
    texts = [
        each.value for each in arguments if isinstance(each, ast.Constant) and isinstance(each.value, str)
    ]
    names = [text for text in texts if not _NO_NAME.fullmatch(text)]
    if len(names) != 1 or any(character in names[0] for character in "*?[") or "." not in names[0]:
        return []
    return [f"{FILES}:{names[0].rpartition('/')[2]}"]


def _bound_by(node: ast.AST) -> set[str]:
    return {name for inner in ast.walk(node) for name, _ in bindings(inner)}
