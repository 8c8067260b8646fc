"""A process that scores parts: it is told of the package, then of parts, as Arrow, and answers with a pickled `Part` each."""

import json
import os
import pickle
import struct
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import SimpleQueue
from typing import IO, TYPE_CHECKING, Any

from dsml_magics.errors import DsmlError, ModelUnusable
from dsml_magics.package.value import Package
from dsml_magics.process.child import start
from dsml_magics.score.part import OnViolation, Part, score_part

if TYPE_CHECKING:
    import pyarrow as pa

_LENGTH = struct.Struct(">Q")


class Worker:
    """A process with the package loaded."""

    def __init__(self, package: Package, on_violation: OnViolation) -> None:
        self._process = start(
            "dsml_magics.score.worker",
            folder=os.getcwd(),  # noqa: PTH109  where this process works
            environment=os.environ,
            errors=2,
            loaded=("dsml_magics.package.opening",),
        )
        told = [str(package.path), package.uri, on_violation, package.sealed]
        # One that has ended is told of by `score`.
        with suppress(OSError):
            _put(self._process.stdin, json.dumps(told).encode())

    def score(self, rows: "pa.Table") -> Part:
        """Score a part there.

        Raises
        ------
        DsmlError
            What the package raised there.
        """
        import pyarrow as pa

        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, rows.schema) as stream:
            stream.write_table(rows)
        try:
            _put(self._process.stdin, sink.getvalue())
            answer = pickle.loads(_get(self._process.stdout))  # noqa: S301  our own process wrote it
        except (OSError, EOFError):
            raise ModelUnusable("A worker ended without a message: it may have run out of memory.") from None
        if isinstance(answer, DsmlError):
            raise answer
        return answer  # type: ignore[no-any-return]

    def close(self) -> None:
        """End the process, then close the pipes: a thread may still wait for what it says."""
        with suppress(DsmlError):
            # As long as it is not there it cannot be ended.
            if self._process.pid:
                self._process.kill()
            self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                pipe.close()


@contextmanager
def workers(count: int, package: Package, on_violation: OnViolation) -> "Iterator[Callable[[pa.Table], Any]]":
    """Give what scores a part in one of `count` processes and returns a future."""
    made = [Worker(package, on_violation) for _ in range(count)]
    free: SimpleQueue[Worker] = SimpleQueue()
    for worker in made:
        free.put(worker)

    def scored(rows: "pa.Table") -> Part:
        worker = free.get()
        try:
            return worker.score(rows)
        finally:
            free.put(worker)

    pool = ThreadPoolExecutor(count, thread_name_prefix="dsml-score")
    try:
        yield lambda rows: pool.submit(scored, rows)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        for worker in made:
            worker.close()


def main() -> None:
    """Score parts until the input ends."""
    import pyarrow as pa

    from dsml_magics.ledger.registry import Found
    from dsml_magics.package.opening import package_in

    out = os.fdopen(os.dup(1), "wb")
    # What a model prints must not stand among the answers.
    os.dup2(2, 1)
    if not (told := _next(sys.stdin.buffer)):
        return
    folder, uri, on_violation, sealed = json.loads(told)
    scorer = package_in(Found(Path(folder), uri, {"dsml.manifest_sha256": sealed})).load()
    while content := _next(sys.stdin.buffer):
        try:
            answer: Any = score_part(scorer, pa.ipc.open_stream(content).read_all(), on_violation)
        except DsmlError as error:
            answer = error
        _put(out, pickle.dumps(answer))


def _put(pipe: IO[bytes], content: Any) -> None:
    pipe.write(_LENGTH.pack(len(content)))
    pipe.write(content)
    pipe.flush()


def _get(pipe: IO[bytes]) -> bytes:
    if content := _next(pipe):
        return content
    raise EOFError


def _next(pipe: IO[bytes]) -> bytes:
    head = pipe.read(_LENGTH.size)
    return pipe.read(_LENGTH.unpack(head)[0]) if len(head) == _LENGTH.size else b""
