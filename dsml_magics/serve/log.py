"""One line of JSON for each request: what happened to it, never what was in it."""

import asyncio
import sys
import time
from typing import Any, TextIO

import msgspec

_EVERY_S = 0.25


class Log:
    """Collects lines and writes them some times a second, as a system call each would cost more than the line."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = sys.stderr if out is None else out
        self._lines: list[dict[str, Any]] = []
        self._encode = msgspec.json.Encoder().encode

    def add(self, **what: Any) -> None:
        """Note an event."""
        self._lines.append({"time": round(time.time(), 3), **what})
        if len(self._lines) == 1:
            try:
                asyncio.get_running_loop().call_later(_EVERY_S, self.flush)
            except RuntimeError:
                self.flush()

    def flush(self) -> None:
        """Write what was noted."""
        lines, self._lines = self._lines, []
        if lines:
            self._out.write("".join(f"{self._encode(line).decode()}\n" for line in lines))
            self._out.flush()
