"""What a request costs beside other servers, all started at once and asked in turn.

    python benchmarks/serve.py [row] [rows] [many] [soak] [busy] [--rounds N] [--peers FOLDER] [--only mlflow,vetiver]

One model for all: one-hot, passthrough and HistGradientBoosting of 100 trees on 13 columns, OMP_NUM_THREADS=1. CPU is that
of all processes of a server, memory what these would give back (USS). Peers are installed into environments of their own
below `--peers`, once. `row`: one row by one connection. `rows`: 1000 rows. `many`: 16 connections. `soak`: a minute with
ten swaps of the version. `busy`: OpenMP's default threads while all cores are at work.
"""

import argparse
import asyncio
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

# Files beside this one are called as modules of Python are.
sys.path.pop(0)

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import psutil
import uvloop

PARTS = ("row", "rows", "many", "soak", "busy")
PEERS = {"vetiver": ["vetiver"], "bentoml": ["bentoml"], "mlserver": ["mlserver", "mlserver-sklearn"]}


def table(rows: int) -> "pandas.DataFrame":  # noqa: F821  imported below
    import pandas as pd

    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            **{f"n{at}": rng.normal(size=rows).round(3) for at in range(5)},
            "age": rng.integers(17, 90, rows),
            **{f"c{at}": rng.choice([f"value {n}" for n in range(3 + 2 * at)], rows) for at in range(7)},
        }
    )


def fitted() -> tuple:
    from sklearn.compose import make_column_transformer
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    frame = table(20_000)
    target = (frame.n0 + (frame.c0 == "value 1") + frame.age / 50 > 1).astype(int)
    text = [name for name in frame if name.startswith("c")]
    encode = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), text), remainder="passthrough"
    )
    # As many trees for every run: stopping early would make it a lighter model.
    model = make_pipeline(encode, HistGradientBoostingClassifier(max_iter=100, early_stopping=False))
    return model.fit(frame, target), frame


@dataclass
class Request:
    """Bytes to send, and how to know that they were answered."""

    path: str
    body: bytes

    def bytes(self) -> bytes:
        head = f"POST {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        return f"{head}Content-Length: {len(self.body)}\r\n\r\n".encode() + self.body


@dataclass
class Server:
    """A server that runs: its processes, and how it is asked for rows."""

    name: str
    port: int
    pid: int
    split: bool = True
    path: str = "/invocations"
    form: str = "split"

    def request(self, frame: "pandas.DataFrame") -> Request:  # noqa: F821
        return Request(self.path, json.dumps(_BODIES[self.form](frame)).encode())

    def processes(self) -> list[psutil.Process]:
        root = psutil.Process(self.pid)
        return [root, *root.children(recursive=True)]

    def cpu(self) -> float:
        return sum(sum(process.cpu_times()[:2]) for process in self.processes())

    def memory(self) -> float:
        return sum(process.memory_full_info().pss for process in self.processes()) / 1e6


_TYPES = {"i": "INT64", "f": "FP64", "O": "BYTES"}


def _tensors(frame: "pandas.DataFrame") -> dict:  # noqa: F821
    kinds = {name: {"i": "INT64", "f": "FP64"}.get(frame[name].dtype.kind, "BYTES") for name in frame}
    inputs = [
        {
            "name": name,
            "shape": [len(frame), 1],
            "datatype": kind,
            "data": frame[name].tolist(),
            **({"parameters": {"content_type": "str"}} if kind == "BYTES" else {}),
        }
        for name, kind in kinds.items()
    ]
    return {"parameters": {"content_type": "pd"}, "inputs": inputs}


_BODIES = {
    "split": lambda frame: {
        "dataframe_split": {"columns": list(frame), "data": frame.to_numpy(object).tolist()}
    },
    "records": lambda frame: frame.to_dict("records"),
    "rows": lambda frame: {"rows": frame.to_dict("records")},
    "tensors": _tensors,
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_ready(port: int) -> bool:
    """Whether a server answers; those that know no ``/ping`` do once they accept a connection."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as probe:
            probe.sendall(b"GET /ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            return not probe.recv(100).startswith(b"HTTP/1.1 503")
    except OSError:
        return False


@contextmanager
def running(
    words: Sequence[str], *, cwd: Path, env: Mapping[str, str], port: int, log: Path
) -> "Iterator[int]":  # noqa: F821
    """Run a server until it is done with; give its process id once it accepts connections."""
    with log.open("w") as out:
        process = subprocess.Popen(
            [str(word) for word in words],
            cwd=cwd,
            env={**os.environ, **env},
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    try:
        until = time.monotonic() + 120
        while True:
            if process.poll() is not None or time.monotonic() > until:
                raise SystemExit(f"{words[0]} did not start: {log.read_text()[-800:]}")
            if is_ready(port):
                break
            time.sleep(0.1)
        yield process.pid
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


def environment(name: str, folder: Path) -> Path:
    """Return the folder of programs of a peer's environment, made once."""
    import sklearn

    home = folder / name
    if not (home / "made").exists():
        print(f"installing {name} into {home}", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", home], check=True)
        words = [*PEERS[name], f"scikit-learn=={sklearn.__version__}", "pandas"]
        subprocess.run([home / "bin" / "python", "-m", "pip", "install", "--quiet", *words], check=True)
        (home / "made").touch()
    return home / "bin"


_VETIVER = """
import joblib, pandas as pd, sys
from vetiver import VetiverAPI, VetiverModel
rows = pd.read_csv("rows.csv")
VetiverAPI(VetiverModel(joblib.load("model.joblib"), "income", prototype_data=rows.head(50))).run(
    port=int(sys.argv[1]), log_level="error")
"""
_BENTOML = """
import bentoml, joblib, pandas as pd

@bentoml.service(workers=1)
class Income:
    def __init__(self):
        self.model = joblib.load("model.joblib")

    @bentoml.api
    def predict(self, rows: list) -> list:
        return self.model.predict(pd.DataFrame(rows)).tolist()
"""


def start(name: str, work: Path, peers: Path, stack: ExitStack, env: Mapping[str, str]) -> Server:
    port = free_port()
    programs = Path(sys.executable).parent
    ledger = {
        "MLFLOW_TRACKING_URI": f"sqlite:///{work}/mlflow.db",
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
    }

    def up(words: Sequence[str], more: Mapping[str, str] | None = None) -> int:
        log = work / f"{name}-{port}.log"
        return stack.enter_context(running(words, cwd=work, env={**env, **(more or {})}, port=port, log=log))

    if name.startswith("dsml"):
        words = [programs / "dsml", "serve", "bench@champion", "--port", str(port)]
        words += ["--windows", work / "windows"] if name == "dsml windows" else []
        return Server(name, port, up(words, ledger))
    if name == "mlflow":
        words = ["models", "serve", "-m", "models:/bench@champion", "--env-manager", "local", "-p", str(port)]
        return Server(name, port, up([programs / "mlflow", *words], ledger))
    bin_ = environment(name, peers)
    if name == "vetiver":
        (work / "vetiver_app.py").write_text(_VETIVER)
        return Server(
            name, port, up([bin_ / "python", "vetiver_app.py", str(port)]), path="/predict", form="records"
        )
    if name == "bentoml":
        (work / "bento_app.py").write_text(_BENTOML)
        pid = up([bin_ / "bentoml", "serve", "bento_app:Income", "--port", str(port), "--host", "127.0.0.1"])
        return Server(name, port, pid, path="/predict", form="rows")
    own = work / "mlserver"
    own.mkdir(exist_ok=True)
    shutil.copy(work / "model.joblib", own)
    settings = {
        "name": "income",
        "implementation": "mlserver_sklearn.SKLearnModel",
        "parameters": {"uri": "./model.joblib"},
    }
    (own / "model-settings.json").write_text(json.dumps(settings))
    more = {
        "http_port": port,
        "grpc_port": free_port(),
        "metrics_port": free_port(),
        "parallel_workers": 0,
        "host": "127.0.0.1",
    }
    (own / "settings.json").write_text(json.dumps(more))
    pid = up([bin_ / "mlserver", "start", own])
    return Server(name, port, pid, path="/v2/models/income/infer", form="tensors")


class Client:
    """One connection that asks again and again."""

    def __init__(self, server: Server) -> None:
        self.socket = socket.create_connection(("127.0.0.1", server.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, content: bytes) -> bytes:
        self.socket.sendall(content)
        found = b""
        while not _is_whole(found):
            part = self.socket.recv(1 << 20)
            if not part:
                raise SystemExit(f"the connection was closed: {found[:300]}")
            found += part
        if not found.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"not answered: {found[:600]}")
        return found


def _is_whole(found: bytes) -> bool:
    head, end, body = found.partition(b"\r\n\r\n")
    if not end:
        return False
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return len(body) >= int(line[15:])
    return body.endswith(b"0\r\n\r\n")


def one_by_one(server: Server, requests: Sequence[bytes], seconds: float) -> tuple[list[float], float]:
    """Ask for some time; return the times, and CPU seconds a request."""
    client = Client(server)
    for content in requests[:5]:
        client.ask(content)
    times, cpu = [], server.cpu()
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        content = requests[len(times) % len(requests)]
        begun = time.perf_counter()
        client.ask(content)
        times.append(time.perf_counter() - begun)
    return times, (server.cpu() - cpu) / len(times)


class Asker(asyncio.Protocol):
    """A connection of many."""

    def __init__(self, requests: Sequence[bytes], done: "list[tuple[float, bool]]") -> None:
        self.requests, self.done, self.found, self.is_ending = requests, done, b"", False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.next()

    def next(self) -> None:
        self.begun, self.found = time.perf_counter(), b""
        self.transport.write(self.requests[len(self.done) % len(self.requests)])

    def data_received(self, data: bytes) -> None:
        self.found += data
        if _is_whole(self.found):
            self.done.append((time.perf_counter() - self.begun, self.found.startswith(b"HTTP/1.1 200")))
            if not self.is_ending:
                self.next()

    def connection_lost(self, _: Exception | None) -> None:
        if not self.is_ending:
            self.done.append((0.0, False))


async def together(
    server: Server, requests: Sequence[bytes], connections: int, seconds: float
) -> "list[tuple[float, bool]]":
    """Ask by many connections at once; return the time of each request, and whether it was answered well."""
    loop = asyncio.get_running_loop()
    done: list[tuple[float, bool]] = []
    made = [
        await loop.create_connection(lambda: Asker(requests, done), "127.0.0.1", server.port)
        for _ in range(connections)
    ]
    await asyncio.sleep(seconds)
    for _, asker in made:
        asker.is_ending = True
    await asyncio.sleep(0.2)
    for transport, _ in made:
        transport.close()
    return done


def bare(model: object, frame: "pandas.DataFrame", seconds: float) -> list[float]:  # noqa: F821
    """Time the final estimator's public predict on one row of its matrix."""
    matrix = model[:-1].transform(frame.head(100))
    times = []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        row = matrix[len(times) % 100][None]
        begun = time.perf_counter()
        model[-1].predict(row)
        times.append(time.perf_counter() - begun)
    return times


def percentiles(times: Sequence[float]) -> str:
    p50, p99 = np.percentile(times, [50, 99]) * 1000
    return f"p50 {p50:7.2f} ms  p99 {p99:7.2f} ms"


def measure(
    part: str,
    servers: Sequence[Server],
    model: object,
    frame: "pandas.DataFrame",  # noqa: F821
    rounds: int,
) -> None:
    count = 1000 if part == "rows" else 1
    asked = {
        server.name: [
            server.request(frame[at * count : (at + 1) * count]).bytes()
            for at in range(1 if count > 1 else 200)
        ]
        for server in servers
    }
    times: dict[str, list[float]] = {server.name: [] for server in servers}
    costs: dict[str, list[float]] = {server.name: [] for server in servers}
    alone: list[float] = []
    for _ in range(rounds):
        for server in servers:
            cpu = server.cpu()
            if part == "many":
                done = uvloop.run(together(server, asked[server.name], 16, 4))
                bad = sum(not is_good for _, is_good in done)
                if bad:
                    print(f"{server.name}: {bad} requests failed")
                times[server.name].append(len(done) / 4)
                costs[server.name].append((server.cpu() - cpu) / len(done))
            else:
                found, cost = one_by_one(server, asked[server.name], 3)
                times[server.name] += found
                costs[server.name].append(cost)
        alone += bare(model, frame, 1)
    print(f"\n== {part}")
    own = statistics.median(costs["dsml"])
    for server in servers:
        cost = statistics.median(costs[server.name])
        line = f"{server.name:14} CPU {cost * 1000:8.3f} ms"
        line += (
            f"  {statistics.median(times[server.name]):8.0f} requests/s"
            if part == "many"
            else f"  {percentiles(times[server.name])}"
        )
        if part == "many":
            ratio = statistics.median(times["dsml"]) / statistics.median(times[server.name])
            line += f"  dsml answers {ratio:5.2f} times as many"
        line += f"  dsml's CPU / its CPU {own / cost:6.3f}"
        print(line + f"  {server.memory():6.0f} MB")
    if part == "row":
        print(
            f"{'bare predict':14} {percentiles(alone)}  dsml's p50 / its p50 {np.median(times['dsml']) / np.median(alone):.2f}"
        )
    mine = next(server for server in servers if server.name == "dsml")
    if (mlflow := next((server for server in servers if server.name == "mlflow"), None)) is not None:
        print(f"memory: dsml / mlflow {mine.memory() / mlflow.memory():.2f}")


def soak(server: Server, frame: "pandas.DataFrame", work: Path) -> None:  # noqa: F821
    """Ask for a minute while the champion changes ten times."""
    asked = [server.request(frame[at : at + 1]).bytes() for at in range(200)]
    code = (
        "import json, time, urllib.request, dsml_magics as dsml\n"
        f"ready = 'http://127.0.0.1:{server.port}/health/ready'\n"
        "for at in range(10):\n"
        "    number = 2 - at % 2\n    dsml.promote('bench', number)\n"
        "    while json.load(urllib.request.urlopen(ready))['version'] != str(number):\n        time.sleep(0.1)\n"
        "    time.sleep(1)\n"
    )
    env = {**os.environ, "MLFLOW_TRACKING_URI": f"sqlite:///{work}/mlflow.db"}
    moving = subprocess.Popen([sys.executable, "-c", code], cwd=work, env=env, stdout=subprocess.DEVNULL)
    begun, done = time.monotonic(), []
    while time.monotonic() < begun + 60 or moving.poll() is None:
        done += uvloop.run(together(server, asked, 16, 5))
    bad = sum(not is_good for _, is_good in done)
    log = (work / f"dsml-{server.port}.log").read_text()
    print(
        f"\n== soak\n{len(done):,} requests in {time.monotonic() - begun:.0f} s, {bad} failed, {log.count('swapped')} swaps, "
        f"{percentiles([seconds for seconds, _ in done])}"
    )


def busy(work: Path, peers: Path, frame: "pandas.DataFrame") -> None:  # noqa: F821
    """Ask servers that were started with and without OMP_NUM_THREADS=1, while every core spins."""
    print("\n== busy")
    spinners = [
        subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count() or 1)
    ]
    try:
        for name in ("dsml", "mlflow"):
            found = {}
            for label, env in (("default", {"OMP_NUM_THREADS": ""}), ("one", {"OMP_NUM_THREADS": "1"})):
                with ExitStack() as stack:
                    server = start(name, work, peers, stack, env)
                    asked = [server.request(frame[at : at + 1]).bytes() for at in range(200)]
                    found[label], _ = one_by_one(server, asked, 8)
                print(f"{name:8} {label:8} {percentiles(found[label])}")
            ratio = np.percentile(found["default"], 99) / np.percentile(found["one"], 99)
            print(f"{name:8} p99 of default / of one {ratio:.2f}")
    finally:
        for spinner in spinners:
            spinner.kill()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "parts", nargs="*", default=["row", "rows", "many"], metavar="part", help=", ".join(PARTS)
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peers", type=Path, default=Path(tempfile.gettempdir()) / "dsml-bench-peers")
    parser.add_argument("--only", default=",".join(["mlflow", *PEERS]))
    chosen = parser.parse_args()
    peers = [name for name in chosen.only.split(",") if name]
    with tempfile.TemporaryDirectory(prefix="dsml-bench-") as folder:
        work = Path(folder)
        os.environ["MLFLOW_TRACKING_URI"] = f"sqlite:///{work}/mlflow.db"
        os.chdir(work)
        import dsml_magics as dsml

        model, frame = fitted()
        for _ in range(2):
            package = dsml.deploy(model, name="bench", data=frame.head(2000))
        print(f"answered by the {package.proof.path} way: {package.proof.path_reason}")
        import joblib

        joblib.dump(model, work / "model.joblib")
        frame.head(2000).to_csv(work / "rows.csv", index=False)
        with ExitStack() as stack:
            names = ["dsml", *(["dsml windows"] if "many" in chosen.parts else []), *peers]
            if {"row", "rows", "many", "soak"} & set(chosen.parts):
                servers = [start(name, work, chosen.peers, stack, {}) for name in names]
                for part in ("row", "rows", "many"):
                    if part in chosen.parts:
                        measure(part, servers, model, frame, chosen.rounds)
                if "soak" in chosen.parts:
                    soak(servers[0], frame, work)
        if "busy" in chosen.parts:
            busy(work, chosen.peers, frame)


if __name__ == "__main__":
    main()
