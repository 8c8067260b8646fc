"""Notice that an alias has moved, and try until what is served is what it names."""

import threading
import time
from collections.abc import Callable
from typing import Any

from dsml_magics.errors import DsmlError
from dsml_magics.ledger.alias import AliasReader, open_reader
from dsml_magics.ledger.registry import alias_in

_EVERY_S = 1.0
_LONGEST_S = 60.0
_PASSING = (DsmlError, OSError, ValueError, RuntimeError, MemoryError)
"""What may have passed at the next try, such as want of memory for a process or a thread, or its answer cut off."""


class Watch:
    """Looks, each second, whether a reference means another version than is served.

    Parameters
    ----------
    served
        Returns the number of the version that is served.
    serve
        Serves another version; raises a DsmlError if it cannot. It is called in a thread of its own, and again for the
        same version after 1, 2, 4, ... at most 60 seconds, as what went wrong may have passed.
    say
        Writes an event into the log.
    """

    def __init__(
        self,
        reference: str,
        uri: str,
        *,
        served: Callable[[], int | None],
        serve: Callable[[int], None],
        say: Callable[..., None],
    ) -> None:
        self._served, self._serve, self._say = served, serve, say
        self._end = threading.Event()
        self._trouble = ""
        self._refused: tuple[int, float, float] | None = None
        self._alias = alias_in(reference)
        if self._alias is not None:
            self._reader: AliasReader = open_reader(uri)
            threading.Thread(target=self._run, name="dsml-watch", daemon=True).start()

    def close(self) -> None:
        """Look no more."""
        self._end.set()
        if self._alias is not None:
            self._reader.close()

    def _run(self) -> None:
        while not self._end.wait(_EVERY_S):
            number = self._try_read()
            if number is not None and number != self._served() and self._is_due(number):
                self._follow(number)
        # It may have started a process after `close`.
        self._reader.close()

    def _try_read(self) -> int | None:
        """Return the version that the alias names; None, and a line in the log, if that cannot be found out."""
        name, alias = self._alias or ("", "")
        try:
            number = self._reader.read(name, alias)
        except _PASSING as error:
            if self._trouble != str(error) and not self._end.is_set():
                self._trouble = str(error)
                self._say(event="alias not followed", alias=alias, why=self._trouble)
            return None
        if self._trouble:
            self._trouble = ""
            self._say(event="alias followed again", alias=alias)
        return number

    def _is_due(self, number: int) -> bool:
        return self._refused is None or self._refused[0] != number or time.monotonic() >= self._refused[2]

    def _follow(self, number: int) -> None:
        try:
            self._serve(number)
        except _PASSING as error:
            known = self._refused is not None and self._refused[0] == number
            pause = min(2 * self._refused[1], _LONGEST_S) if self._refused and known else _EVERY_S
            self._refused = number, pause, time.monotonic() + pause
            event: dict[str, Any] = {"version": number, "why": str(error), "again_in_s": pause}
            self._say(event="swap refused", **event)
        else:
            self._refused = None
            self._say(event="swapped", version=number)
