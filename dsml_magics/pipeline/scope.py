"""What a conversion knows of the whole notebook, and what its cells ask for."""

import ast
from collections.abc import Callable

from dsml_magics.pipeline.names import Names, bindings


class Scope:
    """The names of the notebook, and a record of what the script needs beyond its cells.

    `convert` turns the source of a cell, which begins at a given line, into Python.
    """

    def __init__(self, names: Names, convert: "Callable[[str, Scope, int], str]") -> None:
        self.names = names
        self.convert = convert
        self.number = 0
        self.modules: dict[str, str] = {}
        self.helpers: dict[str, str] = {}
        self.futures: list[str] = []
        self.requirements: list[str] = []
        self.warnings: list[str] = []
        self._imported: set[tuple[str, str | None]] = set()

    def module(self, module: str, name: str | None = None) -> str:
        """Return the name a module has here; the script imports it where the notebook does not."""
        name = name or module
        if self.names.is_only(name, module) and (name, module) in self._imported:
            return name
        return self.imported_above(module, name)

    def imported_above(self, module: str, name: str | None = None) -> str:
        """Return the name of a module the script imports above its cells."""
        return self.modules.setdefault(module, self.free(name or module, module))

    def helper(self, template: str, name: str) -> str:
        """Return the name of a function the script defines above its cells."""
        return self.helpers.setdefault(template, self.free(name))

    def free(self, name: str, *others: str) -> str:
        """Return the first of some names that the notebook does not use for something else."""
        candidates = [name, *others]
        while True:
            for candidate in candidates:
                if candidate not in self.names.bound:
                    return candidate
            candidates = [f"_{candidate}" for candidate in candidates]

    def reach(self, statements: list[ast.stmt]) -> None:
        """Note the imports of the notebook that have run by now."""
        for statement in statements:
            if isinstance(statement, ast.Import):
                self._imported.update(bindings(statement))

    def warn(self, text: str) -> None:
        self.warnings.append(f"code cell {self.number}: {text}" if self.number else text)

    def require(self, requirements: list[str]) -> None:
        self.requirements.extend(found for found in requirements if found not in self.requirements)
