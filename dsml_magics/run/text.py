"""Jobs as text and HTML."""

from collections.abc import Sequence

from markupsafe import Markup, escape

from dsml_magics.pipeline.words import counted
from dsml_magics.run.job import Job, Jobs, PastJob, StepRun


def line_of(step: StepRun) -> str:
    """Tell of one step in a line."""
    facts: list[str] = [step.fate]
    if step.fate != "kept" and step.seconds is not None:
        facts.append(_time(step.seconds))
    if step.peak_memory_mb is not None:
        facts.append(f"{step.peak_memory_mb:.0f} MB")
    if step.warnings:
        facts.append(counted(len(step.warnings), "warning"))
    if step.why and step.fate in ("done", "runs", "may run"):
        facts.append(step.why)
    line = f"{step.name}: {', '.join(facts)}"
    for reason, names in _by_reason(step).items():
        line += (
            f"\n      cannot be kept ({reason}), so what needs it runs {step.name} again: {_listed(names)}"
        )
    return line


def _by_reason(step: StepRun) -> dict[str, list[str]]:
    """Sort what a step left and cannot be kept; of a step that is kept, it was told before."""
    found: dict[str, list[str]] = {}
    for name, reason in (step.lost or {}).items() if step.fate != "kept" else ():
        found.setdefault(reason, []).append(f"`{name}`")
    return found


def text_of_job(job: Job) -> str:
    lines = [
        f"Job {job.name} {job.id[:8]}: {job.state}"
        + ("" if job.state == "planned" else f", {_time(job.seconds)}")
    ]
    lines += [f"  {line_of(step)}" for step in job.steps]
    if job.parameters:
        lines.append(
            "  parameters: " + ", ".join(f"{name}={value!r}" for name, value in job.parameters.items())
        )
    if job.files:
        lines.append(f"  wrote: {_listed(job.files)}")
    if job.state != "planned":
        lines.append(f"  log: {job.log}")
    return "\n".join(lines)


def text_of_jobs(jobs: Jobs) -> str:
    if not jobs:
        return "No jobs in the ledger. `dsml run OUT.py` makes one."
    rows = [_HEAD, *(_row(job) for job in jobs)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def html_of_jobs(jobs: Jobs) -> str:
    head = Markup("").join(Markup("<th>{}</th>").format(cell) for cell in _HEAD)
    body = Markup("").join(
        Markup("<tr>{}</tr>").format(
            Markup("").join(Markup("<td>{}</td>").format(cell) for cell in _row(job))
        )
        for job in jobs
    )
    return str(
        Markup("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>").format(head, body)
        if jobs
        else escape(text_of_jobs(jobs))
    )


_HEAD = ("job", "name", "state", "step", "started", "time", "parameters", "wrote", "log")


def _row(job: PastJob) -> tuple[str, ...]:
    done = sum(state == "finished" for _, state, _ in job.steps)
    return (
        job.id[:8],
        job.name,
        job.state,
        job.step or f"{counted(done, 'step')} ran",
        job.started,
        _time(job.seconds) if job.seconds is not None else "",
        ", ".join(f"{name}={value}" for name, value in job.parameters.items()),
        _listed(job.files),
        job.log,
    )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _time(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds < 60 else f"{seconds / 60:.1f} min"
