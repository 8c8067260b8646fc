"""Magics that only matter to a person at the keyboard: kept as comments."""

import re

from dsml_magics.pipeline.magic import Lowered, Magic, NotLowered, left_out_comment
from dsml_magics.pipeline.scope import Scope


def left_out(magic: Magic, scope: Scope) -> Lowered:
    scope.silence()
    return Lowered(left_out_comment(magic), None if magic.name in _WITH_VALUE else "None")


def extension(magic: Magic, scope: Scope) -> Lowered:
    """Leave nothing of our own extension: its magics are calls in the script."""
    name = magic.line.split("#")[0].strip().rstrip(";").strip()
    if name == "dsml_magics":
        return Lowered("", "None")
    if name not in _HARMLESS and magic.name == "load_ext":
        if scope.keeps_magics:
            raise NotLowered("kept")
        scope.warn(f"the extension `{name}` is not loaded in the script.")
    return left_out(magic, scope)


def reloading(magic: Magic, scope: Scope) -> Lowered:
    """Note that modules are to be loaded again when they change."""
    scope.reloads = magic.line.strip() not in ("", "0", "off")
    return left_out(magic, scope)


def help_on(magic: Magic, scope: Scope) -> Lowered:
    """Keep ``name?`` as it was typed."""
    scope.silence()
    return Lowered(f"# {magic.line}{'??' if magic.name == 'pinfo2' else '?'}", "None")


def figures(magic: Magic, scope: Scope) -> Lowered:
    """Leave out ``%matplotlib``: a script draws without a window anyway."""
    scope.draws = True
    return left_out(magic, scope)


def numeric(magic: Magic, scope: Scope) -> Lowered:
    """Write ``%pylab``: NumPy and pyplot, and all their names."""
    scope.draws = True
    scope.silence()
    lines = "import numpy\nimport matplotlib\nfrom matplotlib import mlab, pylab, pyplot\nnp = numpy\nplt = pyplot"
    stars = "" if "--no-import-all" in magic.line else "\nfrom pylab import *\nfrom numpy import *"
    return Lowered(lines + stars)


def precision(magic: Magic, scope: Scope) -> Lowered:
    """Write ``%precision``, which changes how NumPy prints."""
    digits = magic.line.strip()
    # IPython tells NumPy only where it is loaded already.
    is_loaded = any(module.partition(".")[0] in _LOADING_NUMPY for module in scope.imported_modules)
    if not is_loaded or not re.fullmatch(r"\d*", digits):
        return left_out(magic, scope)
    name = scope.known("numpy") or f'{scope.module("sys")}.modules["numpy"]'
    return Lowered(f"{name}.set_printoptions(precision={digits or 8})")


def configured(magic: Magic, scope: Scope) -> Lowered:
    """Keep what ``%config`` says of figures; the rest is for the person at the keyboard."""
    name, _, value = (part.strip() for part in magic.line.partition("="))
    if name == "InlineBackend.close_figures" and value == "False":
        scope.closes_figures = False
    if name == "InlineBackend.rc":
        if known := scope.known("matplotlib"):
            return Lowered(f"{known}.rcParams.update({value})")
        scope.stands_in(["matplotlib"])
        return Lowered(f"import matplotlib\n\nmatplotlib.rcParams.update({value})")
    return left_out(magic, scope)


def stored(magic: Magic, scope: Scope) -> Lowered:
    """Leave out ``%store name``; what it brings back is not here."""
    if "-r" in magic.line.split() or not magic.line.strip():
        raise NotLowered("what it brings back is kept by IPython, not by the notebook. Read it from a file.")
    scope.warn(f"`{magic.text}` is left out: a script keeps nothing for other notebooks. Write a file.")
    return left_out(magic, scope)


def loaded(magic: Magic, scope: Scope) -> Lowered:
    """Leave out ``%load``, which fills a cell and runs nothing."""
    scope.warn(f"`{magic.text}` is left out: it would fill the cell, and run nothing.")
    return left_out(magic, scope)


def forgotten(magic: Magic, scope: Scope) -> Lowered:
    """Write ``%reset -f``."""
    if magic.line.split() not in (["-f"], ["-sf"], ["-fs"], ["-s", "-f"], ["-f", "-s"]):
        raise NotLowered("expected `%reset -f`: any other asks the person at the keyboard. Use `del`.")
    return Lowered(f"{scope.helper('reset', '_reset')}()")


def deleted(magic: Magic, scope: Scope) -> Lowered:  # noqa: ARG001  every lowering has this form
    """Write ``%xdel name``."""
    if not magic.line.strip().isidentifier():
        raise NotLowered("expected one name. Use `del`.")
    return Lowered(f"del {magic.line.strip()}")


# What these give is no use in a script, but None would be wrong.
_WITH_VALUE = ("alias", "config", "lsmagic", "precision", "who_ls")
_LOADING_NUMPY = ("matplotlib", "numpy", "pandas", "scipy", "seaborn", "sklearn")
_HARMLESS = (
    "autoreload",
    "tensorboard",
    "autotime",
    "line_profiler",
    "memory_profiler",
    "nb_black",
    "watermark",
    "lab_black",
)
_LEFT_OUT = (
    "aimport",
    "alias",
    "autoawait",
    "autocall",
    "automagic",
    "autosave",
    "clear",
    "colors",
    "connect_info",
    "debug",
    "dhist",
    "dirs",
    "doctest_mode",
    "gui",
    "hist",
    "history",
    "less",
    "logoff",
    "logon",
    "logstart",
    "logstate",
    "logstop",
    "lsmagic",
    "magic",
    "man",
    "more",
    "notebook",
    "page",
    "pdb",
    "pdef",
    "pdoc",
    "pfile",
    "pprint",
    "psource",
    "pycat",
    "qtconsole",
    "quickref",
    "tb",
    "tensorboard",
    "unload_ext",
    "watermark",
    "who",
    "who_ls",
    "whos",
    "xmode",
)
LINE = {
    **dict.fromkeys(_LEFT_OUT, left_out),
    **dict.fromkeys(("load_ext", "reload_ext", "unload_ext"), extension),
    **dict.fromkeys(("pinfo", "pinfo2", "psearch"), help_on),
    "autoreload": reloading,
    "config": configured,
    "load": loaded,
    "loadpy": loaded,
    "matplotlib": figures,
    "precision": precision,
    "pylab": numeric,
    "reset": forgotten,
    "store": stored,
    "xdel": deleted,
}
CELL = {
    **dict.fromkeys(("html", "HTML", "javascript", "js", "svg", "SVG"), left_out),
    **dict.fromkeys(("latex", "markdown"), left_out),
}
