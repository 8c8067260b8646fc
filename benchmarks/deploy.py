"""What a package with all its proofs costs beside MLflow's own logging, and scoring beside the bare model.

    python benchmarks/deploy.py [package] [predict] [memory] [--rounds N] [--rows N]

Each piece of work runs in a process of its own, in turn with the others, libraries loaded before the clock starts.
`package`: a pipeline of about 1 MB. `predict`: a Parquet file, against reading the whole file and asking the model once.
`memory`: what scoring from file to file adds to the process, for one and for ten times the rows.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Self

# Files beside this one are called as modules of Python are.
sys.path.pop(0)


def table(rows: int) -> "pandas.DataFrame":  # noqa: F821  imported below
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            **{f"n{at}": rng.normal(size=rows) for at in range(6)},
            "age": rng.integers(17, 90, rows),
            **{f"c{at}": rng.choice(["alpha", "beta", "gamma", "delta"], rows) for at in range(6)},
        }
    )


def fitted() -> tuple:
    from sklearn.compose import make_column_transformer
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    frame = table(20_000)
    target = frame["n0"] + (frame["c0"] == "alpha") + frame["age"] / 50 > 1
    text = [name for name in frame if name.startswith("c")]
    encode = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), text), remainder="passthrough"
    )
    model = make_pipeline(encode, HistGradientBoostingClassifier(max_iter=200)).fit(frame, target)
    return model, frame.head(7500), target.head(7500)


def ours(*, ready: bool) -> dict:
    import dsml_magics as dsml

    model, rows, target = fitted()

    dsml.models()
    if ready:
        # As in a notebook, from the second deploy on.
        from dsml_magics.deploy.proving import prepare

        package = dsml.deploy(model, name="income", data=rows)
        prepare(["sklearn.pipeline", "sklearn.compose", "sklearn.ensemble", "mlflow.sklearn"])
        time.sleep(5)
    begun = time.perf_counter()
    package = dsml.deploy(model, name="income", data=rows, target=target)
    return {"seconds": time.perf_counter() - begun, "mb": package.proof.size_mb}


def logged() -> dict:
    model, rows, _ = fitted()
    import mlflow.sklearn
    from mlflow.models import infer_signature

    mlflow.set_tracking_uri(os.environ["MLFLOW_TRACKING_URI"])
    mlflow.search_experiments()
    begun = time.perf_counter()
    with mlflow.start_run():
        mlflow.sklearn.log_model(
            model,
            name="income",
            registered_model_name="plain",
            signature=infer_signature(rows.head(1000), model.predict(rows.head(1000))),
            input_example=rows.head(5),
            serialization_format="cloudpickle",
        )
    return {"seconds": time.perf_counter() - begun}


def scored(path: str, out: str | None) -> dict:
    import mlflow.pyfunc  # noqa: F401
    import polars as pl  # noqa: F401
    import pyarrow.dataset as ds  # noqa: F401

    from dsml_magics.package.opening import open_package
    from dsml_magics.score.scoring import score

    package = open_package("income@1")
    package.load()
    begun, before = time.perf_counter(), _memory()
    with _Peak() as peak:
        if out is None:
            result = len(score("income@1", path, out=None, on_violation="stop", workers=1))
        else:
            from dsml_magics.frames.opening import open_table
            from dsml_magics.score.files import score_to_file

            found = score_to_file(package, open_table(path), Path(out), on_violation="stop", count=1)
            result = found.rows
    return {"seconds": time.perf_counter() - begun, "rows": result, "added_mb": peak.mb - before}


def bare(path: str) -> dict:
    import pandas as pd

    from dsml_magics.package.opening import open_package

    model = open_package("income@1").load().model.get_raw_model()
    begun, before = time.perf_counter(), _memory()
    with _Peak() as peak:
        rows = len(model.predict(pd.read_parquet(path)))
    return {"seconds": time.perf_counter() - begun, "rows": rows, "added_mb": peak.mb - before}


def _memory() -> float:
    import psutil

    return psutil.Process().memory_info().rss / 1e6


class _Peak:
    mb = 0.0

    def __enter__(self) -> Self:
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def _watch(self) -> None:
        while not self._done.wait(0.01):
            self.mb = max(self.mb, _memory())

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()


WORK = {
    "ours": lambda: ours(ready=False),
    "ours, ready": lambda: ours(ready=True),
    "log_model": logged,
    "predict": lambda: scored(sys.argv[3], None),
    "predict to file": lambda: scored(sys.argv[3], sys.argv[4]),
    "bare": lambda: bare(sys.argv[3]),
}


def run(work: str, folder: Path, *words: str) -> dict:
    env = {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        "MLFLOW_TRACKING_URI": f"sqlite:///{folder}/mlflow.db",
        "DSML_HOME": f"{folder}/home",
        "MLFLOW_DISABLE_TELEMETRY": "true",
    }
    done = subprocess.run(
        [sys.executable, str(Path(__file__).resolve()), "--work", work, *words],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stderr[-3000:])
    return json.loads(done.stdout.splitlines()[-1])


def median(found: list[dict], key: str = "seconds") -> float:
    return statistics.median(each[key] for each in found)


def package(folder: Path, rounds: int) -> None:
    found = {name: [] for name in ("ours", "ours, ready", "log_model")}
    for _ in range(rounds):
        for name, results in found.items():
            results.append(run(name, folder))
    peer = median(found["log_model"])
    print(f"package of {found['ours'][0]['mb']:.2f} MB with all proofs, seconds after imports")
    print(f"  mlflow.sklearn.log_model, signature and example  {peer:.2f}")
    for name in ("ours", "ours, ready"):
        seconds = median(found[name])
        print(f"  {name:<48} {seconds:.2f}   ratio {seconds / peer:.2f} (goal 0.50)")


def predict(folder: Path, rounds: int, rows: int) -> None:
    path = folder / "rows.parquet"
    table(rows).to_parquet(path)
    found = {name: [] for name in ("bare", "predict", "predict to file")}
    for _ in range(rounds):
        for name, results in found.items():
            results.append(run(name, folder, str(path), str(folder / "scored.parquet")))
    peer = median(found["bare"])
    print(f"{rows:,} rows of Parquet, seconds")
    print(f"  pandas.read_parquet and model.predict on all  {peer:.2f}")
    for name in ("predict", "predict to file"):
        seconds = median(found[name])
        print(f"  {name:<45} {seconds:.2f}   speed {peer / seconds:.2f} (goal 0.90)")


def memory(folder: Path, rows: int) -> None:
    print("memory added while scoring from file to file, MB")
    for times in (1, 10):
        many = folder / f"many-{times}"
        many.mkdir()
        table(rows).to_parquet(many / "0.parquet")
        for at in range(1, times):
            (many / f"{at}.parquet").hardlink_to(many / "0.parquet")
        ours_mb = run("predict to file", folder, str(many), str(folder / "scored.parquet"))["added_mb"]
        print(f"  {rows * times:>12,} rows  {ours_mb:.0f}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", default=["package", "predict", "memory"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rows", type=int, default=1_000_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        run("ours", folder)
        if "package" in asked.parts:
            package(folder, asked.rounds)
        if "predict" in asked.parts:
            predict(folder, asked.rounds, asked.rows)
        if "memory" in asked.parts:
            memory(folder, asked.rows)


if __name__ == "__main__":
    if len(sys.argv) > 2 and sys.argv[1] == "--work":
        print(json.dumps(WORK[sys.argv[2]]()))
    else:
        main()
