"""The attack of `benchmarks/attack.py serve` on a server with its default limits: every bomb is refused, within the stated memory."""

import importlib.util
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

SPEC = importlib.util.spec_from_file_location(
    "attack_serve", Path(__file__).parents[2] / "benchmarks" / "attacks" / "serve.py"
)
ATTACK = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(ATTACK)


@pytest.mark.timeout(900)
def test_bombs_and_altered_bytes_are_answered_within_the_stated_memory(tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "")
    with ATTACK.serving(tmp_path) as (port, pid):
        found = [*ATTACK.besiege(port, pid), *ATTACK.flip(port, rounds=100)]
    assert [outcome for outcome in found if not outcome[1]] == []
    assert len(found) > 30
