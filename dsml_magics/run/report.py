"""A job as it goes, told to the user and to the ledger."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dsml_magics.ledger.here import beginning_here, now
from dsml_magics.ledger.outbox import Outbox, outbox
from dsml_magics.ledger.place import address
from dsml_magics.ledger.record import ID_TAG, RunRecord, Status
from dsml_magics.ledger.spool import Entry, spool
from dsml_magics.run.job import StepRun
from dsml_magics.run.logs import Log

JOB_TAG, STEP_TAG, PLACE_TAG, LOG_TAG = "dsml.job", "dsml.job_step", "dsml.job_state", "dsml.job_log"
FILES_TAG = "dsml.job_files"
EXPERIMENT = "jobs"
_MOST_TEXT = 1 << 20


@dataclass
class Report:
    """The ledger's run of a job, and of each step that runs one nested in it."""

    job: str
    entry: Entry
    box: Outbox
    values: Mapping[str, str] = field(default_factory=dict)
    steps: dict[str, Entry] = field(default_factory=dict)

    @classmethod
    def begin(cls, job: str, name: str, *, place: str, log: Path, values: Mapping[str, Any]) -> "Report":
        """Write down that a job begins."""
        uri = address()
        tags = {JOB_TAG: job, PLACE_TAG: place, LOG_TAG: str(log)}
        beginning = beginning_here(name, uri, id=job, experiment=EXPERIMENT, source=f"{name}.py", tags=tags)
        entry = spool().begin(beginning, {})
        shown = {name: str(value) for name, value in values.items()}
        report = cls(job, entry, outbox(uri), shown)
        report.box.wake()
        return report

    def begin_step(self, name: str) -> str:
        """Write down that a step begins; return our id of its run."""
        beginning = beginning_here(
            name, address(), experiment=EXPERIMENT, parent=self.job, tags={STEP_TAG: name, JOB_TAG: self.job}
        )
        self.steps[name] = spool().begin(beginning, {})
        self.box.wake()
        return beginning.id

    def forget_step(self, name: str) -> None:
        """Take back that a step begins."""
        self.steps.pop(name).remove()

    def end_step(self, step: StepRun, log: Log) -> None:
        """Write down how a step ended."""
        entry = self.steps.pop(step.name)
        for path in (log.out, log.err):
            if path.exists() and path.stat().st_size:
                entry.put(f"dsml/{path.name}", _beginning(path))
        metrics = {
            "dsml.wall_seconds": step.seconds,
            "dsml.cpu_seconds": step.cpu_seconds,
            "dsml.peak_memory_mb": step.peak_memory_mb,
        }
        tags = {"dsml.warnings": "\n".join(step.warnings)} if step.warnings else {}
        tags |= {"dsml.error": step.why} if step.fate == "failed" else {}
        tags |= {FILES_TAG: json.dumps(step.files)} if step.files else {}
        self._end(
            entry,
            step.fate,
            metrics={key: value for key, value in metrics.items() if value is not None},
            tags=tags,
        )

    def end(self, fate: str, steps: tuple[StepRun, ...], seconds: float) -> None:
        """Write down how the job ended, and what it left."""
        for name in list(self.steps):
            self._end(self.steps.pop(name), "stopped", metrics={}, tags={})
        files = [name for step in steps for name in step.files]
        self.entry.put(
            "dsml/job.json",
            json.dumps({"steps": [step_of(step) for step in steps], "files": files}, indent=1),
        )
        tags = {FILES_TAG: json.dumps(files)} if files else {}
        self._end(self.entry, fate, metrics={"dsml.wall_seconds": seconds}, tags=tags)

    def let_go(self) -> None:
        """Let what was written down reach the ledger."""
        self.box.let_go()

    def _end(self, entry: Entry, fate: str, *, metrics: Mapping[str, float], tags: Mapping[str, str]) -> None:
        states: dict[str, Status] = {"failed": "FAILED", "stopped": "KILLED"}
        beginning = entry.beginning
        record = RunRecord(
            parameters=self.values if entry is self.entry else {},
            metrics=metrics,
            tags={**beginning.tags, **tags, ID_TAG: beginning.id},
            status=states.get(fate, "FINISHED"),
            ended=now(),
        )
        entry.end(record)
        entry.close()
        self.box.wake()


def step_of(step: StepRun) -> dict[str, Any]:
    return {
        "name": step.name,
        "state": step.fate,
        "why": step.why,
        "seconds": step.seconds,
    }


def _beginning(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(_MOST_TEXT).decode("utf-8", "replace")
