"""Commands as magics: a line that is a call, a cell that is the body of a ``with``."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import needs_local_scope, no_var_expand

from dsml_magics.command.registry import Command, commands
from dsml_magics.command.words import is_silenced, split
from dsml_magics.errors import DsmlError, UsageError, hint
from dsml_magics.notebook.block import run_around

_HELP = {"-h", "--help"}


class _Magic:
    """What line and cell magics have in common: a name and its help."""

    prefix: str

    def __init__(self, shell: InteractiveShell, command: Command) -> None:
        self.shell, self.command = shell, command
        self.__name__ = f"dsml_{command.name}"
        self.__doc__ = command.summary
        # Braces and dollars are read by our own words: IPython would fill them in as text.
        no_var_expand(self)
        needs_local_scope(self)

    def getdoc(self) -> str:
        """Render the help; IPython asks for it by this name when ``%dsml_profile?`` is typed."""
        from dsml_magics.command.parser import help_text

        return help_text(self.command, self.prefix)

    def helped(self, line: str) -> bool:
        """Print the help if that is what the line asks for."""
        # A quoted word is a value; and an open quote or bracket is explained by the parser.
        asked = any(word in _HELP and word.quoting == "bare" for word in split(line))
        if asked:
            print(self.getdoc(), end="")  # noqa: T201  help is what was asked for
        return asked


class LineMagic(_Magic):
    """``%dsml_profile train``: parse the line, evaluate its expressions, return the command's value."""

    prefix = "%dsml_"

    def __call__(self, line: str, local_ns: Mapping[str, Any] | None = None) -> Any:
        from dsml_magics.command.parser import parse

        with without_traceback():
            if self.helped(line):
                return None
            result = parse(self.command, split(line), prefix=self.prefix).run(
                {**self.shell.user_ns, **(local_ns or {})}
            )
        return None if is_silenced(line) else result


class BlockMagic(_Magic):
    """``%%dsml_track baseline``: run the cell inside the context manager the command returns."""

    prefix = "%%dsml_"

    def __call__(self, line: str, cell: str, local_ns: Mapping[str, Any] | None = None) -> None:
        from dsml_magics.command.parser import parse

        with without_traceback():
            if not self.helped(line):
                call = parse(self.command, split(line), prefix=self.prefix)
                run_around(self.shell, call, cell, {**self.shell.user_ns, **(local_ns or {})})


class Overview:
    """``%dsml``: list the commands."""

    __name__ = "dsml"
    __doc__ = "List the commands of dsml_magics."

    def __call__(self, line: str) -> None:
        from dsml_magics.command.cli import overview

        with without_traceback():
            if word := line.strip():
                raise UsageError(
                    f"Expected `%dsml` alone, or a command such as `%dsml_profile`. {hint(word, _typed())}"
                )
            print(overview("%dsml_", "%%dsml_"))  # noqa: T201  a list to read, not a value


def _typed() -> list[str]:
    return [f"{'%%' if command.is_block else '%'}dsml_{name}" for name, command in commands.items()]


@contextmanager
def without_traceback() -> Iterator[None]:
    """Let IPython show an error the user can mend as its message alone; bugs keep their traceback."""
    try:
        yield
    except DsmlError as error:
        if not hasattr(error, "_render_traceback_"):
            lines = [f"{type(error).__name__}: {error}"]
            # IPython hides the traceback only of its own UsageError; any error may render itself, though.
            error._render_traceback_ = lambda: lines  # type: ignore[attr-defined]
        raise
