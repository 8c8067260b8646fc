"""Read the facts of a statement from its syntax, conservatively."""

import ast
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from dsml_magics.pipeline.analysis import knowledge
from dsml_magics.pipeline.analysis.acting import ANYTHING
from dsml_magics.pipeline.analysis.calling import Calls
from dsml_magics.pipeline.analysis.facts import FILES, PROCESS, Facts, Finding
from dsml_magics.pipeline.analysis.known import Known
from dsml_magics.pipeline.analysis.scope import Function, own_names, shared_names
from dsml_magics.pipeline.names import bindings

_HARMLESS_IMPORTS = (
    frozenset(sys.stdlib_module_names)
    | knowledge.PURE_MODULES
    | knowledge.DRAWING_MODULES
    | knowledge.QUIET_IMPORTS
)


def facts_of(statement: ast.stmt, known: Known) -> Facts:
    """Find what a statement of the notebook's own scope may do when it runs."""
    finder = _Finder(known)
    finder.visit(statement)
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


class _Finder(Calls):
    """Walks the statements of code that runs."""

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
        found.reads |= other.reads - found.binds - self.settled
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
            with self.unsettled():
                for node in block:
                    self.visit(node)
        self.conditional -= 1

    @contextmanager
    def unsettled(self) -> Iterator[None]:
        """Forget, after a block that may not run, what is bound in it."""
        before = {*self.settled}
        yield
        self.settled = before

    def visit_If(self, node: ast.If) -> None:
        self.visit(node.test)
        self.maybe(node.body, node.orelse)

    def visit_While(self, node: ast.While) -> None:
        self.visit(node.test)
        self.maybe(node.body, node.orelse)

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        self.visit(node.iter)
        self.consumed(node.iter)
        with self.unsettled():
            self.conditional += 1
            self.target(node.target, node.iter)
            self.conditional -= 1
            self.maybe(node.body)
        self.maybe(node.orelse)

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
            with self.unsettled():
                self.case(case, node.subject)
        self.conditional -= 1

    def case(self, case: ast.match_case, subject: ast.expr) -> None:
        """Walk one case of a match, which may run or not."""
        for inner in ast.walk(case.pattern):
            if isinstance(inner, ast.MatchAs | ast.MatchStar) and inner.name:
                self.target(ast.Name(inner.name, ast.Store()), subject)
            elif isinstance(inner, ast.MatchMapping) and inner.rest:
                self.target(ast.Name(inner.rest, ast.Store()), subject)
            elif isinstance(inner, ast.MatchValue | ast.MatchClass):
                self.generic_visit(inner)
        if case.guard:
            self.visit(case.guard)
        for each in case.body:
            self.visit(each)

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
        with self.unsettled():
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


def _bound_by(node: ast.AST) -> set[str]:
    return {name for inner in ast.walk(node) for name, _ in bindings(inner)}
