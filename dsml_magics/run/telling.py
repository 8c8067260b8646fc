"""What a job tells while it goes on: a bar where there is a terminal, a line a step, and what steps print."""

import sys
from collections.abc import Callable
from threading import Lock
from typing import Any

from dsml_magics.run.job import StepRun
from dsml_magics.run.logs import Log
from dsml_magics.run.text import line_of

_lock = Lock()


class Telling:
    """Tells of the steps of one job; with several processes, what a step printed when it has ended."""

    def __init__(self, steps: int, *, is_live: bool) -> None:
        from tqdm import tqdm

        self._is_live = is_live
        self._bar: Any = tqdm(
            total=steps,
            unit="step",
            leave=False,
            disable=None,
            file=sys.stderr,
            bar_format="{desc}{bar}{n_fmt}/{total_fmt} {elapsed}",
        )

    def begins(self, step: StepRun, log: Log) -> None:
        for path in (log.out, log.err):
            path.unlink(missing_ok=True)
        self._bar.set_description_str(f"{step.name} ")

    def follower(self, log: Log) -> Callable[[], None]:
        """Return what is called while a step runs."""
        return log.follow if self._is_live else _nothing

    def ends(self, step: StepRun, log: Log) -> None:
        with _lock:
            log.follow()
            self._line(line_of(step))
            self._bar.update()

    def kept(self, step: StepRun) -> None:
        self._line(line_of(step))
        self._bar.update()

    def again(self, name: str, tries: int, why: str) -> None:
        self._line(f"{name}: {why} Tried {tries} times; once more.")

    def close(self) -> None:
        self._bar.close()

    def _line(self, text: str) -> None:
        self._bar.clear()
        sys.stderr.write(f"dsml: {text}\n")
        sys.stderr.flush()


def _nothing() -> None: ...
