"""Moves of the champion as values: how they read, in which order, where a rollback leads, and who may approve."""

import datetime as dt
import getpass
import json
from dataclasses import asdict
from types import SimpleNamespace

import pytest

from dsml_magics.errors import MoveRefused
from dsml_magics.ledger.moves import Move, approvers, before, history, now, require_approver, user
from dsml_magics.versions.moved import Moved

FIRST = Move("deploy", None, 1, "ana", "2026-01-02T03:04:05.000006+00:00", None)
SECOND = Move("promote", 1, 12, "bo", "2026-02-03T04:05:06.000007+00:00", "better recall")


def model(**tags):
    """A registered model, as far as MLflow's has tags."""
    return SimpleNamespace(name="income", tags={key.replace("_", "."): value for key, value in tags.items()})


def test_a_move_reads_as_a_line():
    assert str(FIRST) == "2026-01-02 03:04 UTC  deploy  version 1  by ana"
    assert str(SECOND) == "2026-02-03 04:05 UTC  promote  version 1 -> 12  by bo: better recall"


def test_a_champion_reads_as_a_line():
    first, second = Moved("income", FIRST), Moved("income", SECOND)
    assert str(first) == repr(first) == "income: version 1 is champion; by ana"
    assert str(second) == "income: version 12 is champion, was version 1; by bo (better recall)"
    assert (first.origin, first.to, second.origin, second.to) == (None, 1, 1, 12)


def test_moves_are_listed_by_when_they_were_made():
    found = model(
        dsml_move_b=json.dumps(asdict(FIRST)),
        dsml_move_a=json.dumps(asdict(SECOND)),
        dsml_approver="ana",
        other="x",
    )
    assert history(found) == [FIRST, SECOND]
    assert history(model()) == []


def moves(*steps):
    return [
        Move(kind, None, to, "ana", f"2026-01-{day + 1:02}T00:00:00", None)
        for day, (kind, to) in enumerate(steps)
    ]


D, P, R = "deploy", "promote", "rollback"


@pytest.mark.parametrize(
    ("steps", "current", "expected"),
    [
        ([], None, None),
        ([], 3, None),
        ([(D, 1)], 1, None),
        ([(D, 1), (P, 2), (P, 3)], 3, 2),
        ([(D, 1), (P, 2), (P, 3)], 2, 1),
        # Without a champion, or with one that no move made, the last that was.
        ([(D, 1), (P, 2)], None, 2),
        ([(D, 1), (P, 2)], 7, 2),
        # A rollback undoes what came after; the next one goes further back.
        ([(D, 1), (P, 2), (P, 3), (R, 2)], 2, 1),
        ([(D, 1), (P, 2), (P, 3), (P, 4), (R, 2), (P, 5)], 5, 2),
        # A rollback to what never was champion is a move like others.
        ([(D, 1), (P, 4), (R, 2)], 2, 4),
        # A version that is promoted again stands where it is now.
        ([(D, 1), (P, 2), (P, 1)], 1, 2),
        ([(D, 1), (P, 2), (P, 3), (P, 2)], 2, 3),
        ([(D, 1), (P, 2), (P, 2)], 2, 1),
    ],
)
def test_a_rollback_leads_to_what_was_champion_before(steps, current, expected):
    assert before(moves(*steps), current) == expected


def test_a_user_is_who_the_tracking_server_knows(monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "ana")
    assert user() == "ana"
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "")
    assert user() == getpass.getuser()
    monkeypatch.delenv("MLFLOW_TRACKING_USERNAME")
    monkeypatch.setenv("LOGNAME", "bo")
    assert user() == "bo"


@pytest.mark.parametrize("error", [OSError, KeyError])
def test_a_user_whom_the_machine_does_not_know_is_unknown(monkeypatch, error):
    """As in a container that runs under a number."""

    def fail():
        raise error

    monkeypatch.delenv("MLFLOW_TRACKING_USERNAME", raising=False)
    monkeypatch.setattr(getpass, "getuser", fail)
    assert user() == "unknown"


def test_moments_are_written_in_utc_with_microseconds():
    written = [now(), now()]
    read = [dt.datetime.fromisoformat(each) for each in written]
    assert all(each.endswith("+00:00") and len(each) == len(FIRST.when) for each in written)
    assert read[0] <= read[1] <= dt.datetime.now(dt.UTC)


def test_approvers_are_read_from_a_list():
    assert approvers(model()) == []
    assert approvers(model(dsml_approver=" ana ,bo,, ")) == ["ana", "bo"]
    assert approvers(model(dsml_approver="")) == []


def test_only_an_approver_goes_on(monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "bo")
    require_approver(model())
    require_approver(model(dsml_approver="ana, bo"))
    told = "Expected ana or cy to make a version of 'income' champion, but you are bo. Ask them"
    with pytest.raises(MoveRefused, match=told):
        require_approver(model(dsml_approver="ana,cy"))
