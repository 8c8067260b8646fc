"""What a conversion knows of the whole notebook, and what its cells ask for."""

import ast
from collections.abc import Callable, Iterable

from dsml_magics.pipeline.names import Names, bindings

_LISTS_NAMES = frozenset(("globals", "locals", "vars", "dir"))


class Scope:
    """The names of the notebook, and a record of what the script needs beyond its cells.

    `convert` turns the source of a cell, which begins at a given line, into Python; `inline` does so
    with another notebook, given by the path it is run by.
    """

    def __init__(
        self,
        names: Names,
        convert: "Callable[[str, Scope, int], str]",
        inline: "Callable[[str, Scope], str] | None" = None,
        *,
        keeps_magics: bool = False,
    ) -> None:
        self.names = names
        self.convert = convert
        self.number = 0
        self.modules: dict[str, str] = {}
        self.helpers: dict[tuple[str, str], str] = {}
        self.futures: list[str] = []
        self.requirements: list[str] = []
        self.warnings: list[str] = []
        self.silent_cells: set[int] = set()
        self.stand_ins: set[str] = set()
        self.keeps_magics = keeps_magics
        self.changes_folder = "chdir" in names.attributes or "chdir" in names.read
        self.draws = False
        self.closes_figures = True
        self.reloads = False
        self.figures: set[str] = set()
        self.has_width = False
        self.imported_modules: set[str] = set()
        self.inline = inline
        self._from: dict[str, list[str]] = {}
        self._imported: set[tuple[str, str | None]] = set()

    def module(self, module: str, name: str | None = None) -> str:
        """Return the name a module has here; the script imports it where the notebook does not."""
        return self.known(module) or self.imported_above(module, name)

    def known(self, module: str) -> str | None:
        """Return the name the notebook has imported a module as by now, if it has."""
        names = (name for name, found in self._imported if found == module)
        return next((name for name in sorted(names) if self.names.is_only(name, module)), None)

    def imported_above(self, module: str, name: str | None = None) -> str:
        """Return the name of a module the script imports above its cells."""
        name = name or module
        if self.names.is_only(name, module):
            # The notebook imports it by that very name, if only later.
            return self.modules.setdefault(module, name)
        if self.lists_names:
            name = f"_{name}"
        return self.modules.setdefault(module, self.free(name, *([module] if "." not in module else [])))

    @property
    def lists_names(self) -> bool:
        """Whether the notebook looks at its own namespace, so that names of ours should not be in its way."""
        return bool(_LISTS_NAMES & set(self.names.read)) and not _LISTS_NAMES & set(self.names.bound)

    @property
    def asks_file(self) -> bool:
        """Whether the notebook looks for `__file__`, which a notebook has not."""
        return "__file__" in self.names.read or "__file__" in self.names.texts

    def helper(self, template: str, name: str, of: str = "") -> str:
        """Return the name of a function the script defines above its cells, in place of `of` where one template has several."""
        return self.helpers.setdefault((template, of), self.free(name))

    def stands_in(self, names: Iterable[str]) -> None:
        """Note names that are bound to something else than in the notebook."""
        self.stand_ins.update(names)

    def free(self, name: str, *others: str) -> str:
        """Return the first of some names that the notebook does not use for something else."""
        candidates = [name, *others]
        taken = {*self.helpers.values(), *self.modules.values()}
        while True:
            for candidate in candidates:
                if candidate not in self.names.bound and candidate not in taken:
                    return candidate
            candidates = [f"_{candidate}" for candidate in candidates]

    def reach(self, statements: list[ast.stmt]) -> None:
        """Note the imports of the notebook that have run by now."""
        for statement in statements:
            if isinstance(statement, ast.Import):
                self._imported.update(bindings(statement))
                self.imported_modules.update(alias.name for alias in statement.names)
            elif isinstance(statement, ast.ImportFrom) and statement.module:
                self._imported.update(bindings(statement))
                self.imported_modules.add(statement.module)
                self._from.setdefault(statement.module, []).append(ast.unparse(statement))

    def forget_imports(self) -> None:
        """Begin again at the first cell."""
        self._imported.clear()

    def imports_from(self, module: str) -> list[str]:
        """Return the statements that took names from a module, as far as the notebook has run."""
        return list(dict.fromkeys(self._from.get(module, ())))

    def inlined(self, path: str) -> str:
        """Convert another notebook that this one runs."""
        if self.inline is None:
            return ""
        return self.inline(path, self)

    def warn(self, text: str) -> None:
        warning = f"code cell {self.number}: {text}" if self.number else text
        if warning not in self.warnings:
            self.warnings.append(warning)

    def silence(self) -> None:
        """Note that this cell prints something in the notebook that the script does not."""
        self.silent_cells.add(self.number)

    def require(self, requirements: list[str]) -> None:
        self.requirements.extend(found for found in requirements if found not in self.requirements)
