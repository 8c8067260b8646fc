"""The shell's face: ``dsml COMMAND ...``."""

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from dsml_magics.command.registry import Command, commands
from dsml_magics.command.words import Word
from dsml_magics.errors import DsmlError, UsageError, hint
from dsml_magics.process.ending import leave
from dsml_magics.version import __version__

_HELP = ("-h", "--help")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line; return the code its value or error has: 0 by default, 2 for what the user can mend."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = _run(given)
        sys.stdout.flush()
    except DsmlError as error:
        print(f"dsml: {error}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        # The reader went away (`dsml ... | head`): nobody is left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    return code


def run() -> NoReturn:
    """Run the command line of this process, and end it."""
    code = main()
    if any(name in commands and commands[name].is_block for name in sys.argv[1:2]):
        # What the user's script holds ends as Python ends it.
        sys.exit(code)
    leave(code)


def _run(arguments: list[str]) -> int:
    if not arguments or arguments[0] in _HELP:
        print(overview("dsml "))
    elif arguments[0] in ("-V", "--version"):
        print(f"dsml {__version__}")
    else:
        return _run_command(_command(arguments[0]), arguments[1:])
    return 0


def _command(name: str) -> Command:
    if name not in commands:
        raise UsageError(f"no command {name!r}. {hint(name, commands)}")
    return commands[name]


def _run_command(command: Command, arguments: list[str]) -> int:
    from dsml_magics.command.parser import help_text, parse

    own, rest = _around_dashes(arguments) if command.is_block else (arguments, [])
    if any(word in _HELP for word in own):
        print(help_text(command), end="")
        return 0
    call = parse(command, [Word(word, "shell") for word in own])
    if command.is_block:
        from dsml_magics.command.script import run_around

        run_around(call, rest)
    else:
        from dsml_magics.process.system import interrupt, on_termination

        # As Ctrl-C: what was begun is put away.
        with on_termination(interrupt):
            return _show(call.run({}))
    return 0


def _show(result: object) -> int:
    if result is not None:
        print(result, flush=True)
    if hasattr(result, "wait"):
        # Something that runs until it is stopped, such as a server.
        result.wait()
    return int(getattr(result, "exit_code", 0))


def _around_dashes(arguments: list[str]) -> tuple[list[str], list[str]]:
    if "--" not in arguments:
        return arguments, []
    at = arguments.index("--")
    return arguments[:at], arguments[at + 1 :]


def overview(prefix: str, block_prefix: str | None = None) -> str:
    """List every command with its one-line summary."""
    rows = []
    for name, command in sorted(commands.items()):
        start = block_prefix if command.is_block and block_prefix else prefix
        rows.append((start + name, command.summary))
    width = max(len(left) for left, _ in rows)
    table = "\n".join(f"  {left:<{width}}  {right}" for left, right in rows)
    return f"{table}\n\nHelp on one: {'%dsml_profile?' if block_prefix else 'dsml profile --help'}"


if __name__ == "__main__":
    run()
