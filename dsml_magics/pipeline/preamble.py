"""What stands above the first cell of a script: imports, and what a kernel provides by itself."""

import re
import sys

from dsml_magics.pipeline.figures import backend
from dsml_magics.pipeline.history import is_history
from dsml_magics.pipeline.scope import Scope
from dsml_magics.pipeline.script import rendered, variables_of
from dsml_magics.pipeline.showing import LIBRARIES
from dsml_magics.pipeline.text import literal
from dsml_magics.pipeline.value import Preamble

_UNKNOWN_HISTORY = re.compile(r"_i{1,3}|_i\d+|_[id]h|In")
# How a notebook finds out that it is one.
_SESSION = frozenset(("IPython", "ipykernel", "ZMQInteractiveShell", "__IPYTHON__"))
# What a kernel puts into the namespace, and the template of what stands in for it.
_PROVIDED = {"display": "display", "get_ipython": "get_ipython", "exit": "nothing", "quit": "nothing"}
_TOLD = {
    "get_ipython": "`get_ipython()` is None in the script: what depends on it differs.",
    "exit": "`exit` ends nothing in the script, as the cells below it run in the notebook, too.",
    "quit": "`quit` ends nothing in the script, as the cells below it run in the notebook, too.",
}
# Helpers that call others.
_NEEDS = {"time_of": ("timed", "_timed")}
_PATHS = {"interactiveshell": "IPython.core.interactiveshell"}


def preamble_of(scope: Scope) -> Preamble:
    """Collect what the converted cells turned out to need."""
    _provide(scope)
    _warn_of_session(scope)
    for template, _ in list(scope.helpers):
        if needed := _NEEDS.get(template):
            scope.helper(*needed)
    helpers = tuple(
        _helper(template, of, name, scope)
        for (template, of), name in sorted(scope.helpers.items(), key=_order)
    )
    settings = tuple(_settings(scope))
    return Preamble(tuple(sorted(scope.futures)), tuple(_imports(scope)), settings, helpers)


def names_of_ours(scope: Scope) -> frozenset[str]:
    """Tell which names the script has that the notebook has not, or that are something else there."""
    found = {
        *scope.stand_ins,
        *scope.helpers.values(),
        *(set(scope.modules.values()) - scope.names.bound.keys()),
    }
    return frozenset(found | {name for name in scope.names.read if is_history(name)})


def _order(item: tuple[tuple[str, str], str]) -> tuple[int, str, str]:
    (template, of), _ = item
    # Others use the first, and the last looks at all that is there by then.
    return {"captured": 0, "reset": 2}.get(template, 1), template, of


def _provide(scope: Scope) -> None:
    known = set(scope.helpers.values())
    for name, template in _PROVIDED.items():
        if name in scope.names.read and name not in scope.names.bound and name not in known:
            scope.helper(template, name, "" if template == name else name)
            if name in _TOLD:
                scope.number = scope.names.read[name]
                scope.warn(_TOLD[name])
                scope.number = 0


def _warn_of_session(scope: Scope) -> None:
    for name, number in scope.names.read.items():
        if name not in scope.names.bound and _UNKNOWN_HISTORY.fullmatch(name):
            scope.number = number
            scope.warn(f"`{name}` is what the session remembers of its input: a script has none.")
    scope.number = 0
    asked = sorted(
        (_SESSION & scope.names.texts) | (_SESSION & scope.names.read.keys()) - scope.names.bound.keys()
    )
    if asked:
        scope.warn(f"the notebook asks whether it is one, by `{asked[0]}`: the answer of a script is no.")
    if "ipywidgets" in scope.names.sources:
        scope.warn("the notebook imports ipywidgets, which needs IPython, so the script does.")
    if scope.lists_names:
        scope.warn(
            "the notebook looks at its own names: the script's begin with those of a script, such as `__file__`."
        )


def _settings(scope: Scope) -> list[str]:
    """Write what is set before the first cell, as a kernel has it."""
    lines = []
    if scope.changes_folder:
        # A kernel finds modules in the folder it works in, wherever that is; a script where it stands.
        lines.append(f'{scope.imported_above("sys")}.path.insert(1, "")')
    if scope.draws:
        lines.append(backend(scope))
    return lines + (["del __file__  # a notebook has none"] if scope.asks_file else [])


def _helper(template: str, of: str, name: str, scope: Scope) -> str:
    values: dict[str, str] = {}
    for variable in variables_of(template):
        if variable in ("captured", "timed"):
            values[variable] = scope.helpers.get((variable, ""), "")
        elif variable == "figures":
            values[variable] = repr(tuple(each for each in LIBRARIES if each in scope.names.sources) or "")
        elif variable == "of":
            values[variable] = literal(of)
        elif variable != "name":
            values[variable] = scope.imported_above(_PATHS.get(variable, variable), variable)
    return rendered(template, name=name, **values)


def _imports(scope: Scope) -> list[str]:
    """Write the imports, the standard library's first."""
    standard = sorted(
        module for module in scope.modules if module.partition(".")[0] in sys.stdlib_module_names
    )
    others = sorted(set(scope.modules) - set(standard))
    between = [""] if standard and others else []
    return [_import(name, scope) for name in standard] + between + [_import(name, scope) for name in others]


def _import(module: str, scope: Scope) -> str:
    name = scope.modules[module]
    if name == module:
        return f"import {module}"
    package, _, last = module.rpartition(".")
    return f"from {package} import {last}" if package and last == name else f"import {module} as {name}"
