"""The fresh process of a proof: ``python -m dsml_magics.deploy.prover FOLDER CASE`` answers in JSON."""

import json
import pickle
import platform
import sys
import time
from pathlib import Path
from typing import Any

from dsml_magics.deploy.flavor import raw_predict
from dsml_magics.deploy.manifest import check


def main(folder: Path, case: Path) -> dict[str, Any]:
    """Load the package, predict the rows of the case, and say where the answers differ first."""
    check(folder)
    begun = time.perf_counter()
    import mlflow.pyfunc

    model = mlflow.pyfunc.load_model(str(folder))
    loaded = time.perf_counter()
    rows, expected = pickle.loads(case.read_bytes())  # noqa: S301  written by the process that started this one
    answers = {method: _call(model, method, rows) for method in expected}
    differences = [_difference(method, expected[method], answers[method]) for method in expected]
    differences.append(
        _difference("predict past MLflow's checks", expected["predict"], raw_predict(model)(rows))
    )
    return {
        "python": platform.python_version(),
        "load_seconds": round(loaded - begun, 6),
        "predict_seconds": round(time.perf_counter() - loaded, 6),
        "difference": next(filter(None, differences), None),
    }


def _call(model: Any, method: str, rows: Any) -> Any:
    return model.predict(rows) if method == "predict" else getattr(model.get_raw_model(), method)(rows)


def _difference(method: str, expected: Any, got: Any) -> str | None:
    import numpy as np

    ours, theirs = np.asarray(expected), np.asarray(got)
    if ours.shape != theirs.shape or ours.dtype != theirs.dtype:
        return f"{method} gave {theirs.dtype}{list(theirs.shape)} instead of {ours.dtype}{list(ours.shape)}"
    same = (ours == theirs) | ((ours != ours) & (theirs != theirs))  # noqa: PLR0124  NaN
    if np.all(same):
        return None
    at = tuple(int(position) for position in np.argwhere(~same)[0])
    count = int(np.size(same) - np.count_nonzero(same))
    return f"{method} differs in {count} of {np.size(same)} values, first {theirs[at]!r} instead of {ours[at]!r} in row {at[0]}"


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(Path(sys.argv[1]), Path(sys.argv[2]))) + "\n")
