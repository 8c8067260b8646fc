"""The fresh process of a proof: it loads what a proof needs, then reads what to prove from its standard input."""

import json
import os
import pickle
import platform
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from dsml_magics.deploy.edge import edges
from dsml_magics.deploy.path import path_of
from dsml_magics.errors import ModelUnusable
from dsml_magics.package import manifest
from dsml_magics.package.answering import Answerer
from dsml_magics.package.case import plain, read_case
from dsml_magics.package.inputs import inputs_of
from dsml_magics.package.opening import contract_in
from dsml_magics.package.proof import Latency
from dsml_magics.package.reading import values_of
from dsml_magics.package.scorer import Scorer, load_model, method_of

_PATIENCE_S = 0.25
_IDLE_S = 600.0
_CALLS = 20


def main() -> None:
    """Prove the packages named on standard input, a line of JSON each; answer with a line each."""
    out = os.fdopen(os.dup(1), "w")
    # What a model prints must not stand among the answers.
    os.dup2(2, 1)
    # Loaded while the other process still builds the package.
    import mlflow.pyfunc  # noqa: F401
    import numpy as np  # noqa: F401
    import polars as pl  # noqa: F401

    while line := _next_line():
        asked = json.loads(line)
        if "warm" in asked:
            _import(asked["warm"])
            continue
        out.write(json.dumps(answer(asked)) + "\n")
        out.flush()


def _next_line() -> str:
    """Wait for what to prove; nobody waits for a process that was kept ready for too long."""
    watch = threading.Timer(_IDLE_S, os._exit, [0])
    watch.start()
    try:
        return sys.stdin.readline()
    finally:
        watch.cancel()


def _import(modules: Sequence[str]) -> None:
    for module in modules:
        # What is missing is reported when the model is loaded.
        with suppress(ImportError):
            import_module(module)


def answer(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Load a package and compare its answers with those expected."""
    from threadpoolctl import threadpool_limits

    folder = Path(asked["folder"])
    manifest.check(folder)
    begun = time.perf_counter()
    model = load_model(folder)
    loaded = time.perf_counter()
    scorer = Scorer(model, contract_in(folder), str(folder))
    differences, found = [], _on_case(scorer, folder)
    base = found.rows
    if asked["data"]:
        rows, base, expected = pickle.loads(Path(asked["data"]).read_bytes())  # noqa: S301  written by the process that started this one
        differences = _on_data(model, rows, expected)
    odd = edges(scorer, base) if base is not None and scorer.contract.columns else ()
    path = path_of(scorer, base)
    latency = None
    # A model that does not answer single rows is reported with the edge rows.
    with threadpool_limits(1), suppress(ModelUnusable):
        latency = (
            _latency(Answerer(scorer, path.plan), base, calls=asked["calls"]) if base is not None else None
        )
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "load_seconds": round(loaded - begun, 6),
        "differences": [*differences, *found.differences],
        "made_up": found.count,
        "edges": [asdict(edge) for edge in odd],
        "latency": asdict(latency) if latency else None,
        "path": path.name,
        "path_reason": path.why,
    }


def _on_data(model: Any, rows: Any, expected: Mapping[str, Any]) -> list[str]:
    """Ask for the rows of the data, once past MLflow's checks of the input and once through them."""
    found = [_difference(method, expected[method], method_of(model, method)(rows)) for method in expected]
    found.append(_difference("predict through MLflow", expected["predict"], model.predict(rows)))
    return [each for each in found if each]


@dataclass(frozen=True)
class _MadeUp:
    """What the made-up rows showed."""

    differences: tuple[str, ...] = ()
    count: int = 0
    rows: Any = None


def _on_case(scorer: Scorer, folder: Path) -> _MadeUp:
    """Ask for the made-up rows that travel with the package."""
    case = read_case(folder)
    if case is None:
        return _MadeUp()
    rows, expected = case
    is_table = hasattr(rows, "schema")
    inputs = inputs_of(scorer.check(rows).rows, scorer.contract) if is_table else rows
    found = [
        _difference(
            f"{method} of made-up rows", expected[method], plain(method_of(scorer.model, method)(inputs))
        )
        for method in expected
    ]
    return _MadeUp(tuple(each for each in found if each), len(inputs), rows if is_table else None)


def _latency(answerer: Answerer, base: Any, *, calls: int) -> Latency:
    """Time single rows as a server would answer them, as often as asked but no longer than a moment; and all rows once."""
    import numpy as np

    columns = [values_of(base.column(name)) for name in answerer.scorer.contract.names]
    rows = [
        [values[at % base.num_rows : at % base.num_rows + 1] for values in columns] for at in range(calls)
    ]
    # What is made once is no row's.
    answerer.answer(rows[0], 1)
    times: list[float] = []
    patience = _PATIENCE_S if calls <= _CALLS * 10 else 60.0
    begun = time.perf_counter()
    for row in rows:
        before = time.perf_counter()
        answerer.answer(row, 1)
        times.append(time.perf_counter() - before)
        if time.perf_counter() - begun > patience and len(times) >= _CALLS:
            break
    before = time.perf_counter()
    answerer.answer(columns, base.num_rows)
    whole = time.perf_counter() - before
    p50, p99 = (1000 * float(value) for value in np.percentile(times, [50, 99]))
    return Latency(len(times), round(p50, 3), round(p99, 3), round(base.num_rows / whole, 1))


def _difference(method: str, expected: Any, got: Any) -> str | None:
    import numpy as np

    ours, theirs = np.asarray(expected), np.asarray(got)
    if ours.shape != theirs.shape or (
        ours.dtype != theirs.dtype and {ours.dtype.kind, theirs.dtype.kind} != {"U"}
    ):
        return f"{method} gave {theirs.dtype}{list(theirs.shape)} instead of {ours.dtype}{list(ours.shape)}"
    same = (ours == theirs) | ((ours != ours) & (theirs != theirs))  # noqa: PLR0124  NaN
    if np.all(same):
        return None
    at = tuple(int(position) for position in np.argwhere(~same)[0])
    count = int(np.size(same) - np.count_nonzero(same))
    most = ""
    if ours.dtype.kind in {"f", "i", "u"}:
        most = f", the largest by {np.nanmax(np.abs(np.subtract(ours, theirs, dtype=float))):.3g}"
    return (
        f"{method} differs in {count:,} of {np.size(same):,} values, first {theirs[at]!r} instead of {ours[at]!r} "
        f"in row {at[0]}{most}"
    )


if __name__ == "__main__":
    main()
