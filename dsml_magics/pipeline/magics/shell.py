"""Shell commands, and cells of other languages."""

from dataclasses import replace

from dsml_magics.pipeline.magic import Lowered, Magic, NotLowered, words_of
from dsml_magics.pipeline.magics import packages
from dsml_magics.pipeline.scope import Scope
from dsml_magics.pipeline.text import block_literal, call, expanded, literal

_FIELDS = frozenset(("n", "s", "l", "p", "nlstr", "spstr", "list", "paths", "grep", "fields"))
_STREAMS = {"--out": "stdout", "--err": "stderr"}


def system(magic: Magic, scope: Scope) -> Lowered:
    """Write ``!command``: as in a notebook, a command that fails stops nothing."""
    if packages.is_install(magic.line):
        return packages.install(magic, scope)
    code = call(scope.helper("shell", "_shell"), [expanded(magic.line, scope.names)])
    return Lowered(f"_exit_code = {code}" if "_exit_code" in scope.names.read else code)


def output(magic: Magic, scope: Scope) -> Lowered:
    """Write ``lines = !command``, which collects what goes to either stream."""
    code = call(scope.helper("lines", "_lines"), [expanded(magic.line, scope.names)])
    if scope.names.attributes & _FIELDS:
        code = call(scope.helper("fields", "_Fields"), [code])
    return Lowered.expression(code)


def output_cell(magic: Magic, scope: Scope) -> Lowered:
    """Write ``%%!`` and ``%%sx``."""
    return output(replace(magic, line="\n".join(filter(None, [magic.line, magic.body.rstrip("\n")]))), scope)


def script(magic: Magic, scope: Scope) -> Lowered:
    """Write ``%%bash`` and its like: unlike ``!``, a failure is raised."""
    words = words_of(magic.line)
    if magic.name != "script":
        words.insert(0, magic.name)
    kept, options, command = _options(words)
    arguments = [f"[{', '.join(expanded(word, scope.names) for word in command)}]", block_literal(magic.body)]
    if kept:
        arguments.append(f"keep=[{', '.join(literal(_STREAMS[option]) for option in kept)}]")
    if "--no-raise-error" in options:
        arguments.append("check=False")
    code = call(scope.helper("script_cell", "_script"), arguments)
    names = list(kept.values())
    return Lowered(f"[{', '.join(names)}] = {code}" if names else code)


def _options(words: list[str]) -> tuple[dict[str, str], set[str], list[str]]:
    """Split IPython's own options from the words of the command."""
    kept: dict[str, str] = {}
    options: set[str] = set()
    command: list[str] = []
    rest = iter(words)
    for word in rest:
        name, sign, value = word.partition("=")
        if name in _STREAMS:
            kept[name] = value if sign else next(rest, "")
            if not kept[name].isidentifier():
                raise NotLowered(f"expected the name of a variable after {name}.")
        elif word in ("--no-raise-error", "--raise-error"):
            options.add(word)
        elif word in ("--bg", "--proc", "--background"):
            raise NotLowered(
                "a script does not wait for a cell in the background. Start it with `subprocess.Popen`."
            )
        else:
            command.append(word)
    if not command:
        raise NotLowered("expected the command that runs the cell.")
    return kept, options, command


def alias(magic: Magic, scope: Scope) -> Lowered:
    """Write ``%ls`` and other commands that IPython knows as magics."""
    command = _ALIASES.get(magic.name, magic.name)
    return system(replace(magic, kind="system", name="", line=f"{command} {magic.line}".rstrip()), scope)


_ALIASES = {"ls": "ls -F", "ll": "ls -l -F", "lf": "ls -l -F | grep ^-", "lk": "ls -l -F | grep ^l"}
_LANGUAGES = ("bash", "sh", "script", "python", "python3", "perl", "ruby")
LINE = {
    **dict.fromkeys(("cat", "cp", "ls", "ll", "lf", "lk", "mkdir", "mv", "rm", "rmdir"), alias),
    **dict.fromkeys(("sx", "system"), output),
}
CELL = {**dict.fromkeys(_LANGUAGES, script), **dict.fromkeys(("!", "sx", "system"), output_cell)}
