"""Magics that only matter to a person at the keyboard: kept as comments."""

from dsml_magics.pipeline.magic import Lowered, Magic, left_out_comment
from dsml_magics.pipeline.scope import Scope


def left_out(magic: Magic, scope: Scope) -> Lowered:  # noqa: ARG001  every lowering has this form
    return Lowered(left_out_comment(magic), "None")


def extension(magic: Magic, scope: Scope) -> Lowered:
    """Leave nothing of our own extension: its magics are calls in the script."""
    own = magic.line.split("#")[0].strip().rstrip(";").strip() == "dsml_magics"
    return Lowered("", "None") if own else left_out(magic, scope)


def help_on(magic: Magic, scope: Scope) -> Lowered:  # noqa: ARG001
    """Keep ``name?`` as it was typed."""
    return Lowered(f"# {magic.line}{'??' if magic.name == 'pinfo2' else '?'}", "None")


def figures(magic: Magic, scope: Scope) -> Lowered:
    """Draw without a window, as a notebook does."""
    if magic.line.strip() in ("-l", "--list"):
        return left_out(magic, scope)
    return Lowered.expression(f'{scope.module("matplotlib")}.use("Agg")')


_LEFT_OUT = (
    "aimport",
    "autoreload",
    "autosave",
    "config",
    "debug",
    "history",
    "lsmagic",
    "pdb",
    "precision",
    "quickref",
    "reload_ext",
    "unload_ext",
    "who",
    "who_ls",
    "whos",
    "xmode",
)
LINE = {
    **dict.fromkeys(_LEFT_OUT, left_out),
    **dict.fromkeys(("load_ext", "reload_ext", "unload_ext"), extension),
    **dict.fromkeys(("pinfo", "pinfo2", "psearch"), help_on),
    "matplotlib": figures,
}
CELL = dict.fromkeys(("html", "HTML", "javascript", "js", "latex", "markdown", "svg", "SVG"), left_out)
