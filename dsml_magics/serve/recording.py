"""Record what was asked and answered: as profiles of windows of time, never as rows."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dsml_magics.package.window import Window
from dsml_magics.serve.metrics import Metrics
from dsml_magics.serve.version import Version

_EVERY_S = 5.0
_PART = 50_000
"""Rows that are profiled together: fewer would cost more each."""
_HELD = 100_000
"""Rows that wait to be profiled; what comes beyond is left out, and counted."""
_REST = 19
"""How much longer than it works the thread rests: a twentieth of the time at most is taken from the requests."""


@dataclass
class _Held:
    """What waits for one version and window: values by column, not by request, or the collector of garbage would have
    some ten thousand lists to look after.
    """

    version: Version
    columns: list[list[Any]]
    predictions: list[Any] = field(default_factory=list)
    rows: int = 0


class Recorder:
    """Profiles requests in a thread of its own, some thousand rows at a time."""

    def __init__(self, folder: Path, seconds: int, metrics: Metrics) -> None:
        self._folder, self._seconds, self._metrics = folder, seconds, metrics
        self._held: dict[tuple[str, int], _Held] = {}
        self._rows = 0
        self._end, self._full = threading.Event(), threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="dsml-record", daemon=True)
        self._thread.start()

    def add(self, version: Version, columns: Sequence[Sequence[Any]], predictions: Any) -> None:
        """Take note of rows; it costs no more than that."""
        count = len(predictions)
        if self._rows > _HELD:
            self._metrics.left_out(count, "window")
            return
        with self._lock:
            held = self._of(version)
            for values, more in zip(held.columns, columns, strict=True):
                values.extend(more)
            held.predictions.append(predictions)
            held.rows += count
            self._rows += count
        if self._rows > _PART:
            self._full.set()

    def _of(self, version: Version) -> _Held:
        key = (version.place.sealed, int(time.time() // self._seconds))
        if key not in self._held:
            self._held[key] = _Held(version, [[] for _ in version.contract.columns])
        return self._held[key]

    def close(self) -> None:
        """Write what is left."""
        self._end.set()
        self._full.set()
        self._thread.join(30)

    def _run(self) -> None:
        while not self._end.is_set():
            self._full.wait(_EVERY_S)
            self._full.clear()
            begun = time.thread_time()
            self._flush()
            self._end.wait(_REST * (time.thread_time() - begun))
        self._flush()

    def _flush(self) -> None:
        """Profile what waits, by version and window."""
        with self._lock:
            parts, self._held, self._rows = self._held, {}, 0
        for (_, number), held in parts.items():
            place = held.version.place
            window = Window(place.name, place.number, number * self._seconds, self._seconds)
            try:
                window.add(self._folder, _table(held))
            except Exception as error:  # noqa: BLE001  a full disk must not stop the server
                self._metrics.left_out(held.rows, f"window: {type(error).__name__}")


def _table(held: _Held) -> Any:
    """Put requests together into one table, with what was predicted."""
    import numpy as np
    import pyarrow as pa

    from dsml_magics.package.case import plain

    names = held.version.contract.names
    table = {name: pa.array(values) for name, values in zip(names, held.columns, strict=True)}
    answers = plain(np.concatenate(held.predictions))
    if answers.ndim == 1:
        table["prediction" if "prediction" not in table else "prediction_"] = pa.array(answers)
    return pa.table(table)
