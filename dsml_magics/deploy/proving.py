"""Prove a package: a fresh process that never saw the notebook must predict the same."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dsml_magics.errors import ProofFailed
from dsml_magics.package.proof import Edge, Latency

CALLS = 100
"""Single rows that are timed, unless that takes too long."""
CALLS_FOR_GATE = 1000


@dataclass(frozen=True)
class Found:
    """What the fresh process found."""

    python: str
    platform: str
    load_seconds: float
    differences: tuple[str, ...]
    made_up: int
    edges: tuple[Edge, ...]
    latency: Latency | None


class Prover:
    """The fresh process, ready to load a package."""

    def __init__(self, process: "subprocess.Popen[str]", work: Path) -> None:
        self._process, self._work = process, work

    def prove(
        self, folder: Path, *, data: tuple[Any, Any, Mapping[str, Any]] | None = None, calls: int = CALLS
    ) -> Found:
        """Load the package in `folder` there, and compare what it answers.

        Parameters
        ----------
        data
            Rows as the model takes them, as a table, and the answers expected by method.

        Raises
        ------
        ProofFailed
            It could not be loaded there.
        """
        case = None
        if data is not None:
            import cloudpickle

            case = self._work / "case.pkl"
            case.write_bytes(cloudpickle.dumps(data))
        asked = {"folder": str(folder), "data": str(case) if case else None, "calls": calls}
        with suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(asked) + "\n")  # type: ignore[union-attr]
            self._process.stdin.flush()  # type: ignore[union-attr]
        line = self._process.stdout.readline()  # type: ignore[union-attr]
        if not line:
            self._process.wait()
            raise ProofFailed(
                "Expected the package to load and predict in a fresh process, but: "
                f"{_last_line((self._work / 'errors.txt').read_text(errors='replace'))}. Nothing was registered."
            )
        return _found(json.loads(line))


@contextmanager
def prover() -> Iterator[Prover]:
    """Start the fresh process; it loads what it needs while the package is built."""
    with (
        tempfile.TemporaryDirectory(prefix="dsml-proof-") as work,
        (Path(work) / "errors.txt").open("w") as errors,
    ):
        # -P: the folder of the notebook must not be on the path, or its modules would seem to be installed.
        words = [sys.executable, "-P", "-m", "dsml_magics.deploy.prover"]
        process = subprocess.Popen(
            words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            cwd=work,
            env={**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"},
        )
        try:
            yield Prover(process, Path(work))
        finally:
            for pipe in (process.stdin, process.stdout):
                with suppress(OSError):
                    pipe.close()  # type: ignore[union-attr]
            # It may be importing still, for a package that was never made.
            process.kill()
            process.wait()


def _found(content: Mapping[str, Any]) -> Found:
    latency = content["latency"]
    return Found(
        python=content["python"],
        platform=content["platform"],
        load_seconds=content["load_seconds"],
        differences=tuple(content["differences"]),
        made_up=content["made_up"],
        edges=tuple(Edge(**edge) for edge in content["edges"]),
        latency=Latency(**latency) if latency else None,
    )


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:400].rstrip(".") if lines else "it ended without a word"
