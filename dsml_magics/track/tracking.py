"""A tracked block: a context manager that leaves an MLflow run behind."""

import os
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from threading import Thread
from types import TracebackType
from typing import TYPE_CHECKING, Self

from dsml_magics.command.block import Block
from dsml_magics.ledger.record import SHORT_ID
from dsml_magics.track.notice import reason_of, show_notice

if TYPE_CHECKING:
    from dsml_magics.track.draft import Draft

ABOVE = "DSML_RUN"
"""Our id of the run that runs of this process are nested in, where another process made it."""
_PATIENCE_S = 180.0
"""MLflow makes a new ledger in many seconds."""
_above: "ContextVar[Tracking | None]" = ContextVar("dsml_tracking", default=None)


@dataclass(frozen=True)
class Choice:
    """What the user asked for; see `track`."""

    experiment: str | None = None
    params: Sequence[str] | None = None
    metrics: Sequence[str] | None = None
    nested: bool = False
    resume: str | None = None


class Tracking:
    """The run of a block of code, from its beginning to its end.

    What the block raises is never swallowed: the run ends as FAILED, with the traceback. What goes wrong in
    recording is said once and never reaches the block.
    """

    def __init__(self, name: str, choice: Choice, *, block: Block) -> None:
        self.name, self.choice, self.block = name, choice, block
        self._draft: Draft | None = None
        self._parent: Tracking | None = None

    @property
    def id(self) -> str | None:
        """MLflow's id of the run: waits until the run is there, and once the block has ended, until all of it is.

        Raises
        ------
        LedgerError
            The ledger is away or refused the run; it is kept on this machine.
        """
        return None if self._draft is None else self._draft.run_id(patience=_PATIENCE_S)

    @property
    def key(self) -> str | None:
        """Our own id of the run, known at once: the tag ``dsml.id``."""
        return None if self._draft is None else self._draft.id

    def __enter__(self) -> Self:
        from dsml_magics.track.draft import Draft

        self._parent = _above.get()
        self._stack = ExitStack()
        try:
            # A step of a job tells in the environment which run it is.
            above = self._parent.key if self._parent else os.environ.get(ABOVE)
            self._draft = Draft.begin(self.name, self.choice, self.block, parent=above)
            self._stack.enter_context(self._draft.watching())
        except Exception as error:  # noqa: BLE001  what goes wrong in recording never reaches the block
            self._draft = None
            _tell(self.name, error)
        _above.set(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Not reset by a token: a block of asynchronous code may end in another context.
        _above.set(self._parent)
        draft = self._draft
        if draft is None:
            return
        try:
            self._stack.close()
            draft.end(self.block.names(), error)
            for line in draft.notices():
                show_notice(line)
        except BaseException as failure:
            with suppress(OSError):
                draft.abandon(error)
            _tell(self.name, failure)
            if isinstance(failure, Exception):
                return  # a bug of ours must not cost the block its result
            raise
        # No daemon: a script that ends waits for it. What it looks at was set apart: the next cell may change it.
        Thread(target=_complete, args=(draft, self.name), name="dsml-track").start()

    def __repr__(self) -> str:
        return f"<Run {self.name!r} {self.key[:SHORT_ID] if self.key else 'not begun'}>"


def _complete(draft: "Draft", name: str) -> None:
    try:
        draft.complete()
    except Exception as failure:  # noqa: BLE001  as above
        _tell(name, failure)


def _tell(name: str, error: BaseException) -> None:
    show_notice(f"run {name!r} could not be recorded: {reason_of(error)}")
