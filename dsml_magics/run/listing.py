"""Jobs read from the ledger."""

import json
import sys
import time
from collections.abc import Iterable

from dsml_magics.errors import UsageError
from dsml_magics.run.job import Jobs, PastJob
from dsml_magics.run.report import EXPERIMENT, FILES_TAG, JOB_TAG, LOG_TAG, STEP_TAG
from dsml_magics.runs.finding import runs_of
from dsml_magics.runs.run import Run

_MOST_STEPS = 1000
_POLL_S = 1.0


def jobs_in_ledger(limit: int) -> Jobs:
    """List jobs, the latest first.

    Raises
    ------
    LedgerError
        The ledger cannot be read.
    """
    if limit < 1:
        raise UsageError(f"Expected a limit of 1 or more, got {limit}.")
    try:
        tops = runs_of(experiment=EXPERIMENT, expression=f"tags.`{LOG_TAG}` LIKE '%'", sort=None, limit=limit)
        steps = runs_of(
            experiment=EXPERIMENT, expression=f"tags.`{STEP_TAG}` LIKE '%'", sort=None, limit=_MOST_STEPS
        )
    except UsageError:
        # Nobody has run a job in this ledger.
        return Jobs(())
    return Jobs(
        tuple(
            _job(run, [step for step in steps if step.tags.get(JOB_TAG) == run.tags[JOB_TAG]]) for run in tops
        )
    )


def followed(limit: int) -> Jobs:
    """Tell of changes until no job runs; then list the jobs."""
    told: dict[str, str] = {}
    while True:
        found = jobs_in_ledger(limit)
        for job in reversed(found):
            for key, text in _news(job):
                if told.get(key) != text and (told or job.state == "running"):
                    sys.stdout.write(f"{text}\n")
                told[key] = text
        sys.stdout.flush()
        if not any(job.state == "running" for job in found):
            return found
        time.sleep(_POLL_S)


def _news(job: PastJob) -> Iterable[tuple[str, str]]:
    yield job.id, f"{job.name} {job.id[:8]}: {job.state}"
    for name, state, seconds in job.steps:
        yield (
            f"{job.id} {name}",
            f"{job.name} {job.id[:8]}: {name} {state}"
            + (f", {seconds:.1f} s" if seconds is not None else ""),
        )


def _job(run: Run, steps: list[Run]) -> PastJob:
    return PastJob(
        id=run.tags[JOB_TAG],
        name=run.name,
        state=run.state,
        started=run.started.astimezone().strftime("%Y-%m-%d %H:%M:%S"),
        seconds=run.seconds,
        parameters=dict(run.params),
        steps=tuple(
            (step.name, step.state, step.seconds) for step in sorted(steps, key=lambda each: each.started)
        ),
        files=tuple(json.loads(run.tags.get(FILES_TAG, "[]"))),
        log=run.tags[LOG_TAG],
        run=run.id,
    )
