"""Calls: what they may do to names, and to the world."""

import ast
import re

from dsml_magics.pipeline.analysis import knowledge
from dsml_magics.pipeline.analysis.acting import (
    ANYTHING,
    DRAWING,
    Acts,
    acts_of_function,
    acts_of_library,
    acts_of_method,
)
from dsml_magics.pipeline.analysis.facts import FILES
from dsml_magics.pipeline.analysis.naming import Names
from dsml_magics.pipeline.analysis.sharing import path_of, root_of
from dsml_magics.pipeline.names import dotted

_SEEDS = ("random_state", "seed", "rng", "generator")
# Modes, separators and encodings stand beside a file's name.
_NO_NAME = re.compile(r"[rwaxbt+]{1,3}|\W{1,2}|utf-?8(-sig)?|latin-?1|ascii", re.IGNORECASE)


class Calls(Names):
    """Walks the calls of code that runs."""

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
        for keyword in node.keywords:
            # A seed may be a generator, which every draw changes.
            if keyword.arg in _SEEDS and not isinstance(keyword.value, ast.Constant):
                self.change(keyword.value)
        self.called(node.func, arguments, node)

    def called(self, function: ast.expr, arguments: list[ast.expr], call: ast.Call | None = None) -> None:
        """Note what calling a function with some arguments may do."""
        name = dotted(function)
        top = name.partition(".")[0]
        # A name that is bound to one module only is that module in functions, too.
        if top in self.known.modules:
            path = path_of(function, self.known)
            self.act(acts_of_library(path, call), None, arguments)
            if path.startswith(knowledge.READING_TEXT):
                self.read_text(arguments)
        elif isinstance(function, ast.Attribute):
            if function.attr in knowledge.READING_TEXT_METHODS:
                self.read_text(arguments)
            self.found.functions |= self.known.methods.get(function.attr, frozenset())
            self.act(acts_of_method(function.attr, call, self.known), function.value, arguments)
        elif name and name not in self.own:
            self.act(acts_of_function(name, call, self.known), function, arguments)
        else:
            self.act(ANYTHING, function, arguments)

    def read_text(self, arguments: list[ast.expr]) -> None:
        """Note the names that a query or a formula may mean; one that is not written here may mean any."""
        for each in arguments[:1]:
            texts = [node.value for node in ast.walk(each) if isinstance(node, ast.Constant)]
            words = {word for text in texts if isinstance(text, str) for word in re.findall(r"\w+", text)}
            for name in words.intersection(self.known.bound):
                self.read(name)
            if not isinstance(each, ast.Constant):
                self.found.opaque = True

    def act(self, acts: Acts, owner: ast.expr | None, arguments: list[ast.expr]) -> None:
        """Note what a call does."""
        if acts.changes_owner and owner is not None and not self.is_drawn_table(acts, owner):
            self.change(owner)
        for each in arguments if acts.changes_arguments else ():
            self.change(each)
        for each in arguments if acts.consumes else ():
            self.consumed(each)
        if acts.keeps and owner is not None and (root := root_of(owner)):
            for each in arguments:
                self.share([root.id], each)
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
    return [f"{FILES}:{names[0]}"]
