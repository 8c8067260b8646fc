"""From a script, or the notebook it comes from, and a wish to a job that has ended."""

import time
import uuid
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from dsml_magics.errors import JobError, UsageError
from dsml_magics.pipeline.reading import read_pipeline
from dsml_magics.pipeline.sections import Script, read_script, script_from
from dsml_magics.process.system import interrupt, on_termination
from dsml_magics.run.converted import save_converted
from dsml_magics.run.crew import Worker
from dsml_magics.run.doing import Doing, Hand
from dsml_magics.run.given import arguments_of, digest_of_values, given
from dsml_magics.run.job import Job, StepRun
from dsml_magics.run.need import Past, needs_of
from dsml_magics.run.planning import Plan
from dsml_magics.run.report import Report
from dsml_magics.run.running import Running
from dsml_magics.run.shelf import Shelf
from dsml_magics.run.telling import Telling
from dsml_magics.run.wish import Wish


def script_at(path: Path) -> Script:
    """Read a script; a notebook is converted first, as the script beside it, which is not written here.

    Raises
    ------
    NotebookError
        It cannot be read or converted.
    """
    if path.suffix != ".ipynb":
        return read_script(path)
    return script_from(read_pipeline(path).to_script(), path.with_suffix(".py"))


def planned(path: Path, wish: Wish, *, words: Sequence[str], file: Path | None, state: str | None) -> Job:
    """Say what would run, and why; nothing is run.

    Raises
    ------
    DsmlError
        As `run`.
    """
    script, values = _read(path, words, file)
    shelf = Shelf.open(script, state, read_only=True)
    steps = _plan(wish, script, digest_of_values(values)).told(script, shelf.records())
    return Job(uuid.uuid4().hex, script.path.stem, "planned", steps, values, 0.0, shelf.address, "")


def ran(  # noqa: PLR0913  as `planned`, and the worker
    path: Path,
    wish: Wish,
    *,
    words: Sequence[str],
    file: Path | None,
    state: str | None,
    worker: Worker | None = None,
) -> Job:
    """Run a script, in a worker that is loading already if there is one.

    Raises
    ------
    DsmlError
        It cannot be read, its state is in use, or a step failed.
    """
    script, values = _read(path, words, file)
    shelf = Shelf.open(script, state)
    if path.suffix == ".ipynb":
        save_converted(script)
    with shelf.locked(_locked(wish, script)):
        return _at_work(shelf, wish, values, worker)


def _read(path: Path, words: Sequence[str], file: Path | None) -> tuple[Script, dict[str, Any]]:
    script = script_at(path)
    return script, given(script, words, file)


def _locked(wish: Wish, script: Script) -> list[str]:
    """Name the steps to lock: one at a time may run on its own, beside others."""
    keys = {word.casefold() for word in wish.only}
    return [each.name for each in script.sections if {each.name, each.title.casefold()} & keys]


def _at_work(shelf: Shelf, wish: Wish, values: dict[str, Any], worker: Worker | None) -> Job:
    job, script = uuid.uuid4().hex, shelf.script
    logs = shelf.here / "logs" / f"{time.strftime('%Y%m%d-%H%M%S')}-{job[:8]}"
    logs.mkdir(parents=True, mode=0o700)
    arguments, digest = arguments_of(script, values, logs)
    hands = [Hand(worker), *(Hand() for _ in range(wish.jobs - 1))]
    try:
        plan = _plan(wish, script, digest)
        report = Report.begin(
            job, script.path.stem, place=shelf.address, log=logs, values=_every(script, values)
        )
        telling = Telling(len(plan.considered), is_live=wish.jobs == 1)
        doing = Doing(shelf, plan, wish, report, telling, logs, arguments, shelf.records())
        return _went(Running(doing, hands), values)
    finally:
        for hand in hands:
            hand.drop()


def _plan(wish: Wish, script: Script, arguments: str) -> Plan:
    needs = needs_of(script)
    if not needs:
        raise UsageError(
            f"Expected a script with steps, got {script.path.name}, which has no code below a marker."
        )
    return Plan.of(wish, script, needs, Past.now(script, Path.cwd(), arguments))


def _went(running: Running, values: dict[str, Any]) -> Job:
    """Let a job go, and tell the ledger how it went."""
    doing, started, fate = running.doing, time.perf_counter(), "failed"
    shelf = doing.shelf
    try:
        # All of these, whatever fails or is stopped meanwhile; the last of them first.
        with on_termination(interrupt), ExitStack() as last:  # as a scheduler asks it to
            last.callback(doing.report.let_go)
            last.callback(doing.telling.close)
            # The ledger is written meanwhile.
            last.callback(running.end)
            try:
                running.go()
                fate = "finished"
            except KeyboardInterrupt:
                fate = "stopped"
                raise
            finally:
                if fate != "finished":
                    running.stop()
                seconds = time.perf_counter() - started
                steps = _all_steps(doing, fate)
                doing.report.end(fate, steps, seconds)
    except KeyboardInterrupt:
        raise JobError(
            f"Stopped. Steps that are done are kept: --resume goes on. Log: {doing.logs}"
        ) from None
    if not doing.wish.only:
        shelf.tidy(doing.records)
    name = shelf.script.path.stem
    return Job(doing.report.job, name, "finished", steps, values, seconds, shelf.address, str(doing.logs))


def _every(script: Script, values: dict[str, Any]) -> dict[str, Any]:
    """Take all parameters: those given, and the script's own."""
    return {parameter.name: parameter.default for parameter in script.pipeline.parameters} | values


def _all_steps(doing: Doing, fate: str) -> tuple[StepRun, ...]:
    steps = []
    for section in doing.shelf.script.sections:
        if section.name in doing.steps:
            steps.append(doing.steps[section.name])
        elif section.name in doing.plan.considered:
            steps.append(StepRun(section.name, section.title, "waiting" if fate != "finished" else "kept"))
    return tuple(steps)
