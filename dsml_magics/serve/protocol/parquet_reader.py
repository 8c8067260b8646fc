"""Parquet read by a process of its own: a file may bring the reader down, and it may lie about what it becomes.

Run as a module this is that process. It reads requests from its standard input, a line of JSON and then the file, and
answers each with a line of JSON and, if all is well, a table as a stream of Arrow.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import Any

from dsml_magics.process.system import bound_memory, end
from dsml_magics.serve.protocol.exchange import Refusal, too_slow
from dsml_magics.serve.settings import Limits

_OWN_BYTES = 128 << 20
_ROOM = 4
"""How many times what is read may take the reader needs: the file decoded, in a table, and as a stream."""


class ParquetReader:
    """Reads files, one at a time, by another process, which is started by the first and replaced if it dies."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._process: subprocess.Popen[bytes] | None = None

    def read(self, body: bytes, names: Sequence[str]) -> tuple[list[str], Any]:
        """Read the columns with these names; return the names of all columns, and a table of those.

        Raises
        ------
        Refusal
            400 if it cannot be read, 413 if it is, or would become, too large, 504 if it takes too long.
        """
        import pyarrow as pa

        process = self._started()
        is_late = threading.Event()

        def stop() -> None:
            is_late.set()
            process.kill()

        timer, answer = threading.Timer(self._limits.seconds, stop), None
        timer.start()
        try:
            answer, content = _asked(process, body, {"names": list(names), "size": len(body)})
        except (OSError, ValueError):
            raise (too_slow(self._limits) if is_late.is_set() else _unreadable()) from None
        finally:
            timer.cancel()
            # It may be at it: from here on it ends no process, and one that it ended is asked nothing more.
            timer.join()
            if is_late.is_set() or answer is None:
                self.close()
        if "status" in answer:
            raise Refusal(answer["status"], answer["message"])
        return answer["names"], pa.ipc.open_stream(content).read_all()

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            end(self._process)
            self._process = None

    def _started(self) -> "subprocess.Popen[bytes]":
        if self._process is None or self._process.poll() is not None:
            words = [sys.executable, "-m", __name__, json.dumps([self._limits.body_mb, self._limits.rows])]
            # Its memory is bounded, so it must not take more than it needs from the start.
            env = {**os.environ, "ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_ARENA_MAX": "2"}
            self._process = subprocess.Popen(
                words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=env
            )
        return self._process


def _asked(process: "subprocess.Popen[bytes]", body: bytes, request: dict[str, Any]) -> tuple[Any, bytes]:
    sent, said = process.stdin, process.stdout
    if sent is None or said is None:
        raise ValueError("it has no pipes")
    sent.write(json.dumps(request).encode() + b"\n")
    sent.write(body)
    sent.flush()
    answer = json.loads(said.readline())
    size = answer.get("size", 0)
    content = said.read(size)
    if len(content) != size:
        raise ValueError("it ended")
    return answer, content


def _unreadable() -> Refusal:
    return Refusal(400, "Expected a Parquet file, but it cannot be read.")


def main() -> None:
    """Read files until the other end is closed."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    body_mb, rows = json.loads(sys.argv[1])
    limits = Limits(body_mb=body_mb, rows=rows)
    import pyarrow.parquet  # noqa: F401  before memory is bounded

    bound_memory(_OWN_BYTES + _ROOM * limits.read_bytes)
    while line := sys.stdin.buffer.readline():
        request = json.loads(line)
        answer, content = _answer(sys.stdin.buffer.read(request["size"]), request["names"], limits)
        out.write(json.dumps(answer).encode() + b"\n")
        out.write(content)
        out.flush()


def _answer(body: bytes, names: Sequence[str], limits: Limits) -> tuple[dict[str, Any], bytes]:
    try:
        found, content = _read(body, names, limits)
    except Refusal as refusal:
        return _refused(refusal)
    except MemoryError:
        return _refused(Refusal(413, "Expected a smaller Parquet file. Send fewer rows at a time."))
    except Exception:  # noqa: BLE001  its words may hold values of the file
        return _refused(_unreadable())
    return {"names": found, "size": len(content)}, content


def _refused(refusal: Refusal) -> tuple[dict[str, Any], bytes]:
    return {"status": refusal.status, "message": refusal.message}, b""


def _read(body: bytes, names: Sequence[str], limits: Limits) -> tuple[list[str], bytes]:
    import pyarrow as pa

    from dsml_magics.serve.protocol.parquet import read_parquet

    found, table = read_parquet(body, names, limits)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return found, sink.getvalue().to_pybytes()


if __name__ == "__main__":
    main()
