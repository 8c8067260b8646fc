"""Moves of the champion, on versions that MLflow alone registered."""

import json
import re
import sqlite3
from contextlib import closing
from dataclasses import asdict

import pytest
from mlflow.exceptions import MlflowException

import dsml_magics as dsml
from dsml_magics.errors import LedgerError, ModelNotFound, MoveRefused
from dsml_magics.ledger.moves import approvers, history, move_champion, set_approver
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


def test_a_promotion_is_written_down_with_the_model(client, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "ana")
    client.set_registered_model_alias("income", "challenger", "3")
    moved = dsml.promote("income", "3", why="better recall")
    assert (moved.origin, moved.to, moved.move.who, moved.move.why) == (1, 3, "ana", "better recall")
    model = client.get_registered_model("income")
    # It challenges no longer.
    assert list(model.aliases) == ["champion"]
    first, second = history(model)
    assert (first.kind, first.origin, first.to, first.why) == ("deploy", None, 1, None)
    assert second == moved.move
    assert second.kind == "promote"
    keys = sorted(key for key in model.tags if key.startswith("dsml.move."))
    # Keys that every store takes, in order of the moves.
    assert [json.loads(model.tags[key]) for key in keys] == [asdict(first), asdict(second)]
    for key, move in zip(keys, (first, second), strict=True):
        moment, _, unique = key.removeprefix("dsml.move.").rpartition(".")
        assert moment == move.when.removesuffix("+00:00").replace(":", "-")
        assert len(unique) == 6


def test_another_challenger_stays(client):
    client.set_registered_model_alias("income", "challenger", "3")
    dsml.promote("income", "2")
    dsml.rollback("income", to="1")
    client.set_registered_model_alias("income", "challenger", "1")
    dsml.promote("income", "4")
    # A rollback makes no challenger a champion for good.
    assert dsml.rollback("income", why="it is slow").move.why == "it is slow"
    assert sorted(client.get_registered_model("income").aliases) == ["challenger", "champion"]
    assert champion(client) == 1
    assert [move.kind for move in history(client.get_registered_model("income"))] == [
        "deploy",
        "promote",
        "rollback",
        "promote",
        "rollback",
    ]


def test_a_champion_is_not_made_champion(client):
    for move in (lambda: dsml.promote("income", "1"), lambda: dsml.rollback("income", to="1")):
        with pytest.raises(MoveRefused, match="Version 1 of 'income' is champion already"):
            move()
    assert len(history(client.get_registered_model("income"))) == 1


def test_a_rollback_goes_back(client):
    with pytest.raises(
        MoveRefused, match=r"an earlier champion of 'income', got none\. Name a version by --to"
    ):
        dsml.rollback("income")
    with pytest.raises(
        MoveRefused,
        match="a version earlier than 1 of 'income', got 2. Go forward by `dsml promote income 2`",
    ):
        dsml.rollback("income", to="2")
    dsml.promote("income", "2")
    dsml.promote("income", "4")
    moved = dsml.rollback("income")
    assert (moved.origin, moved.to, moved.name) == (4, 2, "income")
    assert dsml.rollback("income").to == champion(client) == 1


def test_a_rollback_without_a_champion_leads_to_the_last_one(client):
    dsml.promote("income", "3")
    client.delete_registered_model_alias("income", "champion")
    moved = dsml.rollback("income")
    assert (moved.origin, moved.to) == (None, 3)
    client.delete_registered_model_alias("income", "champion")
    assert dsml.rollback("income", to="4").to == 4


@pytest.mark.parametrize("move", [dsml.promote, lambda name, to: dsml.rollback(name, to=to)])
def test_what_is_not_registered_is_not_moved(client, move):
    with pytest.raises(ModelNotFound, match="No version '9' of 'income'. Versions: 1, 2, 3, 4"):
        move("income", "9")
    with pytest.raises(ModelNotFound, match="No package 'incom' .* Did you mean 'income'"):
        move("incom", "1")
    assert champion(client) == 1


def test_only_an_approver_sets_others(client, monkeypatch):
    set_approver(client, "income", " ana, bo ,")
    assert approvers(client.get_registered_model("income")) == ["ana", "bo"]
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "me")
    # Who deploys again with the same option changes nothing.
    set_approver(client, "income", "ana,bo")
    for wanted in ("me", "ana", ""):
        with pytest.raises(MoveRefused, match="Expected ana or bo"):
            set_approver(client, "income", wanted)
    with pytest.raises(MoveRefused, match="Expected ana or bo"):
        dsml.promote("income", "2")
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "bo")
    set_approver(client, "income", "cy")
    assert approvers(client.get_registered_model("income")) == ["cy"]


def test_a_ledger_in_which_nothing_can_be_written_is_named(client, workdir):
    with closing(sqlite3.connect("mlflow.db")) as ledger, ledger:
        ledger.execute(
            "CREATE TRIGGER full BEFORE INSERT ON registered_model_tags BEGIN SELECT RAISE(ABORT, 'disk is full'); END"
        )
    with pytest.raises(LedgerError, match=re.escape(f"sqlite:///{workdir}/mlflow.db")):
        dsml.promote("income", "2")
    assert champion(client) == 1
