"""Names that code reads, binds and changes."""

import ast
import builtins
from collections.abc import Iterable

from dsml_magics.pipeline.analysis import knowledge
from dsml_magics.pipeline.analysis.facts import FIGURES, OUTPUT, PROCESS, Finding
from dsml_magics.pipeline.analysis.known import Known
from dsml_magics.pipeline.analysis.sharing import is_fresh, is_returned, root_of, sources_of
from dsml_magics.pipeline.names import dotted

_BUILTINS = frozenset(dir(builtins)) | {"__file__", "__doc__"}


class Names(ast.NodeVisitor):
    """Walks code that runs; `own` are the names of the functions it is in, which are no names of the notebook.

    `settled` are the names that are bound for certain wherever the walk is, as the variable of a loop is inside it.
    """

    def __init__(self, known: Known) -> None:
        self.known = known
        self.found = Finding()
        self.own: set[str] = set()
        self.settled: set[str] = set()
        self.conditional = 0

    def read(self, name: str) -> None:
        if name in self.own or self.is_builtin(name):
            return
        if name not in self.found.binds | self.settled:
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
        self.settled.add(name)

    def change(self, node: ast.AST) -> None:
        """Note that the object an expression stands for may be another afterwards."""
        root = root_of(node)
        if root is None:
            for inner in ast.iter_child_nodes(node):
                self.change(inner)
        elif root.id not in self.own and not self.is_builtin(root.id):
            if root.id in self.known.modules:
                # What a function of a module returns is no part of the module.
                self.found.touches.update(() if is_returned(node) else (PROCESS,))
            else:
                self.found.changes.add(root.id)

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self.read(node.id)
            self.formats(node.id)
            if node.id in knowledge.OPAQUE and node.id not in self.own:
                self.found.opaque = True
        else:
            self.bind(node.id)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self.visit(node.value)
        self.formats(node.attr)
        if dotted(node) == "sys.modules":
            # The notebook's own names can be reached through it.
            self.found.opaque = True

    def visit_FormattedValue(self, node: ast.FormattedValue) -> None:
        self.formats("format")
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if isinstance(node.op, ast.Mod) and not _is_number(node.left):
            self.formats("format")
        # Not by `generic_visit`, which would take another frame a level: sums of many terms are deep.
        self.visit(node.left)
        self.visit(node.right)

    def formats(self, name: str) -> None:
        """Note a function that makes a text of a value, or a setting: that depends on how values are to be shown."""
        if name in knowledge.FORMATTING_NAMES:
            self.found.uses.add(OUTPUT)
        if name == "rcParams":
            self.found.uses.add(FIGURES)

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
        # What is made by a library's class or function shares nothing with that.
        sources = {each for each in sources_of(value) if not self.is_of_library(each)}
        for name in names:
            self.found.aliases.update((name, source) for source in sources - {name})

    def is_of_library(self, name: str) -> bool:
        return self.known.modules.get(name, "").partition(".")[0] in knowledge.PURE_MODULES


def _is_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and not isinstance(node.value, str | bytes)
