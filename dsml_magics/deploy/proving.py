"""Prove a package: a fresh process that never saw the notebook must predict the same."""

import atexit
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

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
    path: Literal["compiled", "plain"]
    path_reason: str


class Prover:
    """A fresh process, which loads what any proof needs while the package is built."""

    def __init__(self) -> None:
        self._work = tempfile.TemporaryDirectory(prefix="dsml-proof-")
        self._errors = Path(self._work.name, "errors.txt")
        self.warmed: list[str] = []
        # -P: the folder of the notebook must not be on the path, or its modules would seem to be installed.
        words = [sys.executable, "-P", "-m", "dsml_magics.deploy.prover"]
        with self._errors.open("w") as errors:
            self._process = subprocess.Popen(
                words,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                cwd=self._work.name,
                env={**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"},
            )

    @property
    def is_ready(self) -> bool:
        """Whether it is still there."""
        return self._process.poll() is None

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

            case = Path(self._work.name, "case.pkl")
            case.write_bytes(cloudpickle.dumps(data))
        self._ask({"folder": str(folder), "data": str(case) if case else None, "calls": calls})

    def end(self) -> Found:
        """Wait for what was found.

        Raises
        ------
        ProofFailed
            The package could not be loaded there.
        """
        line = self._process.stdout.readline()  # type: ignore[union-attr]
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
                pipe.close()  # type: ignore[union-attr]
        self._process.kill()
        self._process.wait()
        self._work.cleanup()

    def _ask(self, message: Mapping[str, Any]) -> None:
        with suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(message) + "\n")  # type: ignore[union-attr]
            self._process.stdin.flush()  # type: ignore[union-attr]


@contextmanager
def prover() -> Iterator[Prover]:
    """Give a fresh process; it ends with the block.

    In a notebook the next one is started then: who deploys once will deploy again, and not wait for imports.
    """
    spare = _spare()
    found = spare.pop() if spare else Prover()
    if not found.is_ready:
        found.close()
        found = Prover()
    try:
        yield found
    finally:
        found.close()
        if "ipykernel.kernelapp" in sys.modules:
            prepare(found.warmed)


def prepare(modules: Iterable[str]) -> None:
    """Start a process for the next proof, with these modules imported; it ends with this one, or after ten idle minutes."""
    spare = _spare()
    if not spare:
        spare.append(Prover())
        spare[0].warm(modules)


@cache
def _spare() -> list[Prover]:
    spare: list[Prover] = []

    def close() -> None:
        while spare:
            spare.pop().close()

    atexit.register(close)
    return spare


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
    return lines[-1][:400].rstrip(".") if lines else "it ended without a word"
