"""Commands of the tests' own, for the mechanics that no real command shows."""

import pytest

from dsml_magics.command import registry

OWN_COMMANDS = """
from dsml_magics.command.block import current
from dsml_magics.command.registry import command
from dsml_magics.errors import DataError, LedgerError

class Watching:
    def __init__(self, name, block): self.name, self.block = name, block
    def __enter__(self):
        if self.name == "closed": raise LedgerError("The ledger is closed. Open it.")
        seen.append(("begin", self.block.source))
    def __exit__(self, kind, error, trace):
        seen.append(("end", kind and kind.__name__))
        if self.name == "breaks": raise LedgerError("The ledger broke. Mend it.")

@command
def watch(name: str, /) -> Watching:
    "Watch a cell."
    return Watching(name, current())

@command
def add(one: int, other: int = 1, /, *, fail: bool = False) -> int:
    "Add two numbers."
    if fail: raise KeyError("ours")
    return one + other

@command
def twoline(name: str, /) -> str:
    "Fail in two lines."
    raise DataError("First line.\\nSecond line.")

seen = []
"""


@pytest.fixture
def own(shell):
    """The shell with the tests' own commands as magics, and the list of what happened to `watch`."""
    before = dict(registry.commands)
    shell.run_cell(OWN_COMMANDS).raise_error()
    shell.run_line_magic("reload_ext", "dsml_magics")
    yield shell
    registry._registry.clear()
    registry._registry.update(before)


@pytest.fixture
def own_kernel(kernel):
    """The kernel with the tests' own commands."""
    assert kernel.run(OWN_COMMANDS).status == "ok"
    assert kernel.run("%reload_ext dsml_magics").status == "ok"
    yield kernel
    kernel.run(
        "from dsml_magics.command import registry\n"
        "for name in ('watch', 'add', 'twoline'): registry._registry.pop(name)\n"
        "%reload_ext dsml_magics"
    )
