"""Compare answers of two versions, behind the requests."""

from concurrent.futures import Executor
from typing import Any

from dsml_magics.errors import DsmlError
from dsml_magics.serve.metrics import Metrics
from dsml_magics.serve.protocol.exchange import Rows
from dsml_magics.serve.version import Version

_REQUESTS, _ROWS = 1000, 200_000
"""Requests, and their rows, that wait to be answered again; what comes beyond is left out, and counted."""


class Comparing:
    """Answers requests once more, by another version, and counts where it differs."""

    def __init__(self, pool: Executor, metrics: Metrics) -> None:
        self._pool, self._metrics = pool, metrics
        self._waiting = self._rows = 0

    def compare(self, rows: Rows, predictions: Any, version: Version, other: Version) -> None:
        """Have `other` answer what `version` has answered."""
        if self._waiting >= _REQUESTS or self._rows + rows.count > _ROWS:
            self._metrics.left_out(rows.count, "comparison")
            return
        self._waiting += 1
        self._rows += rows.count
        self._pool.submit(self._compare, rows, predictions, version, other)

    def _compare(self, rows: Rows, predictions: Any, version: Version, other: Version) -> None:
        try:
            found = other.answer(rows)
            differing = rows.count if found.is_refused else _differing(predictions, found.predictions)
        except DsmlError:
            differing = rows.count
        finally:
            self._waiting -= 1
            self._rows -= rows.count
        self._metrics.compared(rows.count, differing, version.label, other.label)


def _differing(ours: Any, theirs: Any) -> int:
    """Count rows whose answers differ."""
    import numpy as np

    left, right = np.asarray(ours), np.asarray(theirs)
    if left.shape != right.shape:
        return len(left)
    same = (left == right) | ((left != left) & (right != right))  # noqa: PLR0124  NaN
    return int(len(left) - same.reshape(len(left), -1).all(axis=1).sum())
