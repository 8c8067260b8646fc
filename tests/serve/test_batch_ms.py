"""Requests that come within some milliseconds are answered together."""

import asyncio
import threading

import pytest
from served import ROW, ask, figure, ledger_of, records, serving

from dsml_magics.package.answering import Answerer
from dsml_magics.package.opening import open_package
from dsml_magics.serve.batching import Batching
from dsml_magics.serve.place import Place
from dsml_magics.serve.protocol.exchange import Rows
from dsml_magics.serve.version import load_version

pytestmark = pytest.mark.slow


def test_requests_are_answered_together_if_asked_for(ledger, server):
    with serving("income@1", batch_ms=300) as together:
        answers = []
        rows = [{**ROW, "age": age} for age in range(20, 60)]
        rows[7]["job"] = "spy"
        threads = [
            threading.Thread(
                target=lambda row=row: answers.append((row, ask(together, "/invocations", records(row))))
            )
            for row in rows
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for row, (status, _, body) in answers:
            other = ask(server, "/invocations", records(row))
            assert (status, body) == (other[0], other[2])
        # The first waited for the others as long as it was told to.
        labels = 'route="/invocations"'
        assert figure(together, "dsml_request_seconds_count", labels) == len(rows)
        assert figure(together, 'dsml_request_seconds_bucket{le="0.2"', labels) < len(rows)


def test_those_that_wait_are_answered_by_one_call(made, monkeypatch):
    with ledger_of(made.folder):
        package = open_package("income@1")
    version = load_version(Place(str(package.path), package.name, package.version, package.sealed))
    calls, answer = [], Answerer.answer
    monkeypatch.setattr(Answerer, "answer", lambda *given: calls.append(given[2]) or answer(*given))

    def rows_of(age):
        return Rows([[{**ROW, "age": age}[name]] for name in version.contract.names], 1)

    async def answered():
        batching = Batching(0.05)
        return await asyncio.gather(*(batching.answer(version, rows_of(age)) for age in range(20, 60)))

    found = asyncio.run(answered())
    assert calls == [40]
    for age, each in zip(range(20, 60), found, strict=True):
        assert each.predictions.tolist() == version.answer(rows_of(age)).predictions.tolist()
