"""Kills at many moments of every command that writes: what was done is there, and nothing is there by halves.

    python -P benchmarks/attacks/kills.py FOLDER POINTS OPERATION...     below an empty folder; `attack.py` calls it

Each operation runs again and again in forks of a process that has loaded the libraries. An alarm that nobody handles ends a
fork as SIGKILL would, each a little later than the one before, so that the moments cover the operation from its first to its
last. After each kill what is there is looked at by another fork; in the end the operation is done once more, to its end, and
neither a folder nor a process of those that were killed may be left.
"""

import atexit
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

Outcome = tuple[str, bool, str]
POINTS = 20
_PATIENCE_S = 300
AGES = [[n] for n in range(40)]
JOB = """# %% A
import numpy as np
a = np.random.default_rng(1).normal(size=200_000)
# %% B
b = a[::2]
b += 1
# %% C
with open("out.txt", "w") as file:
    file.write(repr((a.sum(), len(b))))
"""


class Operation(NamedTuple):
    """What is killed; each function runs in a process of its own.

    `look` says after each kill, and `end` after the operation was done at last, what is not as it should be.
    """

    act: Callable[[], object]
    look: Callable[[], str]
    prepare: Callable[[], object] = lambda: None
    end: Callable[[], str] = lambda: ""


def deploy(c: float = 1.0) -> None:
    import numpy as np
    import pandas as pd
    from sklearn.linear_model import LogisticRegression

    import dsml_magics as dsml

    rows = pd.DataFrame({"age": np.arange(40)})
    dsml.deploy(LogisticRegression(C=c).fit(rows, rows.age > 20), name="m", data=rows)


def whole_versions() -> str:
    """Every version is as it was proved, and one of them is champion."""
    import dsml_magics as dsml
    from dsml_magics.package.opening import open_package

    for version in dsml.models("m"):
        open_package(f"m@{version.number}")
    open_package("m@champion")
    return ""


def two_versions() -> None:
    """Deploy twice, unless an operation before this one has."""
    import dsml_magics as dsml

    for c in (1.0, 2.0)[len(dsml.models()) :]:
        deploy(c)


def move() -> None:
    import dsml_magics as dsml

    dsml.promote("m", 1 if champion() == 2 else 2)


def champion() -> int:
    from dsml_magics.package.opening import open_package

    return open_package("m@champion").version


def accounted() -> str:
    """The champion is what the last record, or the one before it, says: there may be one too many, none is missing."""
    from dsml_magics.ledger.moves import history
    from dsml_magics.ledger.registry import model_of
    from dsml_magics.ledger.store import open_ledger

    moves = history(model_of(open_ledger(), "m")[0])
    return "" if champion() in (moves[-1].to, moves[-1].origin) else f"{champion()} after {moves[-1]}"


def publish(to: str) -> Callable[[], object]:
    def act() -> None:
        import dsml_magics as dsml

        dsml.publish("m@1", to=to)

    return act


def whole_folder(name: str, inner: str = "") -> Callable[[], str]:
    """It is not there, or is as it was proved; then it goes, and the next one begins anew."""

    def look() -> str:
        import shutil

        from dsml_magics.package.opening import open_package

        if Path(name).exists():
            open_package(f"./{name}{inner}")
            shutil.rmtree(name)
        return ""

    return look


def whole_elsewhere() -> str:
    os.environ["MLFLOW_TRACKING_URI"] = "sqlite:///other.db"
    import dsml_magics as dsml
    from dsml_magics.package.opening import open_package

    # Before the first one is there, there is no such name.
    for model in dsml.models():
        open_package(f"m@{model.number}")
    return ""


def run() -> None:
    import dsml_magics as dsml

    Path("out.txt").unlink(missing_ok=True)
    dsml.run("job.py", resume=True)


def plannable() -> str:
    import dsml_magics as dsml

    dsml.run("job.py", resume=True, dry_run=True)
    return ""


def has_output() -> str:
    import numpy as np

    a = np.random.default_rng(1).normal(size=200_000)
    a[::2] += 1
    expected, text = repr((a.sum(), 100_000)), Path("out.txt").read_text()
    return "" if text == expected else f"out.txt holds {text!r} instead of {expected}"


def track() -> None:
    """Track three blocks; what was done is noted when it was."""
    import dsml_magics as dsml

    for _ in range(3):
        name = f"r{time.monotonic_ns()}"
        with dsml.track(name):
            rate = 0.5  # noqa: F841  a parameter
        with Path("done.txt").open("a") as file:
            file.write(f"{name}\n")


def all_recorded() -> str:
    import dsml_magics as dsml

    dsml.sync()
    states = {run.name: run.state for run in dsml.runs()}
    done = Path("done.txt").read_text().split()
    lost = [name for name in done if states.get(name) != "finished"]
    odd = set(states.values()) - {"finished", "interrupted"}
    return f"{len(lost)} of {len(done)} runs are lost, states {odd or 'known'}" if lost or odd else ""


def predict() -> None:
    import dsml_magics as dsml

    dsml.predict("m@1", {"age": [row % 40 for row in range(20_000)]}, out="scored.parquet")


def whole_file() -> str:
    import pyarrow.parquet as pq

    path = Path("scored.parquet")
    if not path.exists():
        return ""
    rows = pq.read_metadata(path).num_rows
    path.unlink()
    return "" if rows == 20_000 else f"{rows} rows"


def serve() -> None:
    import dsml_magics as dsml

    server = dsml.serve("m@1")
    assert server.predict({"age": 30})["predictions"]
    server.stop()


OPERATIONS = {
    "deploy": Operation(lambda: deploy(2.0), whole_versions, two_versions),
    "promote": Operation(move, accounted, two_versions),
    "publish to a folder": Operation(publish("./copy"), whole_folder("copy"), two_versions),
    "publish a context": Operation(publish("oci:context"), whole_folder("context", "/package"), two_versions),
    "publish to a ledger": Operation(publish("sqlite:///other.db"), whole_elsewhere, two_versions),
    "predict": Operation(predict, whole_file, two_versions),
    "run": Operation(run, plannable, lambda: Path("job.py").write_text(JOB), has_output),
    "track": Operation(track, lambda: "", end=all_recorded),
    "serve": Operation(serve, lambda: "", two_versions),
}


def attack(names: Sequence[str] = tuple(OPERATIONS), points: int = POINTS) -> Iterator[Outcome]:
    """Kill each operation at so many moments."""
    with tempfile.TemporaryDirectory(prefix="dsml-attack-", ignore_cleanup_errors=True) as folder:
        words = [sys.executable, "-P", __file__, folder, str(points), *names]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
            for name, line in zip(names, process.stdout, strict=False):
                trouble = json.loads(line)
                yield (
                    f"{name}, killed at {points} moments",
                    not trouble,
                    trouble or "nothing by halves, nothing left",
                )
        yield "every operation was tried", process.returncode == 0, f"it ended with {process.returncode}"


def besiege(name: str, folder: Path, points: int) -> str:
    """Kill one operation again and again; say what did not hold."""
    operation = OPERATIONS[name]
    for each in ("project", "tmp"):
        (folder / each).mkdir(parents=True, exist_ok=True)
    os.chdir(folder / "project")
    os.environ["MLFLOW_TRACKING_URI"] = f"sqlite:///{folder}/project/mlflow.db"
    os.environ["DSML_HOME"], os.environ["TMPDIR"] = str(folder / "home"), str(folder / "tmp")
    tempfile.tempdir = None
    seconds, killed = 0.0, 0
    # What is done for the second time takes as long as that which is killed.
    for function in (operation.prepare, operation.act, operation.look, operation.act, operation.look):
        begun = time.monotonic()
        if trouble := forked(function, _PATIENCE_S):
            return f"before any kill: {trouble}"
        seconds = time.monotonic() - begun if function is operation.act else seconds
    for point in range(points):
        moment = seconds * (point + 0.5) / points
        trouble = forked(operation.act, moment)
        if trouble not in ("", "killed"):
            return f"with an alarm after {moment:.2f} s: {trouble}"
        killed += trouble == "killed"
        if trouble := forked(operation.look, _PATIENCE_S):
            return f"killed after {moment:.2f} s of {seconds:.2f}: {trouble}"
    age()
    for function in (operation.act, operation.look, operation.end, left_over):
        if trouble := forked(function, _PATIENCE_S):
            return f"after {killed} kills: {trouble}"
    return "" if killed else f"none of {points} alarms came before the end"


def load(folder: Path) -> None:
    """Load what the operations need, so that none of their time is that of imports: MLflow's stores by a ledger of their own."""

    import dsml_magics.deploy.publishing
    import dsml_magics.deploy.recipe
    import dsml_magics.run.starting
    import dsml_magics.serve.serving
    import dsml_magics.track.session
    import dsml_magics.versions.moving  # noqa: F401
    from dsml_magics.ledger.store import open_ledger

    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    client = open_ledger(f"sqlite:///{folder}/loaded.db").client
    client.search_registered_models()
    client.search_experiments()


def forked(function: Callable[[], Any], seconds: float | None = None) -> str:
    """Call a function in a fork, which dies after so many seconds; return what it says or raises, "killed" if it did."""
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        said = "it ended"
        try:
            os.close(reading)
            os.setsid()
            if seconds is not None:
                signal.signal(signal.SIGALRM, signal.SIG_DFL)
                signal.setitimer(signal.ITIMER_REAL, seconds)
            found = function()
            said = found if isinstance(found, str) else ""
            atexit._run_exitfuncs()  # noqa: SLF001  as a process that ends does
            signal.setitimer(signal.ITIMER_REAL, 0)
        except BaseException as error:  # noqa: BLE001  that is what is looked for
            traceback.print_exc()
            said = f"{type(error).__name__}: {error}"
        finally:
            os.write(writing, str(said).encode()[:4000])
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        # A process that the fork started may hold the pipe: its end says nothing of the fork's.
        status = os.waitpid(pid, 0)[1]
        os.set_blocking(reading, False)
        said = pipe.read() or b""
    if os.WIFSIGNALED(status):
        return "killed" if os.WTERMSIG(status) == signal.SIGALRM else f"signal {os.WTERMSIG(status)}"
    return said.decode()


def age() -> None:
    """Make what is left look as if the kills were an hour ago: what is young is never swept."""
    for path in work_folders():
        os.utime(path, (time.time() - 3600,) * 2)


def work_folders() -> list[Path]:
    return [*Path(tempfile.gettempdir()).glob("dsml-*"), *Path.cwd().glob(".dsml-*-*")]


def left_over() -> str:
    """Say which folders and processes of the killed ones are left, at last."""
    import psutil

    if folders := work_folders():
        return f"folders are left: {', '.join(path.name for path in folders)}"
    until = time.monotonic() + 60
    while processes := [each for each in psutil.process_iter() if is_ours(each)]:
        if time.monotonic() > until:
            return f"processes are left: {[each.cmdline()[-3:] for each in processes]}"
        time.sleep(0.1)
    return ""


def is_ours(process: Any) -> bool:
    import psutil

    try:
        known = (os.getpid(), os.getppid())
        return (
            process.pid not in known
            and process.status() != psutil.STATUS_ZOMBIE
            and process.environ().get("DSML_HOME") == os.environ["DSML_HOME"]
        )
    except psutil.Error:
        return False


def main() -> None:
    """Besiege the operations that are named; write a line of JSON for each: what did not hold."""
    folder, points, *names = sys.argv[1:]
    load(Path(folder))
    for name in names:
        print(json.dumps(besiege(name, Path(folder), int(points))), flush=True)


if __name__ == "__main__":
    main()
