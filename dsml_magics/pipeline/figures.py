"""Figures: a notebook shows and closes them after each cell, so a script closes them there."""

import ast
import re
from collections.abc import Iterable

from dsml_magics.pipeline.definitions import names_that, running
from dsml_magics.pipeline.names import dotted
from dsml_magics.pipeline.scope import Scope

_DRAWING = frozenset(
    (
        "arviz", "corner", "lifelines", "matplotlib", "missingno", "mpl_toolkits", "pylab", "scikitplot", "seaborn",
        "shap", "statsmodels", "wordcloud", "yellowbrick",
    )
)  # fmt: skip
_BY_NAME = re.compile(
    r"plot|hist$|heatmap|imshow|Display$|figure$|^draw|^show$|from_estimator|from_predictions"
)
_OF_PANDAS = re.compile(r"plot|hist|boxplot")
# What is set or looked up, and draws nothing.
_SETTINGS = frozenset(
    (
        "style", "rc", "rcParams", "rc_context", "rcdefaults", "set_theme", "set_style", "set_context", "set_palette",
        "set", "color_palette", "cm", "colormaps", "get_cmap", "close", "ion", "ioff", "use", "ticker", "dates",
        "colors", "switch_backend", "__version__",
    )
)  # fmt: skip


def drawing_names(trees: Iterable[ast.Module], scope: Scope) -> set[str]:
    """Find the names through which a cell may draw: modules, and what the notebook defines with them."""
    names = {name for name, modules in scope.names.bound.items() if any(_draws(module) for module in modules)}
    return names_that(trees, names, lambda nodes, known: _mentions(nodes, known, scope))


def may_draw(tree: ast.Module, names: set[str], scope: Scope) -> bool:
    """Tell whether running a cell may draw; what it only defines runs later."""
    return _mentions(running(tree), names, scope)


def closing(scope: Scope) -> str:
    """Write the line that closes the figures of a cell."""
    scope.draws = True
    if name := scope.known("matplotlib.pyplot"):
        return f'{name}.close("all")'
    return f"{scope.helper('close_figures', '_close_figures')}()"


def backend(scope: Scope) -> str:
    """Write the line that lets a script draw without a window."""
    return f'{scope.imported_above("os")}.environ["MPLBACKEND"] = "Agg"'


def _draws(module: str | None) -> bool:
    if module is None:
        return False
    path = module.split(".")
    return (path[0] in _DRAWING and not _SETTINGS.intersection(path)) or module.startswith("pandas.plotting")


def _mentions(nodes: Iterable[ast.AST], names: set[str], scope: Scope) -> bool:
    skipped: set[int] = set()
    for node in nodes:
        if isinstance(node, ast.Attribute):
            chain = dotted(node).split(".")
            if _SETTINGS.intersection(chain[1:]):
                skipped.update(id(inner) for inner in ast.walk(node))
            elif (
                isinstance(node.ctx, ast.Load)
                and _is_drawing_attribute(node.attr, scope)
                and id(node) not in skipped
            ):
                return True
        elif isinstance(node, ast.Name) and id(node) not in skipped and node.id in names:
            return True
    return False


def _is_drawing_attribute(name: str, scope: Scope) -> bool:
    if scope.names.sources & _DRAWING:
        return _BY_NAME.search(name) is not None
    return "pandas" in scope.names.sources and _OF_PANDAS.fullmatch(name) is not None
