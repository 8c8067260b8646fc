"""Answer the rows of a request: by the version whose turn it is, within the limits, counted and recorded."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote

from dsml_magics.errors import DsmlError
from dsml_magics.package.answering import Answered
from dsml_magics.package.violation import Violation
from dsml_magics.serve.batching import Batching
from dsml_magics.serve.comparing import Comparing
from dsml_magics.serve.fleet import Fleet
from dsml_magics.serve.metrics import Metrics
from dsml_magics.serve.protocol.exchange import Refusal, Rows, require_rows, too_slow
from dsml_magics.serve.recording import Recorder
from dsml_magics.serve.settings import Settings
from dsml_magics.serve.version import Version

T = TypeVar("T")
_DETAILS = 100
_WORDS = {
    "range": "beyond the range",
    "category": "unknown categories",
    "type": "of another type",
    "missing": "missing",
}


@dataclass(frozen=True)
class Given:
    """What a request was answered with: predictions, and headers that warn."""

    predictions: Any
    warnings: Sequence[tuple[bytes, bytes]] = ()


class Answering:
    """Answers rows."""

    def __init__(self, fleet: Fleet, settings: Settings, metrics: Metrics, recorder: Recorder | None) -> None:
        self.fleet, self._limits, self._metrics, self._recorder = fleet, settings.limits, metrics, recorder
        self._pool = ThreadPoolExecutor(1, "dsml-rows")
        self._comparing = Comparing(ThreadPoolExecutor(1, "dsml-compare"), metrics)
        self._batching = Batching(settings.batch_ms / 1000) if settings.batch_ms else None

    async def answer(self, rows: Rows, version: Version) -> Given:
        """Answer rows by a version.

        Raises
        ------
        Refusal
            413 for too many rows, 422 if they break the contract, 504 if it takes too long, 500 if the model raised.
        """
        require_rows(rows.count, self._limits)
        try:
            answered = await self._answered(rows, version)
        except TimeoutError:
            raise too_slow(self._limits) from None
        except DsmlError:
            # Its words may hold values of the rows.
            raise Refusal(500, "The model could not answer these rows.") from None
        if not (answered.violations or rows.extra):
            self._done(rows, answered, version)
            return Given(answered.predictions)
        self._metrics.violations(answered.violations, version.label)
        self._metrics.more_columns(rows.extra, version.label)
        if answered.is_refused:
            raise _refusal(answered.violations)
        self._done(rows, answered, version)
        return Given(answered.predictions, _warnings(answered.violations, rows.extra))

    async def run_aside(self, function: Callable[[], T]) -> T:
        """Run a function in the thread for what takes longer than a moment, so that other requests need not wait."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, function)

    async def _answered(self, rows: Rows, version: Version) -> Answered:
        if rows.count <= version.at_once:
            if self._batching is not None and rows.tensor is None:
                return await asyncio.wait_for(self._batching.answer(version, rows), self._limits.seconds)
            return version.answer(rows)
        loop = asyncio.get_running_loop()
        return await asyncio.wait_for(
            loop.run_in_executor(self._pool, version.answer, rows), self._limits.seconds
        )

    def _done(self, rows: Rows, answered: Answered, version: Version) -> None:
        self._metrics.rows(rows.count, version.label)
        if self._recorder is not None and rows.tensor is None:
            self._recorder.add(version, answered.columns, answered.predictions)
        for other in self.fleet.others(version):
            self._comparing.compare(rows, answered.predictions, version, other)


def _refusal(violations: Sequence[Violation]) -> Refusal:
    refused = [violation for violation in violations if violation.refused]
    details = [
        {"row": row, "column": each.column, "expected": each.expected, "got": each.got}
        for each in refused
        for row in each.rows[:_DETAILS].tolist()
    ]
    details.sort(key=lambda detail: detail["row"])
    first, count = details[0], sum(len(each.rows) for each in refused)
    more = f", and {count - 1:,} more" if count > 1 else ""
    message = f"Expected {first['expected']} in column {first['column']!r}, got {first['got']} in row {first['row']}{more}."
    return Refusal(422, message, details=details[:_DETAILS])


def _warnings(violations: Sequence[Violation], extra: Sequence[str]) -> Sequence[tuple[bytes, bytes]]:
    said = [f"{len(each.rows)} {_WORDS[each.what]} in {quote(each.column)}" for each in violations[:20]]
    said += [f"extra column {quote(name[:100])} ignored" for name in extra[:20]]
    return [(b"x-dsml-warning", word.encode("ascii")) for word in said]
