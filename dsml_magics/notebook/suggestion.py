"""The magic that was meant, where there is none of the name that was typed."""

import re

from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell

from dsml_magics.command.registry import commands
from dsml_magics.errors import nearest

_NOT_FOUND = re.compile(r"magic (?:function )?`%%?(dsml_?\w*)` not found\.?$")


def suggest_magics(shell: InteractiveShell) -> None:
    """Let the shell name the nearest command when it tells that there is no such magic."""
    show = shell.show_usage_error
    shell.show_usage_error = lambda error: show(with_suggestion(error))


def stop_suggesting(shell: InteractiveShell) -> None:
    """Undo `suggest_magics`."""
    vars(shell).pop("show_usage_error", None)


def with_suggestion(error: Exception) -> Exception:
    """Add the nearest command to IPython's error about a magic that there is not.

    Examples
    --------
    >>> import dsml_magics
    >>> print(with_suggestion(UsageError("Line magic function `%dsml_profil` not found.")))
    Line magic function `%dsml_profil` not found. Did you mean `%dsml_profile`? `%dsml` lists the commands.
    """
    found = _NOT_FOUND.search(str(error))
    if found is None:
        return error
    name = nearest(found[1].removeprefix("dsml").removeprefix("_"), commands)
    meant = f"Did you mean `{_typed(name)}`? " if name else ""
    suggested: Exception = UsageError(f"{str(error).rstrip('.')}. {meant}`%dsml` lists the commands.")
    return suggested


def _typed(name: str) -> str:
    return f"{'%%' if commands[name].is_block else '%'}dsml_{name}"
