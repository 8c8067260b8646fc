"""Bombs, floods and altered bytes against a real `dsml serve`: every request is answered or cut off, and memory is bounded."""

import http.client
import io
import json
import os
import random
import re
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import psutil

Outcome = tuple[str, bool, str]
JSON, CSV, PARQUET = "application/json", "text/csv", "application/vnd.apache.parquet"
ROW = {"age": 31, "job": "clerk", "hours": 38.5}
BODY_BYTES = 32_000_000
MOST_MB = 1024
"""What requests may take beside the model with the default limits, as README says: 32 times the largest body."""
REFUSED = (400, 413, 415, 422, 504)
"""504: on a slow machine what is large but not too large may take longer than `--max-seconds`."""
HEAD_BYTES = 512
"""Length of the JSON before tensors in bytes, filled up with spaces."""
INVOKE, INFER = "/invocations", "/v2/models/income/infer"


def attack() -> Iterator[Outcome]:
    """Make a package, serve it and besiege it."""
    with tempfile.TemporaryDirectory(prefix="dsml-attack-") as folder, serving(Path(folder)) as (port, pid):
        yield from besiege(port, pid)
        yield from flip(port)


def besiege(port: int, pid: int) -> Iterator[Outcome]:
    """Send all bombs and floods to the server on a port; `pid` is its only worker."""
    rest = peak_mb(pid)
    for what, (path, kind, make) in BOMBS.items():
        forget_peak(pid)
        body = make()
        begun = time.monotonic()
        status = post(port, path, body, kind)
        more, seconds = peak_mb(pid) - rest, time.monotonic() - begun
        yield (
            what,
            status in REFUSED and more < MOST_MB,
            f"{status}, {more:4.0f} MB, {seconds:5.1f} s",
        )
    for what, flood in FLOODS.items():
        forget_peak(pid)
        begun = time.monotonic()
        seen = flood(port)
        more, seconds = peak_mb(pid) - rest, time.monotonic() - begun
        yield what, seen is not None and more < MOST_MB, f"{seen}, {more:4.0f} MB, {seconds:5.1f} s"
    status = post(port, INVOKE, json.dumps({"dataframe_records": [ROW]}).encode(), JSON)
    yield "a row after all that", status == 200, str(status)


def repeated(start: bytes, part: bytes, end: bytes) -> bytes:
    """Fill the largest body with a part."""
    return start + part * ((BODY_BYTES - len(start) - len(end)) // len(part) - 1) + end


def parquet(columns: Mapping[str, object], **how: object) -> bytes:
    import pyarrow as pa
    from pyarrow import parquet as pq

    file = io.BytesIO()
    pq.write_table(pa.table(columns), file, compression="zstd", **how)
    return file.getvalue()


def constants(rows: int, job: str = "clerk") -> bytes:
    import pyarrow as pa

    words = pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, "int32")), pa.array([job]))
    return parquet({"age": np.full(rows, 31), "job": words, "hours": np.full(rows, 38.5)}, store_schema=False)


def wide() -> bytes:
    return parquet({f"c{number}": [1] for number in range(20_000)})


def numbers_in_bytes() -> bytes:
    count = 15_000_000
    given = {
        "name": "more",
        "shape": [count],
        "datatype": "UINT16",
        "parameters": {"binary_data_size": 2 * count},
    }
    return (
        json.dumps({"inputs": [given]}).encode().ljust(HEAD_BYTES)
        + np.full(count, 40_000, "uint16").tobytes()
    )


def tensor(shape: str, data: bytes = b"[1]") -> bytes:
    return (
        b'{"inputs":[{"name":"age","datatype":"INT64","shape":' + shape.encode() + b',"data":' + data + b"}]}"
    )


BOMBS: Mapping[str, tuple[str, str, Callable[[], bytes]]] = {
    "Parquet: 10M rows of constants": (INVOKE, PARQUET, lambda: constants(10_000_000)),
    "Parquet: one text of 1 MB in 100,000 rows": (
        INVOKE,
        PARQUET,
        lambda: constants(100_000, "x" * 1_000_000),
    ),
    "Parquet: 20,000 columns": (INVOKE, PARQUET, wide),
    "Parquet: a footer of 4 GB, so it says": (INVOKE, PARQUET, lambda: b"PAR1" + b"\xff" * 4 + b"PAR1"),
    "CSV: 32M columns": (INVOKE, CSV, lambda: repeated(b"\n", b",", b"\n1")),
    "CSV: 10M rows": (INVOKE, CSV, lambda: repeated(b"age\n", b"31\n", b"")),
    "CSV: 32M gaps": (INVOKE, CSV, lambda: repeated(b"age,job\n", b",\n", b"")),
    "JSON: 10M empty lists": (
        INVOKE,
        JSON,
        lambda: repeated(b'{"dataframe_split":{"data":[', b"[],", b"[]]}}"),
    ),
    "JSON: 10M empty objects": (INVOKE, JSON, lambda: repeated(b'{"dataframe_records":[', b"{},", b"{}]}")),
    "JSON: 4M objects of one key": (INVOKE, JSON, lambda: repeated(b'{"instances":[', b'{"":0},', b"{}]}")),
    "JSON: lists 500 deep, again and again": (
        INVOKE,
        JSON,
        lambda: repeated(b'{"inputs":[', b"[" * 500 + b"]" * 500 + b",", b"[]]}"),
    ),
    "JSON: 16M lists in each other": (INVOKE, JSON, lambda: b"[" * 16_000_000),
    "JSON: 10M numbers": (INVOKE, JSON, lambda: repeated(b'{"inputs":{"age":[', b"-6,", b"1]}}")),
    "JSON: 6M texts": (INVOKE, JSON, lambda: repeated(b'{"inputs":{"job":[', b'"ab",', b'"ab"]}}')),
    "JSON: 10M NaN": (INVOKE, JSON, lambda: repeated(b'{"inputs":{"age":[', b"NaN,", b"1]}}")),
    "JSON: 2M keys": (
        INVOKE,
        JSON,
        lambda: b'{"inputs":{"x":{' + b",".join(b'"%d":1' % number for number in range(2_000_000)) + b"}}}",
    ),
    "V2: a shape of 100,000 dimensions": (
        INFER,
        JSON,
        lambda: tensor(str([9223372036854775807] * 100_000)),
    ),
    "V2: a shape whose product has thousands of digits": (
        INFER,
        JSON,
        lambda: tensor(str([2**62] * 1000)),
    ),
    "V2: a shape of a number of 4,000 digits": (INFER, JSON, lambda: tensor(f"[{'9' * 4000}]")),
    "V2: 15M numbers of two bytes": (INFER, "binary", numbers_in_bytes),
    "V2: data 900 deep": (INFER, JSON, lambda: tensor("[1]", b"[" * 900 + b"1" + b"]" * 900)),
    "gzip: a content encoding": (INVOKE, "gzip", lambda: b"\x1f\x8b" + bytes(1000)),
}


def post(port: int, path: str, body: bytes, kind: str) -> int:
    """Send a body; return the status, 0 if the connection was cut."""
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    headers = {"Content-Type": kind}
    if kind == "binary":
        headers = {
            "Content-Type": "application/octet-stream",
            "Inference-Header-Content-Length": str(HEAD_BYTES),
        }
    if kind == "gzip":
        headers = {"Content-Type": JSON, "Content-Encoding": "gzip"}
    try:
        client.request("POST", path, body, headers)
        return client.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        client.close()


def stream(start: bytes, part: bytes, most: int = 1 << 30) -> Callable[[int], str | None]:
    """Make a flood: a start, then a part again and again until the server closes; None if it takes all of it."""

    def flood(port: int) -> str | None:
        client, sent = socket.create_connection(("127.0.0.1", port), timeout=60), 0
        with client:
            try:
                client.sendall(start)
                while sent < most:
                    client.sendall(part)
                    sent += len(part)
            except OSError:
                return f"closed after {sent / 1e6:.1f} MB"
        return None

    return flood


def pipelined(port: int) -> str | None:
    """Ask many times at once by many connections, and read nothing."""
    clients = [socket.create_connection(("127.0.0.1", port), timeout=60) for _ in range(100)]
    for client in clients:
        client.setblocking(False)
        with suppress(OSError):
            client.send(b"GET / HTTP/1.1\r\n\r\n" * 14_000)
    alive = post(port, INVOKE, json.dumps({"dataframe_records": [ROW]}).encode(), JSON)
    for client in clients:
        client.close()
    return str(alive) if alive == 200 else None


def unfinished(port: int) -> str | None:
    """Send thirty large bodies but for their last byte."""
    clients = []
    for _ in range(30):
        client = socket.create_connection(("127.0.0.1", port), timeout=60)
        clients.append(client)
        with suppress(OSError):
            head = f"POST {INVOKE} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {JSON}\r\nContent-Length: {BODY_BYTES}"
            client.sendall(head.encode() + b"\r\n\r\n" + b" " * (BODY_BYTES - 1))
    alive = post(port, INVOKE, json.dumps({"dataframe_records": [ROW]}).encode(), JSON)
    for client in clients:
        client.close()
    return str(alive) if alive == 200 else None


_CHUNKED = f"POST {INVOKE} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {JSON}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
FLOODS: Mapping[str, Callable[[int], str | None]] = {
    "header lines without end": stream(b"GET / HTTP/1.1\r\nHost: localhost\r\n", b"a: b\r\n" * 10_000),
    "one header without end": stream(b"GET / HTTP/1.1\r\nHost: localhost\r\na: ", b"b" * 60_000),
    "a name of a header without end": stream(b"GET / HTTP/1.1\r\n", b"b" * 60_000),
    "an address without end": stream(b"GET /", b"b" * 60_000),
    "trailers without end": stream(_CHUNKED + b"1\r\n \r\n0\r\n", b"a: b\r\n" * 10_000),
    "one trailer without end": stream(_CHUNKED + b"1\r\n \r\n0\r\na: ", b"b" * 60_000),
    "an extension of a chunk without end": stream(_CHUNKED + b"1;", b"b" * 60_000),
    "chunks without end": stream(_CHUNKED, b"ffff\r\n" + b" " * 0xFFFF + b"\r\n"),
    "1.4M requests at once by 100 connections": pipelined,
    "30 bodies of 32 MB that do not end": unfinished,
}


def flip(port: int, rounds: int = 200) -> Iterator[Outcome]:
    """Send valid bodies of each form with one byte altered."""
    rng = random.Random(0)
    for what, (path, kind, body) in sound().items():
        statuses: dict[int, int] = {}
        for _ in range(rounds):
            content = bytearray(body)
            content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
            status = post(port, path, bytes(content), kind)
            statuses[status] = statuses.get(status, 0) + 1
        bad = sum(count for status, count in statuses.items() if not 200 <= status < 500 and status != 504)
        yield f"{what}: {rounds} altered bytes", bad == 0, json.dumps(statuses, sort_keys=True)


def sound() -> Mapping[str, tuple[str, str, bytes]]:
    """Return a body of each form."""
    row = [
        ("age", "INT64", struct.pack("<q", 31)),
        ("job", "BYTES", struct.pack("<I", 5) + b"clerk"),
        ("hours", "FP64", struct.pack("<d", 38.5)),
    ]
    inputs = [
        {"name": name, "shape": [1], "datatype": kind, "parameters": {"binary_data_size": len(content)}}
        for name, kind, content in row
    ]
    head = json.dumps({"inputs": inputs}).encode().ljust(HEAD_BYTES)
    binary = head + b"".join(content for _, _, content in row)
    plain = [{"name": name, "shape": [1], "datatype": kind, "data": [ROW[name]]} for name, kind, _ in row]
    columns = {name: [value] * 5 for name, value in ROW.items()}
    return {
        "JSON": (INVOKE, JSON, json.dumps({"dataframe_records": [ROW]}).encode()),
        "CSV": (INVOKE, CSV, b"age,job,hours\n" + b"31,clerk,38.5\n" * 5),
        "Parquet": (INVOKE, PARQUET, parquet(columns)),
        "V2": (INFER, JSON, json.dumps({"inputs": plain}).encode()),
        "V2 in bytes": (INFER, "binary", binary),
    }


def peak_mb(pid: int) -> float:
    """Return the most memory a process had since `forget_peak`, or has, where the system does not say."""
    try:
        text = Path(f"/proc/{pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+)", text)[1]) / 1024
    except OSError:
        return psutil.Process(pid).memory_info().rss / 1e6


def forget_peak(pid: int) -> None:
    with suppress(OSError):
        Path(f"/proc/{pid}/clear_refs").write_text("5")


@contextmanager
def serving(folder: Path) -> Iterator[tuple[int, int]]:
    """Serve a package by the shell command; give the port and the id of its worker."""
    import pandas as pd
    from sklearn.compose import make_column_transformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    os.environ["MLFLOW_TRACKING_URI"] = f"sqlite:///{folder}/mlflow.db"
    import dsml_magics as dsml

    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "age": rng.integers(17, 90, 500),
            "job": rng.choice(["clerk", "smith"], 500),
            "hours": rng.normal(40, 8, 500),
        }
    )
    encode = make_column_transformer((OneHotEncoder(sparse_output=False), ["job"]), remainder="passthrough")
    model = make_pipeline(encode, LogisticRegression(max_iter=1000)).fit(frame, frame.age > 45)
    dsml.deploy(model, name="income", data=frame)
    words = [sys.executable, "-m", "dsml_magics.command.cli", "serve", "income@1", "--max-seconds", "30"]
    process = subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=folder
    )
    try:
        port = int(re.search(r"127\.0\.0\.1:(\d+)", process.stdout.readline())[1])
        (worker,) = (
            each for each in psutil.Process(process.pid).children() if "worker" in " ".join(each.cmdline())
        )
        yield port, worker.pid
    finally:
        process.terminate()
        process.wait(60)
