"""Our own magics: each is a call of the command it is derived from."""

from functools import lru_cache

from dsml_magics.command.call import Call
from dsml_magics.command.parser import parse
from dsml_magics.command.registry import Command, commands
from dsml_magics.command.words import split
from dsml_magics.errors import hint
from dsml_magics.pipeline.magic import Lowered, Magic, NotLowered, suite
from dsml_magics.pipeline.scope import Scope

PREFIX = "dsml_"
_HELP = ("-h", "--help")


def command(magic: Magic, scope: Scope) -> Lowered:
    """Write any command's magic; no command is known by name here."""
    found = _command(magic)
    if any(word in _HELP for word in split(magic.line)):
        return Lowered("", "None")
    call = _parsed(found, magic.line).to_python(scope.module("dsml_magics", "dsml"))
    if magic.kind == "line":
        return Lowered.expression(call)
    return Lowered(suite(f"with {call}:", scope.convert(magic.body, scope, magic.line_number + 1)))


@lru_cache(maxsize=1024)
def _parsed(command: Command, line: str) -> Call:
    """Parse a line once: a conversion looks at each magic twice."""
    return parse(command, split(line))


def nothing(magic: Magic, scope: Scope) -> Lowered:  # noqa: ARG001  the list of commands is for reading
    return Lowered("", "None")


LINE = {"dsml": nothing}


def _command(magic: Magic) -> Command:
    name = magic.name.removeprefix(PREFIX)
    if name not in commands:
        raise NotLowered(f"no command {name!r}. {hint(name, commands)}")
    found = commands[name]
    if found.is_block != (magic.kind == "cell"):
        right = (
            f"%%{magic.name}` in the first line of a cell"
            if found.is_block
            else f"%{magic.name}` on one line"
        )
        raise NotLowered(f"expected `{right}.")
    return found
