"""The registry is filled when somebody first looks, and whole or not at all."""

import pytest

from dsml_magics.command import registry


def test_a_load_that_was_interrupted_is_done_again(monkeypatch):
    monkeypatch.setattr(registry, "_waiting", [])
    tries = []

    def load():
        tries.append(len(registry.commands))
        if len(tries) == 1:
            raise KeyboardInterrupt

    registry.fill_from(load)
    with pytest.raises(KeyboardInterrupt):
        len(registry.commands)
    assert len(registry.commands) == tries[1]
    assert len(tries) == 2
