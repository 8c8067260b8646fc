"""Answer small requests together that come within a moment."""

import asyncio
from dataclasses import dataclass

from dsml_magics.package.answering import Answered
from dsml_magics.serve.protocol.exchange import Rows
from dsml_magics.serve.version import Version

_ROWS = 1024


@dataclass
class _Waiting:
    rows: Rows
    future: "asyncio.Future[Answered]"


class Batching:
    """Collects requests for one version at a time.

    Parameters
    ----------
    seconds
        How long the first of them waits for others.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._waiting: dict[int, tuple[Version, list[_Waiting]]] = {}

    async def answer(self, version: Version, rows: Rows) -> Answered:
        """Answer rows, together with what others ask of this version meanwhile."""
        loop = asyncio.get_running_loop()
        key = id(version)
        if key not in self._waiting:
            self._waiting[key] = (version, [])
            loop.call_later(self._seconds, self._flush, key)
        waiting = _Waiting(rows, loop.create_future())
        requests = self._waiting[key][1]
        requests.append(waiting)
        if sum(each.rows.count for each in requests) >= _ROWS:
            self._flush(key)
        return await waiting.future

    def _flush(self, key: int) -> None:
        if key not in self._waiting:
            return
        version, requests = self._waiting.pop(key)
        columns = [
            [value for each in requests for value in each.rows.columns[at]]
            for at in range(len(version.contract.columns))
        ]
        try:
            together = version.answer(Rows(columns, sum(each.rows.count for each in requests)))
        except Exception:  # noqa: BLE001  one of them is at fault: each is answered by itself
            together = None
        if together is None or together.violations:
            for each in requests:
                _settle(version, each)
            return
        start = 0
        for each in requests:
            stop = start + each.rows.count
            part = [column[start:stop] for column in together.columns]
            if not each.future.done():
                each.future.set_result(Answered(together.predictions[start:stop], (), part))
            start = stop


def _settle(version: Version, waiting: _Waiting) -> None:
    if waiting.future.done():
        return
    try:
        waiting.future.set_result(version.answer(waiting.rows))
    except Exception as error:  # noqa: BLE001  it is the request's
        waiting.future.set_exception(error)
