"""Other files: scripts that run, and text that is written."""

import shlex

from dsml_magics.pipeline.magic import Lowered, Magic, NotLowered
from dsml_magics.pipeline.scope import Scope
from dsml_magics.pipeline.text import block_literal, expanded


def run(magic: Magic, scope: Scope) -> Lowered:
    """Write ``%run script.py words``: its names become ours."""
    words = shlex.split(magic.line, comments=True)
    if not words or words[0].startswith("-") or not words[0].endswith(".py"):
        raise NotLowered(
            "expected `%run script.py` without options. Convert a notebook first, import a module."
        )
    arguments = ", ".join(expanded(word, scope.names) for word in words)
    return Lowered(f"globals().update({scope.helper('run', '_run')}({arguments}))")


def write(magic: Magic, scope: Scope) -> Lowered:
    """Write ``%%writefile name`` with the text under it."""
    words = shlex.split(magic.line)
    options, names = [word for word in words if word in ("-a", "--append")], words[len(words) - 1 :]
    if len(words) - len(options) != 1 or names == options:
        raise NotLowered("expected the name of one file.")
    path, text = expanded(names[0], scope.names), block_literal(magic.body)
    target = f"{scope.module('pathlib')}.Path({path})" + (".expanduser()" if "~" in path else "")
    if not options:
        return Lowered(f'{target}.write_text({text}, encoding="utf-8")')
    return Lowered(f'with {target}.open("a", encoding="utf-8") as _file:\n    _file.write({text})')


LINE = {"run": run}
CELL = {"writefile": write, "file": write}
