"""Make another version champion."""

from typing import Any

from dsml_magics.errors import MoveRefused
from dsml_magics.ledger.failures import failures
from dsml_magics.ledger.moves import CHAMPION, before, history, move_champion, require_approver
from dsml_magics.ledger.registry import model_of, version_of
from dsml_magics.ledger.store import Ledger, open_ledger
from dsml_magics.versions.moved import Moved


def promoted(name: str, version: str, *, why: str | None) -> Moved:
    """Make a version champion.

    Raises
    ------
    ModelNotFound
        There is no such package or version.
    MoveRefused
        It is champion already, or somebody else has to approve.
    """
    ledger = open_ledger()
    model, _ = model_of(ledger, name)
    to = _number(ledger, name, version)
    require_approver(model)
    return _moved(ledger, model, to=to, why=why, kind="promote")


def rolled_back(name: str, *, to: str | None, why: str | None) -> Moved:
    """Make an earlier version champion again.

    It needs no approver: an earlier champion was approved once, and a fire does not wait.

    Raises
    ------
    ModelNotFound
        There is no such package or version.
    MoveRefused
        There is nothing earlier, or the version was never champion and somebody else has to approve it.
    """
    ledger = open_ledger()
    model, _ = model_of(ledger, name)
    moves, current = history(model), model.aliases.get(CHAMPION)
    if to is not None:
        number = _number(ledger, name, to)
        if current and number > int(current):
            raise MoveRefused(
                f"Expected a version earlier than {current} of {name!r}, got {number}. "
                f"Go forward by `dsml promote {name} {number}`."
            )
        if number not in {move.to for move in moves}:
            require_approver(model)
    else:
        earlier = before(moves, int(current) if current else None)
        if earlier is None:
            raise MoveRefused(f"Expected an earlier champion of {name!r}, got none. Name a version by --to.")
        number = _number(ledger, name, str(earlier))
    return _moved(ledger, model, to=number, why=why, kind="rollback")


def _number(ledger: Ledger, name: str, version: str) -> int:
    return int(version_of(ledger, f"{name}@{version}")[0].version)


def _moved(ledger: Ledger, model: Any, *, to: int, why: str | None, kind: Any) -> Moved:
    if str(model.aliases.get(CHAMPION)) == str(to):
        raise MoveRefused(f"Version {to} of {model.name!r} is champion already.")
    with failures(ledger.uri):
        return Moved(model.name, move_champion(ledger.client, model, to=to, why=why, kind=kind))
