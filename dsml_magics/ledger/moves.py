"""Moves of the champion: who made which version it, when and why. Written down with the registered model, for good."""

import datetime as dt
import getpass
import json
import os
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from dsml_magics.errors import MoveRefused

CHAMPION, CHALLENGER = "champion", "challenger"
_MOVE, _APPROVER = "dsml.move.", "dsml.approver"
Kind = Literal["deploy", "promote", "rollback"]


@dataclass(frozen=True)
class Move:
    """The champion of a name became another version.

    Attributes
    ----------
    origin
        The version that was champion; None for the first.
    when
        In UTC, as ISO text.
    """

    kind: Kind
    origin: int | None
    to: int
    who: str
    when: str
    why: str | None

    def __str__(self) -> str:
        came = f"version {self.origin} -> {self.to}" if self.origin else f"version {self.to}"
        why = f": {self.why}" if self.why else ""
        return f"{self.when[:16].replace('T', ' ')} UTC  {self.kind}  {came}  by {self.who}{why}"


def user() -> str:
    """Name who is at work: as the tracking server knows them, else as the machine does."""
    if named := os.environ.get("MLFLOW_TRACKING_USERNAME"):
        return named
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


def now() -> str:
    """Return the moment, as it is written down."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="microseconds")


def record(client: Any, name: str, move: Move) -> str:
    """Write a move down; return its key."""
    key = f"{_MOVE}{move.when}.{uuid.uuid4().hex[:6]}".replace("+00:00", "").replace(":", "-")
    client.set_registered_model_tag(name, key, json.dumps(asdict(move)))
    return key


def history(model: Any) -> list[Move]:
    """List the moves of a registered model, the first one first."""
    found = [Move(**json.loads(value)) for key, value in model.tags.items() if key.startswith(_MOVE)]
    return sorted(found, key=lambda move: move.when)


def before(moves: Sequence[Move], current: int | None) -> int | None:
    """Find the version to go back to: what was champion before the current one, rollbacks undone.

    Examples
    --------
    >>> moves = [Move("deploy", None, 1, "a", "1", None), Move("promote", 1, 2, "a", "2", None)]
    >>> before(moves, 2), before(moves, 1)
    (1, None)
    """
    champions: list[int] = []
    for move in moves:
        if move.kind == "rollback" and move.to in champions:
            champions = champions[: champions.index(move.to) + 1]
        else:
            champions = [each for each in champions if each != move.to] + [move.to]
    if current in champions:
        champions = champions[: champions.index(current)]
    return champions[-1] if champions else None


def approvers(model: Any) -> list[str]:
    """List who alone may promote; nobody in particular if empty."""
    return [name.strip() for name in str(model.tags.get(_APPROVER, "")).split(",") if name.strip()]


def require_approver(model: Any) -> None:
    """Refuse to go on if somebody else has to approve.

    Raises
    ------
    MoveRefused
        With who may.
    """
    allowed = approvers(model)
    if allowed and user() not in allowed:
        raise MoveRefused(
            f"Expected {' or '.join(allowed)} to make a version of {model.name!r} champion, but you are {user()}. "
            "Ask them."
        )


def set_approver(client: Any, name: str, approver: str) -> None:
    """Set who alone may promote.

    Raises
    ------
    MoveRefused
        Somebody else has to agree: an approver that is set already.
    """
    model = client.get_registered_model(name)
    wanted = [each.strip() for each in approver.split(",") if each.strip()]
    if approvers(model) == wanted:
        return
    require_approver(model)
    client.set_registered_model_tag(name, _APPROVER, ",".join(wanted))


def move_champion(client: Any, model: Any, *, to: int, why: str | None, kind: Kind) -> Move:
    """Make a version champion, and write that down."""
    origin = model.aliases.get(CHAMPION)
    move = Move(kind, int(origin) if origin else None, to, user(), now(), why)
    # The record first: a champion that nobody can account for would be worse than a record too many.
    key = record(client, model.name, move)
    try:
        client.set_registered_model_alias(model.name, CHAMPION, str(to))
    except BaseException:
        client.delete_registered_model_tag(model.name, key)
        raise
    if kind == "promote" and str(model.aliases.get(CHALLENGER)) == str(to):
        client.delete_registered_model_alias(model.name, CHALLENGER)
    return move
