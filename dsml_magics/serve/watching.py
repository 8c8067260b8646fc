"""Notice that an alias has moved."""

import threading
from collections.abc import Callable

from dsml_magics.ledger.alias import try_version
from dsml_magics.ledger.registry import alias_in
from dsml_magics.serve.place import Place

_EVERY_S = 1.0


class Watch:
    """Looks, each second, whether a reference means another version.

    Parameters
    ----------
    moved
        Called in a thread of its own; it returns what is served then.
    """

    def __init__(self, reference: str, uri: str, place: Place, moved: Callable[[int], Place]) -> None:
        self._uri, self._place, self._moved = uri, place, moved
        self._refused: int | None = None
        self._end = threading.Event()
        self._alias = alias_in(reference)
        if self._alias is not None:
            threading.Thread(target=self._run, name="dsml-watch", daemon=True).start()

    def close(self) -> None:
        """Look no more."""
        self._end.set()

    def _run(self) -> None:
        name, alias = self._alias or ("", "")
        while not self._end.wait(_EVERY_S):
            number = try_version(self._uri, name, alias)
            if number is None or number in (self._place.number, self._refused):
                continue
            self._place = self._moved(number)
            # What could not be loaded is not tried again each second.
            self._refused = number if self._place.number != number else None
