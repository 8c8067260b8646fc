"""Shell commands."""

from dataclasses import replace

from dsml_magics.pipeline.magic import Lowered, Magic, NotLowered
from dsml_magics.pipeline.magics import packages
from dsml_magics.pipeline.scope import Scope
from dsml_magics.pipeline.text import block_literal, expanded, literal

_UNCHECKED = "--no-raise-error"


def system(magic: Magic, scope: Scope) -> Lowered:
    """Write ``!command``: as in a notebook, a command that fails stops nothing."""
    if packages.is_install(magic.line):
        return packages.install(magic, scope)
    return Lowered(_run(magic, scope, "shell=True, check=False"))


def output(magic: Magic, scope: Scope) -> Lowered:
    """Write ``lines = !command``, which collects what goes to either stream."""
    process = scope.module("subprocess")
    options = f"shell=True, check=False, text=True, stdout={process}.PIPE, stderr={process}.STDOUT"
    return Lowered.expression(f"{_run(magic, scope, options)}.stdout.splitlines()")


def script(magic: Magic, scope: Scope) -> Lowered:
    """Write ``%%bash``: unlike ``!``, a failure is raised."""
    words = magic.line.split()
    if any(word != _UNCHECKED for word in words):
        raise NotLowered(f"expected no options but {_UNCHECKED}. Use `subprocess.run` for more.")
    shell = "sh" if magic.name == "sh" else "bash"
    code = block_literal(magic.body)
    return Lowered(f'{scope.module("subprocess")}.run([{literal(shell)}, "-c", {code}], check={not words})')


def _run(magic: Magic, scope: Scope, options: str) -> str:
    return f"{scope.module('subprocess')}.run({expanded(magic.line, scope.names)}, {options})"


def alias(magic: Magic, scope: Scope) -> Lowered:
    """Write ``%ls`` and other commands that IPython knows as magics."""
    return system(replace(magic, kind="system", line=f"{magic.name} {magic.line}".rstrip()), scope)


LINE = {
    **dict.fromkeys(("cat", "cp", "ls", "mkdir", "mv", "rm", "rmdir"), alias),
    **dict.fromkeys(("sx", "system"), output),
}
CELL = {"bash": script, "sh": script}
