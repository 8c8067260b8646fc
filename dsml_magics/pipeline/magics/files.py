"""Other files: scripts and notebooks that run, and text that is written."""

from pathlib import PurePath

from dsml_magics.pipeline.magic import Lowered, Magic, NotLowered, words_of
from dsml_magics.pipeline.scope import Scope
from dsml_magics.pipeline.text import block_literal, call, expanded

_RUN_OPTIONS = frozenset(("-i", "-n", "-e", "-G"))


def run(magic: Magic, scope: Scope) -> Lowered:
    """Write ``%run script.py words``, whose names become ours, or the cells of ``%run other.ipynb``."""
    words = words_of(magic.line, comments=True)
    options = set()
    while words and words[0] in _RUN_OPTIONS:
        options.add(words.pop(0))
    if len(words) == 1 and words[0].endswith(".ipynb"):
        return Lowered(scope.inlined(words[0]))
    if words and not PurePath(words[0]).suffix and not words[0].startswith("-"):
        # IPython adds it, too.
        words[0] += ".py"
    if not words or words[0].startswith("-") or not words[0].endswith(".py"):
        raise NotLowered(
            "expected `%run script.py` or `%run notebook.ipynb`, with -i, -n or -e alone. Import a module."
        )
    arguments = [expanded(word, scope.names) for word in words]
    arguments += ["here=True"] if "-i" in options else []
    arguments += ["as_main=False"] if "-n" in options else []
    return Lowered(f"{scope.helper('run', '_run')}({', '.join(arguments)})")


def write(magic: Magic, scope: Scope) -> Lowered:
    """Write ``%%writefile name`` with the text under it."""
    words = words_of(magic.line)
    options, names = [word for word in words if word in ("-a", "--append")], words[len(words) - 1 :]
    if len(words) - len(options) != 1 or names == options:
        raise NotLowered("expected the name of one file.")
    arguments = [expanded(names[0], scope.names), block_literal(magic.body)]
    arguments += ["append=True"] if options else []
    written = call(scope.helper("write", "_write"), arguments)
    return Lowered("\n".join([written, *_reloaded(names[0], scope)]))


def _reloaded(path: str, scope: Scope) -> list[str]:
    """Write what autoreload does before the next cell: a module that is written again is loaded again."""
    module = path.removesuffix(".py")
    if not scope.reloads or module == path or module not in scope.imported_modules:
        return []
    importlib, sys = scope.module("importlib"), scope.module("sys")
    return [f'{importlib}.reload({sys}.modules["{module}"])', *scope.imports_from(module)]


LINE = {"run": run}
CELL = {"writefile": write, "file": write}
