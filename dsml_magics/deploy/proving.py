"""Prove a package: a fresh process that never saw the notebook must predict the same."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from dsml_magics.deploy.package import Proof
from dsml_magics.errors import ProofFailed

METHODS = ("predict", "predict_proba")


def expected_of(model: Any, rows: Any, predictions: Any) -> dict[str, Any]:
    """Collect what the model predicts here, by method."""
    found = {"predict": predictions}
    if hasattr(model, "predict_proba") and not isinstance(model, type):
        found["predict_proba"] = model.predict_proba(rows)
    return found


def prove(folder: Path, *, rows: Any, expected: dict[str, Any]) -> Proof:
    """Load the package in a fresh process and compare its predictions bit for bit.

    Raises
    ------
    ProofFailed
        It could not be loaded there, or predicts otherwise; the message says where they differ first.
    """
    import cloudpickle

    with tempfile.TemporaryDirectory(prefix="dsml-proof-") as work:
        case = Path(work) / "case.pkl"
        case.write_bytes(cloudpickle.dumps((rows, expected)))
        # -P: the folder of the notebook must not be on the path, or its modules would seem to be installed.
        words = [sys.executable, "-P", "-m", "dsml_magics.deploy.prover", str(folder), str(case)]
        done = subprocess.run(
            words, capture_output=True, text=True, cwd=work, env=_environment(), check=False
        )
    if done.returncode != 0:
        raise ProofFailed(
            "Expected the package to load and predict in a fresh process, but: "
            f"{_last_line(done.stderr)}. Nothing was registered."
        )
    answer = json.loads(done.stdout.splitlines()[-1])
    if answer["difference"]:
        raise ProofFailed(
            f"Expected the same predictions in a fresh process, got others: {answer['difference']}. "
            "Is the model random when it predicts? Nothing was registered."
        )
    return Proof(
        rows=len(rows),
        methods=tuple(expected),
        python=answer["python"],
        load_seconds=answer["load_seconds"],
        predict_seconds=answer["predict_seconds"],
    )


def _environment() -> dict[str, str]:
    return {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"}


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:400].rstrip(".") if lines else "it ended without a word"
