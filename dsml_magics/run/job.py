"""A job: a script run step by step, and how that went."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

Fate = Literal["kept", "done", "failed", "stopped", "waiting", "runs", "may run"]
"""What became of a step; a plan says ``runs`` and ``may run``."""


@dataclass(frozen=True, slots=True)
class StepRun:
    """One step of a job.

    Attributes
    ----------
    why
        Why it ran, or was kept, or failed.
    lost
        Names it made that cannot be kept, and why: a later step that needs them runs it again.
    files
        The files it wrote.
    """

    name: str
    title: str
    fate: Fate
    why: str = ""
    seconds: float | None = None
    cpu_seconds: float | None = None
    peak_memory_mb: float | None = None
    warnings: tuple[str, ...] = ()
    lost: Mapping[str, str] | None = None
    files: tuple[str, ...] = ()
    log: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Job:
    """A run of a script: the state it ended in, its steps, where its log and what it left are.

    A plan, of ``--dry-run``, has the state ``planned``.
    """

    id: str
    name: str
    state: Literal["finished", "failed", "stopped", "planned"]
    steps: tuple[StepRun, ...]
    parameters: Mapping[str, Any]
    seconds: float
    place: str
    log: str

    @property
    def exit_code(self) -> int:
        """What a shell gets: 0 where all steps are done."""
        return 0 if self.state in ("finished", "planned") else 1

    @property
    def files(self) -> tuple[str, ...]:
        """The files its steps wrote."""
        return tuple(dict.fromkeys(name for step in self.steps for name in step.files))

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return asdict(self)

    def __str__(self) -> str:
        from dsml_magics.run.text import text_of_job

        return text_of_job(self)

    __repr__ = __str__


@dataclass(frozen=True, slots=True)
class PastJob:
    """A job in the ledger; `steps` are those that ran, in their order."""

    id: str
    name: str
    state: str
    started: str
    seconds: float | None
    parameters: Mapping[str, str]
    steps: tuple[tuple[str, str, float | None], ...]
    files: tuple[str, ...]
    log: str
    run: str

    @property
    def step(self) -> str:
        """The step it is at, or that failed."""
        going = [name for name, state, _ in self.steps if state not in ("finished", "waiting")]
        return going[-1] if going else ""


@dataclass(frozen=True, repr=False)
class Jobs(Sequence[PastJob]):
    """Jobs, the latest first. Shows itself as text and as HTML."""

    jobs: tuple[PastJob, ...]

    def __getitem__(self, index: Any) -> Any:
        return Jobs(self.jobs[index]) if isinstance(index, slice) else self.jobs[index]

    def __len__(self) -> int:
        return len(self.jobs)

    def __iter__(self) -> Iterator[PastJob]:
        return iter(self.jobs)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {"schema": "dsml.jobs/1", "jobs": [asdict(job) for job in self.jobs]}

    def __str__(self) -> str:
        from dsml_magics.run.text import text_of_jobs

        return text_of_jobs(self)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from dsml_magics.run.text import html_of_jobs

        return html_of_jobs(self)
