"""Prove a package: a fresh process that never saw the notebook must predict the same."""

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from dsml_magics.errors import ProofFailed
from dsml_magics.package.proof import Edge, Latency
from dsml_magics.process.child import has_started_several, load, start
from dsml_magics.process.work_folder import WorkFolder

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
    path: Literal["compiled", "plain"]
    path_reason: str


class Prover:
    """A fresh process, which loads what any proof needs while the package is built."""

    def __init__(self) -> None:
        self._work = WorkFolder("proof")
        self._errors = Path(self._work.path, "errors.txt")
        self.warmed: list[str] = []
        # The folder of the notebook is not on its path: its modules would seem to be installed.
        with self._errors.open("w") as errors:
            self._process = start(
                "dsml_magics.deploy.prover",
                folder=str(self._work.path),
                environment={**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"},
                errors=errors.fileno(),
            )

    def warm(self, modules: Iterable[str]) -> None:
        """Let it import what the model will need."""
        self.warmed = sorted(modules)
        self._ask({"warm": self.warmed})

    def begin(
        self, folder: Path, *, data: tuple[Any, Any, Mapping[str, Any]] | None = None, calls: int = CALLS
    ) -> None:
        """Have the package in `folder` loaded there, and its answers compared.

        Parameters
        ----------
        data
            Rows as the model takes them, as a table, and the answers expected by method.
        calls
            How many single rows to time.
        """
        case = None
        if data is not None:
            import cloudpickle

            case = Path(self._work.path, "case.pkl")
            case.write_bytes(cloudpickle.dumps(data))
        self._ask({"folder": str(folder), "data": str(case) if case else None, "calls": calls})

    def end(self) -> Found:
        """Wait for what was found.

        Raises
        ------
        ProofFailed
            The package could not be loaded there.
        """
        line = self._process.stdout.readline()
        if not line:
            self._process.wait()
            raise ProofFailed(
                "Expected the package to load and predict in a fresh process, but: "
                f"{_last_line(self._errors.read_text(errors='replace'))}. Nothing was registered."
            )
        return _found(json.loads(line))

    def close(self) -> None:
        """End the process: it may be importing still, for a package that was never made."""
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                pipe.close()
        self._process.kill()
        self._work.close()

    def _ask(self, message: Mapping[str, Any]) -> None:
        with suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            self._process.stdin.flush()


@contextmanager
def prover() -> Iterator[Prover]:
    """Give a fresh process; it ends with the block.

    Who deploys in a notebook, or for the second time, will deploy again: what the model needed is loaded for the next.
    """
    found = Prover()
    try:
        yield found
    finally:
        found.close()
        if "ipykernel.kernelapp" in sys.modules or has_started_several():
            load(found.warmed)


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
        path=content["path"],
        path_reason=content["path_reason"],
    )


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:400].rstrip(".") if lines else "it ended without a message"
