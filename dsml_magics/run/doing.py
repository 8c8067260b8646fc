"""One step at work: given to a worker, waited for, and written down."""

import os
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from threading import Lock
from typing import Any

from dsml_magics.errors import StateUnusable, StepFailed
from dsml_magics.ledger.here import now
from dsml_magics.redaction import secret_values
from dsml_magics.run.crew import Died, TooLong, Worker
from dsml_magics.run.failing import failure
from dsml_magics.run.job import StepRun
from dsml_magics.run.logs import Log
from dsml_magics.run.need import Need, all_of, lost_for
from dsml_magics.run.planning import Plan
from dsml_magics.run.record import UNREAD, Cost, Left, Record, is_setting
from dsml_magics.run.report import Report
from dsml_magics.run.shelf import Shelf
from dsml_magics.run.state import State
from dsml_magics.run.telling import Telling
from dsml_magics.run.wish import Wish


class Again(Exception):
    """Some steps must run again, because what they left cannot be brought back: by name, the reason."""

    def __init__(self, steps: Mapping[str, str]) -> None:
        super().__init__(", ".join(steps))
        self.steps = dict(steps)


@dataclass
class Hand:
    """A worker, if one runs, and the names that are only in its memory."""

    worker: Worker | None = None
    holds: set[str] = field(default_factory=set)

    def drop(self) -> None:
        """End the worker; what only its memory has is gone."""
        if self.worker is not None:
            self.worker.kill()
        self.worker, self.holds = None, set()


@dataclass
class Doing:
    """Runs single steps of a job.

    Attributes
    ----------
    records
        What is known of each step: of earlier runs, then of this one.
    steps
        What became of the steps so far.
    has_ended
        Whether the script ended by itself, before its last step.
    """

    shelf: Shelf
    plan: Plan
    wish: Wish
    report: Report
    telling: Telling
    logs: Path
    arguments: list[str]
    records: dict[str, Record]
    steps: dict[str, StepRun] = field(default_factory=dict)
    has_ended: bool = False
    _tries: dict[str, int] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def why(self, name: str, state: State) -> str:
        """Say why a step must run; nothing where it is kept."""
        return self.plan.reason(name, self.records.get(name), state, self.records)

    def keep(self, name: str) -> None:
        """Note that a step is kept."""
        if name not in self.steps:
            record = self.records[name]
            section = self.shelf.section(name)
            self.steps[name] = StepRun(
                name,
                section.title,
                "kept",
                seconds=record.cost.seconds,
                files=record.files_left,
                lost=record.left.lost,
            )
            self.telling.kept(self.steps[name])

    def run(self, need: Need, state: State, why: str, hand: Hand) -> None:
        """Run a step, again where it fails and that is wanted."""
        while True:
            self._require_held(need, state, hand)
            self._tries[need.name] = self._tries.get(need.name, 0) + 1
            log = Log(self.logs, f"{self.shelf.number(need.name):02}-{need.name}")
            try:
                record = self._tried(need, state, why, hand, log)
            except StepFailed as error:
                hand.drop()
                if self._tries[need.name] > self.wish.retries:
                    raise
                self.telling.again(need.name, self._tries[need.name], str(error).partition("\n")[0])
                continue
            with self._lock:
                self.records[need.name] = record
                self.shelf.put(record)
                self.plan.forced.pop(need.name, None)
            hand.holds = (hand.holds - record.left.names) | record.left.lost.keys()
            return

    def _require_held(self, need: Need, state: State, hand: Hand) -> None:
        # What stands above the first step is there in every process.
        there = hand.holds | self.shelf.script.given
        missing = {name: step for name, step in lost_for(need, state).items() if name not in there}
        if missing:
            raise Again(
                {step: f"`{name}` cannot be kept, and {need.name} needs it" for name, step in missing.items()}
            )

    def _tried(self, need: Need, state: State, why: str, hand: Hand, log: Log) -> Record:
        """Run a step once, and tell how that went."""
        step = StepRun(need.name, self.shelf.section(need.name).title, "failed", why, log=str(log.out))
        run = self.report.begin_step(need.name)
        self.telling.begins(step, log)
        started, inputs = time.perf_counter(), need.inputs(state, self.plan.past.arguments)
        answer: dict[str, Any] = {}
        try:
            answer = self._answer(need, state, hand, log, run)
            if "failed" in answer:
                raise failure(self.shelf.section(need.name), self.shelf.script, answer["failed"], log)
            record = self._record(need, state, inputs, answer)
            lost = {
                name: said
                for name, said in record.left.lost.items()
                if not is_setting(name) and said != UNREAD
            }
            step = replace(step, fate="done", files=record.files_left, lost=lost)
        except Again:
            self.report.forget_step(need.name)
            raise
        except (StepFailed, StateUnusable) as error:
            self._ends(replace(step, why=str(error).partition("\n")[0]), answer, started, log)
            raise
        except KeyboardInterrupt:
            self._ends(replace(step, fate="stopped"), answer, started, log)
            raise
        self._ends(step, answer, started, log)
        return record

    def _ends(self, step: StepRun, answer: Mapping[str, Any], started: float, log: Log) -> None:
        """Tell what became of a step, and what it cost."""
        cost = Cost.from_dict(answer["cost"]) if "cost" in answer else Cost(time.perf_counter() - started)
        self.steps[step.name] = replace(
            step,
            seconds=cost.seconds,
            cpu_seconds=cost.cpu_seconds,
            peak_memory_mb=cost.peak_memory_mb,
            warnings=cost.warnings,
        )
        log.redact(answer.get("secrets", secret_values(os.environ)))
        log.put_facts(asdict(self.steps[step.name]))
        self.report.end_step(self.steps[step.name], log)
        self.telling.ends(self.steps[step.name], log)

    def _answer(self, need: Need, state: State, hand: Hand, log: Log, run: str) -> dict[str, Any]:
        """Have a worker do a step; what it answers."""
        files = {"out": str(log.out), "err": str(log.err)}
        follow = self.telling.follower(log)
        try:
            if hand.worker is None or not hand.worker.is_alive:
                hand.drop()
                hand.worker = Worker()
            hand.worker.meanwhile = follow
            if not hand.worker.has_begun:
                self._usable(hand.worker.ask({"do": "begin", **self._whose(), **files}), need, state)
                hand.worker.has_begun = True
            self._usable(hand.worker.ask(state.order()), need, state)
            order = {
                "do": "step",
                "step": need.name,
                "run": run,
                "reads": sorted(need.reads),
                "effects": self.plan.effects(need, state),
                "uses_files": need.uses_files,
                "looks": self.wish.jobs == 1,
            }
            return self._usable(hand.worker.ask(order | files, timeout=self.wish.timeout), need, state)
        except Died as error:
            raise StepFailed(f"Step {need.name!r} did not end: {error}.\n{log.tail()}".rstrip()) from None
        except TooLong:
            raise StepFailed(
                f"Step {need.name!r} took longer than the {self.wish.timeout:g} s of --timeout, and was ended."
            ) from None

    def _whose(self) -> dict[str, Any]:
        """Tell a worker which script it is for, and whose state."""
        script = str(self.shelf.script.path)
        return {"state": self.shelf.address, "script": script, "arguments": self.arguments}

    def _usable(self, answer: dict[str, Any], need: Need, state: State) -> dict[str, Any]:
        if "damaged" in answer:
            raise Again(self._forget(answer["damaged"]))
        if "unreadable" in answer:
            for name in {state.makers[each] for each in answer["unreadable"]}:
                self.records[name] = self.records[name].without(answer["unreadable"])
                self.shelf.put(self.records[name])
            raise Again({})
        if "trouble" in answer:
            raise StateUnusable(
                f"What step {need.name!r} left cannot be kept at {self.shelf.address!r}: {answer['trouble']}. "
                "Steps before it are kept; --resume goes on."
            )
        return answer

    def _forget(self, blob: str) -> dict[str, str]:
        """Forget the steps that a damaged blob is of."""
        named = {
            name: f"what it left is damaged ({blob[:8]})"
            for name, record in self.records.items()
            if blob in record.blobs
        }
        for name in named:
            self.shelf.store.check(self.records[name].blobs)
        return named or dict.fromkeys(self.plan.considered, f"what was left cannot be read ({blob})")

    def _record(self, need: Need, state: State, inputs: dict[str, str], answer: Mapping[str, Any]) -> Record:
        left = Left.from_dict(answer["left"])
        self.has_ended = self.has_ended or bool(answer["ends"])
        # What the analysis did not foresee: from now on it may read anything.
        reads_all = need.reads_all or bool(answer["unforeseen"])
        return Record(
            step=need.name,
            job=self.report.job,
            code=need.code,
            inputs={**all_of(state), **inputs} if reads_all else inputs,
            left=left,
            reads_all=reads_all,
            changed=need.changed(left, state, answer["rebound"]),
            seeded=need.seeds,
            files=answer["files"],
            written=answer["written"],
            variables=answer["variables"],
            versions=self.plan.past.versions,
            cost=Cost.from_dict(answer["cost"]),
            ended=now(),
        )
