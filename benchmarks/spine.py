"""What the first four commands cost beside what a user would do instead: ratios from one run.

Each pair is run in turn, A B A B ..., after one warm-up; the medians are compared. CPU seconds of this
process, except where a process is started: there, wall seconds.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

import dsml_magics as dsml

ROUNDS = 5
ROWS = 50_000
TOUR = Path(__file__).parents[1] / "notebooks" / "tour.ipynb"


def compared(
    title: str,
    ours: Callable[[], object],
    theirs: Callable[[], object],
    *,
    clock: Callable[[], float],
    rounds: int = ROUNDS,
) -> None:
    """Time both in turn and print one row."""
    pairs = [(seconds(ours, clock), seconds(theirs, clock)) for _ in range(rounds + 1)][1:]
    mine, other = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(first / second for first, second in pairs)
    print(f"{title:<66} {mine:8.3f} s {other:8.3f} s   ratio {ratio:6.2f}")


def seconds(work: Callable[[], object], clock: Callable[[], float]) -> float:
    begun = clock()
    work()
    return clock() - begun


def table() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    numbers = {f"x{n}": rng.normal(size=ROWS) for n in range(8)}
    counts = {f"n{n}": rng.integers(0, 1000, ROWS) for n in range(3)}
    words = {f"g{n}": rng.choice([f"category {k}" for k in range(20 * n + 2)], ROWS) for n in range(4)}
    return pd.DataFrame({**numbers, **counts, **words})


def python(code: str) -> Callable[[], object]:
    return lambda: subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def convert(exporter: object) -> Callable[[], object]:
    return lambda: exporter.from_filename(str(TOUR))  # type: ignore[attr-defined]


def deploy_and_log(folder: str) -> tuple[Callable[[], object], Callable[[], object]]:
    import mlflow
    from sklearn.ensemble import HistGradientBoostingClassifier

    os.chdir(folder)
    rows = table().select_dtypes("number").head(5000)
    model = HistGradientBoostingClassifier(max_iter=30).fit(rows, rows["x0"] > 0)
    dsml.deploy(model, name="warm", data=rows)

    def plain() -> None:
        with mlflow.start_run():
            mlflow.sklearn.log_model(
                model,
                name="model",
                signature=mlflow.models.infer_signature(rows, model.predict(rows)),
                input_example=rows.head(5),
                serialization_format="cloudpickle",
                registered_model_name="plain",
            )

    return lambda: dsml.deploy(model, name="ours", data=rows), plain


def main() -> None:
    warnings.simplefilter("ignore")
    from nbconvert.exporters import PythonExporter

    from dsml_magics.frames.fingerprint import fingerprint
    from dsml_magics.frames.opening import open_table
    from dsml_magics.pipeline.exporter import DsmlExporter

    frame = table()
    shell = "from IPython.core.interactiveshell import InteractiveShell as S; s = S.instance()"
    print(f"{'':<66} {'ours':>10} {'theirs':>10}")
    compared(
        "%load_ext dsml_magics in a new shell | the shell alone (wall)",
        python(shell + "; s.run_line_magic('load_ext', 'dsml_magics')"),
        python(shell),
        clock=time.perf_counter,
    )
    compared(
        f"profile {ROWS:,} x {frame.shape[1]} | pandas describe(include='all')",
        lambda: dsml.profile(frame),
        lambda: frame.describe(include="all"),
        clock=time.process_time,
    )
    compared(
        f"fingerprint {ROWS:,} x {frame.shape[1]} | pandas.util.hash_pandas_object",
        lambda: fingerprint(open_table(frame)),
        lambda: pd.util.hash_pandas_object(frame, index=False),
        clock=time.process_time,
    )
    compared(
        "nbconvert --to dsml, the tour | nbconvert's own --to python",
        convert(DsmlExporter()),
        convert(PythonExporter()),
        clock=time.process_time,
    )
    with tempfile.TemporaryDirectory() as folder:
        ours, plain = deploy_and_log(folder)
        compared(
            "deploy with proof | mlflow log_model with signature and example (wall)",
            ours,
            plain,
            clock=time.perf_counter,
            rounds=3,
        )


if __name__ == "__main__":
    main()
