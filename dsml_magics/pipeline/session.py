"""What a notebook asks of IPython in plain Python: imports of it, and figures that are shown."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeGuard

from dsml_magics.pipeline.names import dotted
from dsml_magics.pipeline.scope import Scope
from dsml_magics.pipeline.showing import shown_figures

_RICH = frozenset(
    (
        "Audio", "Code", "DisplayObject", "FileLink", "FileLinks", "GeoJSON", "HTML", "IFrame", "Image", "JSON",
        "Javascript", "Latex", "Markdown", "Math", "Pretty", "ProgressBar", "SVG", "ScribdDocument",
        "TextDisplayObject", "Video", "VimeoVideo", "YouTubeVideo",
    )
)  # fmt: skip
_SHOWN = frozenset(
    ("display", "display_html", "display_markdown", "display_latex", "display_pretty", "display_json")
)
_NOTHING = frozenset(
    (
        "clear_output", "set_matplotlib_formats", "set_matplotlib_close", "update_display", "publish_display_data",
        "display_png", "display_jpeg", "display_svg", "display_javascript", "display_pdf",
    )
)  # fmt: skip
_OTHERS = {"get_ipython": "get_ipython", "InteractiveShell": "settings"}
_PROGRESS = {"tqdm.notebook": "tqdm.auto"}
_OLD_BARS = {"tqdm_notebook": "tqdm", "tnrange": "trange"}
_PYPLOT = ("matplotlib.pyplot", "matplotlib.pylab", "pylab")


@dataclass(frozen=True, slots=True)
class Change:
    """Replace a node; without code it goes."""

    node: ast.stmt | ast.expr
    code: str
    is_nested: bool = False


def session_changes(tree: ast.Module, text: str, scope: Scope) -> Iterator[Change]:
    """Find what a script does otherwise, or not at all."""
    top = {id(node) for node in tree.body}
    yield from _without_figures(tree, text, scope)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "") in _PROGRESS:
            scope.stands_in(name.asname or name.name for name in node.names)
            yield Change(
                node, f"from {_PROGRESS[node.module or '']} import {', '.join(map(_written, node.names))}"
            )
        elif _brings_old_bars(node):
            scope.stands_in(name.asname or name.name for name in node.names)
            yield Change(node, f"from tqdm.auto import {', '.join(map(_new_bar, node.names))}")
        elif isinstance(node, ast.Import) and _brings_bars(node):
            scope.stands_in(alias.asname or "" for alias in node.names)
            yield Change(node, ast.unparse(node).replace("tqdm.notebook", "tqdm.auto"))
        elif isinstance(node, ast.Import | ast.ImportFrom) and _is_of_session(node):
            yield from _without_session(node, scope, is_nested=id(node) not in top)
        elif isinstance(node, ast.Call) and _is_show(node, scope):
            scope.draws = True
            if scope.closes_figures:
                yield Change(node, f'{dotted(node.func).removesuffix(".show")}.close("all")')


def _without_figures(tree: ast.Module, text: str, scope: Scope) -> Iterator[Change]:
    top = {id(node) for node in tree.body}
    for statement, kept in shown_figures(tree, scope):
        if "altair" in scope.names.sources:
            # In a notebook, such a figure has a text, too.
            scope.silence()
        if len(kept) == 1:
            yield Change(statement.value, ast.get_source_segment(text, kept[0]) or ast.unparse(kept[0]))
        else:
            code = "; ".join(map(ast.unparse, kept))
            yield Change(statement, code, is_nested=id(statement) not in top)


def template_of(name: str) -> str | None:
    """Tell which template stands in for a name of IPython."""
    if name in _RICH:
        return "rich"
    if name in _SHOWN:
        return "display"
    return "nothing" if name in _NOTHING else _OTHERS.get(name)


def _is_of_session(node: ast.Import | ast.ImportFrom) -> bool:
    if isinstance(node, ast.ImportFrom):
        return not node.level and (node.module or "").partition(".")[0] == "IPython"
    return any(alias.name.partition(".")[0] == "IPython" for alias in node.names)


def _without_session(node: ast.Import | ast.ImportFrom, scope: Scope, *, is_nested: bool) -> Iterator[Change]:
    lines: list[str] = []
    for alias in node.names:
        line = _stand_in(node, alias, scope)
        if line is None:
            scope.warn(f"`{ast.unparse(node)}` is kept: the script needs IPython.")
            return
        lines += [line] if line else []
    yield Change(node, "; ".join(lines) if is_nested else "\n".join(lines), is_nested)


def _stand_in(node: ast.Import | ast.ImportFrom, alias: ast.alias, scope: Scope) -> str | None:
    """Write what binds a name of IPython in a script: nothing where a helper has that very name."""
    if isinstance(node, ast.Import):
        if alias.name.partition(".")[0] != "IPython":
            return f"import {_written(alias)}"
        return _module(alias.asname or "IPython", alias.name if alias.asname else "IPython", scope)
    name = alias.asname or alias.name
    if node.module == "IPython" and alias.name == "display":
        return _module(name, "IPython.display", scope)
    template = template_of(alias.name)
    if template is None:
        return None
    scope.stands_in([name])
    helper = scope.helper(template, name, alias.name)
    return "" if helper == name else f"{name} = {helper}"


def _module(name: str, module: str, scope: Scope) -> str | None:
    """Write a namespace with what the notebook takes from one of IPython's modules."""
    wanted = scope.names.attributes_of.get(name, set())
    parts: list[str] = []
    for attribute in sorted(wanted):
        if module == "IPython" and attribute == "display":
            inner = _namespace(sorted(scope.names.attributes_of.get(f"{name}.display", set())), scope)
            parts += [f"display={inner}"] if inner else []
        elif module == "IPython" and attribute == "__version__":
            return None
        elif template_of(attribute):
            parts.append(f"{attribute}={_helper(attribute, scope)}")
        else:
            return None
    scope.stands_in([name])
    return f"{name} = {scope.module('types')}.SimpleNamespace({', '.join(parts)})"


def _namespace(attributes: Iterable[str], scope: Scope) -> str | None:
    parts = [f"{attribute}={_helper(attribute, scope)}" for attribute in attributes if template_of(attribute)]
    return f"{scope.module('types')}.SimpleNamespace({', '.join(parts)})"


def _helper(attribute: str, scope: Scope) -> str:
    return scope.helper(template_of(attribute) or "nothing", f"_{attribute}", attribute)


def _is_show(node: ast.Call, scope: Scope) -> bool:
    name, _, attribute = dotted(node.func).rpartition(".")
    return attribute == "show" and any(scope.names.is_only(name, module) for module in _PYPLOT)


def _brings_old_bars(node: ast.AST) -> TypeGuard[ast.ImportFrom]:
    if not isinstance(node, ast.ImportFrom) or node.module != "tqdm":
        return False
    return any(alias.name in _OLD_BARS for alias in node.names)


def _brings_bars(node: ast.Import) -> bool:
    """Whether the bars of notebooks are imported by a name of their own."""
    is_found = any(alias.name == "tqdm.notebook" for alias in node.names)
    return is_found and all(alias.asname for alias in node.names)


def _new_bar(alias: ast.alias) -> str:
    new, name = _OLD_BARS.get(alias.name, alias.name), alias.asname or alias.name
    return new if new == name else f"{new} as {name}"


def _written(alias: ast.alias) -> str:
    return f"{alias.name} as {alias.asname}" if alias.asname else alias.name
