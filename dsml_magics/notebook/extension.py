"""Load the commands into an IPython shell, and take them away again."""

from IPython.core.interactiveshell import InteractiveShell

from dsml_magics.command.registry import commands
from dsml_magics.notebook.completion import IDENTIFIER, matcher_for
from dsml_magics.notebook.magic import BlockMagic, LineMagic, Overview
from dsml_magics.notebook.suggestion import stop_suggesting, suggest_magics
from dsml_magics.notebook.waiting import BEGIN, BeginMagic, transformer_for


def load(shell: InteractiveShell) -> None:
    """Register every command as a magic; loading again replaces what was there."""
    unload(shell)
    shell.register_magic_function(Overview(), magic_kind="line", magic_name="dsml")
    for command in commands.values():
        kind, magic = ("cell", BlockMagic) if command.is_block else ("line", LineMagic)
        shell.register_magic_function(
            magic(shell, command), magic_kind=kind, magic_name=f"dsml_{command.name}"
        )
    shell.register_magic_function(BeginMagic(shell), magic_kind="cell", magic_name=BEGIN)
    shell.input_transformers_cleanup.append(transformer_for(shell))
    shell.Completer.custom_matchers.append(matcher_for(shell))
    suggest_magics(shell)


def unload(shell: InteractiveShell) -> None:
    """Remove the magics and the completion."""
    stop_suggesting(shell)
    for kind in ("line", "cell"):
        registered = shell.magics_manager.magics[kind]
        for name in [name for name in registered if name in ("dsml", BEGIN) or name.startswith("dsml_")]:
            del registered[name]
            vars(shell.magics_manager.user_magics).pop(name, None)
    transformers = shell.input_transformers_cleanup
    transformers[:] = [each for each in transformers if each.__module__ != transformer_for.__module__]
    kept = [matcher for matcher in shell.Completer.custom_matchers if _identifier(matcher) != IDENTIFIER]
    shell.Completer.custom_matchers[:] = kept


def _identifier(matcher: object) -> str | None:
    return getattr(matcher, "matcher_identifier", None)
