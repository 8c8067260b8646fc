"""Figures: a notebook shows and closes them after each cell, so a script closes them there."""

import ast
import re
from collections.abc import Iterable

from dsml_magics.pipeline.definitions import names_that, running
from dsml_magics.pipeline.names import dotted
from dsml_magics.pipeline.scope import Scope

# Libraries that draw whatever is called of them.
_DRAWING = frozenset(
    (
        "corner",
        "missingno",
        "mpl_toolkits",
        "pylab",
        "scikitplot",
        "seaborn",
        "yellowbrick",
        "matplotlib.pyplot",
    )
)
# Libraries whose figures are none of matplotlib's.
_WITH_THEIR_OWN = ("altair", "bokeh", "plotly")
# Libraries in whose company a method may draw.
_BESIDE = _DRAWING | frozenset(("arviz", "lifelines", "matplotlib", "shap", "statsmodels", "wordcloud"))
_BY_NAME = re.compile(r"plot|hist$|heatmap|imshow|^draw|from_estimator$|from_predictions$")
_OF_PANDAS = re.compile(r"plot|hist|boxplot")
_BY_IMPORT = re.compile(r"plot|^draw|^show_|heatmap|^hist")
# What is set or looked up, and draws nothing.
_SETTINGS = frozenset(
    (
        "style", "rc", "rcParams", "rc_context", "rcdefaults", "set_theme", "set_style", "set_context", "set_palette",
        "set", "color_palette", "cm", "colormaps", "get_cmap", "close", "ion", "ioff", "use", "ticker", "dates",
        "colors", "switch_backend", "__version__", "load_dataset", "get_dataset_names", "husl_palette",
        "cubehelix_palette", "light_palette", "dark_palette", "diverging_palette", "axes_style", "plotting_context",
        "Normalize", "subplots_adjust",
    )
)  # fmt: skip


def drawing_names(trees: Iterable[ast.Module], scope: Scope) -> set[str]:
    """Find the names through which a cell may draw: modules, and what the notebook defines with them."""
    names = {name for name, modules in scope.names.bound.items() if any(_draws(module) for module in modules)}
    return names_that(trees, names, lambda nodes, known: _mentions(nodes, known, scope))


def leaves_figures(tree: ast.Module, names: set[str], scope: Scope) -> bool:
    """Tell whether running a cell may leave figures that are open; what it only defines runs later."""
    closed = max((at for at, node in enumerate(tree.body, start=1) if _closes_all(node)), default=0)
    rest = ast.Module(tree.body[closed:], [])
    return _mentions(running(rest), names, scope)


def _closes_all(node: ast.stmt) -> bool:
    match node:
        case ast.Expr(ast.Call(func=ast.Attribute(attr="close"), args=[ast.Constant("all")])):
            return True
        case _:
            return False


def closing(scope: Scope) -> str:
    """Write the line that closes the figures of a cell."""
    scope.draws = True
    name = scope.known("matplotlib.pyplot")
    # After `%reset`, no name is there that was imported before.
    if name and ("reset", "") not in scope.helpers:
        return f'{name}.close("all")'
    return f"{scope.helper('close_figures', '_close_figures')}()"


def backend(scope: Scope) -> str:
    """Write the line that lets a script draw without a window."""
    return f'{scope.imported_above("os")}.environ["MPLBACKEND"] = "Agg"'


def _draws(module: str | None) -> bool:
    if module is None:
        return False
    path = module.split(".")
    if _SETTINGS.intersection(path[1:]):
        return False
    if path[0] in _DRAWING or ".".join(path[:2]) in _DRAWING:
        return True
    if path[0] in _WITH_THEIR_OWN:
        return False
    # A function such as `sklearn.tree.plot_tree`, or one of a module beside the notebook.
    return module.startswith("pandas.plotting") or (len(path) > 1 and _BY_IMPORT.search(path[-1]) is not None)


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
    if scope.names.sources & _BESIDE:
        return _BY_NAME.search(name) is not None
    return "pandas" in scope.names.sources and _OF_PANDAS.fullmatch(name) is not None
