"""What stands above the first cell of a script: imports, and what a kernel provides by itself."""

import re
import sys

from dsml_magics.pipeline.scope import Scope
from dsml_magics.pipeline.script import rendered
from dsml_magics.pipeline.value import Preamble

_HISTORY = re.compile(r"_{1,3}|_\d+|_i{1,3}|_i\d+|_[oid]h|In|Out")
# What a kernel puts into the namespace, and the template of what stands in for it.
_PROVIDED = ("display", "get_ipython")


def preamble_of(scope: Scope) -> Preamble:
    """Collect what the converted cells turned out to need."""
    _provide(scope)
    _warn_of_session(scope)
    helpers = tuple(_helper(template, name, scope) for template, name in sorted(scope.helpers.items()))
    return Preamble(tuple(sorted(scope.futures)), tuple(_imports(scope)), helpers)


def _provide(scope: Scope) -> None:
    for name in _PROVIDED:
        if name in scope.names.read and name not in scope.names.bound:
            scope.helper(name, name)


def _warn_of_session(scope: Scope) -> None:
    for name, number in scope.names.read.items():
        if name not in scope.names.bound and _HISTORY.fullmatch(name):
            scope.number = number
            scope.warn(
                f"`{name}` is a result the session remembers: a script has none. Give the value a name."
            )
    scope.number = 0
    if "IPython" in scope.names.sources:
        scope.warn("the notebook imports IPython itself, so the script does.")


def _helper(template: str, name: str, scope: Scope) -> str:
    modules = {"run": ("runpy", "sys"), "runner": ("asyncio",)}.get(template, ())
    return rendered(template, name=name, **{module: scope.imported_above(module) for module in modules})


def _imports(scope: Scope) -> list[str]:
    """Write the imports, the standard library's first."""
    standard = sorted(module for module in scope.modules if module in sys.stdlib_module_names)
    others = sorted(set(scope.modules) - set(standard))
    between = [""] if standard and others else []
    return [_import(name, scope) for name in standard] + between + [_import(name, scope) for name in others]


def _import(module: str, scope: Scope) -> str:
    name = scope.modules[module]
    return f"import {module}" if name == module else f"import {module} as {name}"
