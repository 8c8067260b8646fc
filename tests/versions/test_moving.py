"""Moves of the champion, on versions that MLflow alone registered."""

import pytest
from mlflow.exceptions import MlflowException

import dsml_magics as dsml
from dsml_magics.errors import MoveRefused
from dsml_magics.ledger.moves import history, move_champion, set_approver
from dsml_magics.ledger.store import open_ledger


@pytest.fixture
def client(workdir):
    """Versions 1 to 4, of which 1 is champion."""
    client = open_ledger().client
    client.create_registered_model("income")
    for _ in range(4):
        client.create_model_version("income", str(workdir), await_creation_for=0)
    move_champion(client, client.get_registered_model("income"), to=1, why=None, kind="deploy")
    return client


def champion(client):
    return int(client.get_registered_model("income").aliases["champion"])


def test_a_rollback_to_what_never_was_champion_needs_the_approver(client, monkeypatch):
    set_approver(client, "income", "ana")
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "ana")
    dsml.promote("income", "4")
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "me")
    for number in ("2", "3"):
        with pytest.raises(MoveRefused, match="Expected ana to make a version of 'income' champion"):
            dsml.rollback("income", to=number)
    assert champion(client) == 4
    # What was champion before was approved then.
    assert dsml.rollback("income", to="1").to == 1
    assert champion(client) == 1


def test_a_promotion_whose_alias_fails_leaves_no_record(client):
    model = client.get_registered_model("income")
    before = history(model)
    with pytest.raises(MlflowException, match="not found"):
        move_champion(client, model, to=99, why="a slip", kind="promote")
    assert history(client.get_registered_model("income")) == before
    assert champion(client) == 1
