"""The registry is filled when somebody first looks, and whole or not at all."""

import subprocess
import sys

import pytest

from dsml_magics.command import registry


def test_a_load_that_was_interrupted_is_done_again(monkeypatch):
    monkeypatch.setattr(registry, "_waiting", [])
    tries = []

    def load(name):
        tries.append(len(registry.commands))
        if len(tries) == 1:
            raise KeyboardInterrupt

    registry.fill_from(load)
    with pytest.raises(KeyboardInterrupt):
        len(registry.commands)
    assert len(registry.commands) == tries[1]
    assert len(tries) == 2


def test_who_asks_for_one_command_loads_no_other():
    code = (
        "import sys; from dsml_magics.command.registry import commands; import dsml_magics;"
        "print(commands['jobs'].name, 'dsml_magics.deploy' in sys.modules, 'nothing' in commands, 'deploy' in commands)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["jobs", "False", "False", "True"]
