"""Run a Python file as the main module, around which a block command can stand."""

import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from dsml_magics.command.block import Block, given
from dsml_magics.command.call import Call
from dsml_magics.command.tree import NESTED_TOO_DEEP
from dsml_magics.errors import UsageError


def run_around(call: Call, words: Sequence[str]) -> None:
    """Run the script and arguments in `words` inside the block command's context.

    Raises
    ------
    UsageError
        No script is given, or it is not there.
    """
    if not words:
        raise UsageError(
            f"{call.command.name}: expected a script to run, as in `dsml {call.command.name} NAME -- train.py`."
        )
    path = Path(words[0])
    if not path.is_file():
        raise UsageError(f"{call.command.name}: no script {str(path)!r}.")
    source = path.read_text(encoding="utf-8")
    module = ModuleType("__main__")
    module.__file__ = str(path)
    sys.argv = [str(path), *words[1:]]
    sys.path.insert(0, str(path.resolve().parent))
    # Classes the script defines are pickled as `__main__.X`: it must be the main module while it runs.
    sys.modules["__main__"] = module
    with given(Block(source, lambda: vars(module), str(path))):
        manager: AbstractContextManager[Any] = call.run({})
    with manager:
        exec(_compile(source, path, call.command.name), vars(module))  # noqa: S102  the user's own script


def _compile(source: str, path: Path, command: str) -> CodeType:
    try:
        return compile(source, str(path), "exec")
    except (RecursionError, MemoryError):
        raise UsageError(f"{command}: {path}: {NESTED_TOO_DEEP}") from None
