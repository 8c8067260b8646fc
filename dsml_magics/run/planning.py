"""Which steps of a script must run, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from dsml_magics.errors import UsageError, hint
from dsml_magics.pipeline.sections import Script
from dsml_magics.run.job import StepRun
from dsml_magics.run.need import Need, Past, lost_for, rank, shown
from dsml_magics.run.reading import reads_setting
from dsml_magics.run.record import Record, is_setting
from dsml_magics.run.settings import RANDOM, SETTINGS
from dsml_magics.run.state import State
from dsml_magics.run.wish import Wish


@dataclass
class Plan:
    """What is to be done with each step.

    `forced` run whatever is known of them, with the reason; `trusted` are kept whatever may have changed. Steps that
    are in neither, and not among `considered`, are left alone.
    """

    needs: Mapping[str, Need]
    past: Past
    considered: frozenset[str]
    trusted: frozenset[str]
    forced: dict[str, str]

    @property
    def order(self) -> list[str]:
        """The steps considered, in the order of the script."""
        return [name for name in self.needs if name in self.considered]

    @classmethod
    def of(cls, wish: Wish, script: Script, needs: Mapping[str, Need], past: Past) -> "Plan":
        """Read a wish.

        Raises
        ------
        UsageError
            It names a step the script does not have.
        """
        names = list(needs)
        if wish.only:
            own = [_named(word, script, names) for word in wish.only]
            above = _above(own, needs) - {*own}
            return cls(needs, past, above | {*own}, above, dict.fromkeys(own, "it was asked for"))
        if wish.start is not None:
            at = names.index(_named(wish.start, script, names))
            before = frozenset() if wish.resume else frozenset(names[:at])
            return cls(
                needs, past, frozenset(names), before, dict.fromkeys(names[at:], f"from {names[at]} on")
            )
        forced = {} if wish.resume else dict.fromkeys(names, "a new run")
        return cls(needs, past, frozenset(names), frozenset(), forced)

    def reason(self, name: str, record: Record | None, state: State, records: Mapping[str, Record]) -> str:
        """Say why a step must run now; nothing where it is kept.

        Raises
        ------
        UsageError
            It was to be kept, but never ran.
        """
        if name in self.forced:
            return self.forced[name]
        if name in self.trusted:
            if record is None:
                raise UsageError(
                    f"Expected the state of step {name!r}, which is needed, but it has not run here. "
                    "Run it first, or run with --resume."
                )
            return ""
        last = {file: step for step in self.needs if step in records for file in records[step].written}
        names = [*self.needs]
        after = [records[step] for step in names[names.index(name) + 1 :] if step in records]
        later = {file: digest for each in after for file, digest in each.written.items()}
        return self.past.reason(self.needs[name], record, state, last, later)

    def effects(self, need: Need, state: State) -> dict[str, Any]:
        """Write for a worker what a step may do to names, and which are read later."""
        names = [*self.needs]
        later = [self.needs[name] for name in names[names.index(need.name) + 1 :]]
        wanted = frozenset[str]().union(*(each.reads for each in later))
        passing = frozenset[str]().union(*(each.facts.bound for each in later))
        may_be_any = any(each.reads_all for each in later)
        return {
            "bound": sorted(need.facts.bound),
            "changed": sorted(need.may_change if not need.reads_all else state.lost),
            "anything": not need.is_known,
            "wanted": None if may_be_any else sorted(wanted),
            "passing": None if may_be_any else sorted(passing),
        }

    def told(self, script: Script, records: Mapping[str, Record]) -> tuple[StepRun, ...]:
        """Say what would run, without running it: what a step that runs makes may change or not."""
        plan = self
        while True:
            found, lacking = plan._told(script, records)
            if not lacking:
                return tuple(found)
            plan = replace(plan, forced=plan.forced | lacking)

    def _told(self, script: Script, records: Mapping[str, Record]) -> tuple[list[StepRun], dict[str, str]]:
        """Say what would run; and which steps would then have to run for what cannot be kept of them, and why."""
        state, doubt = State(), _Doubt()
        found: list[StepRun] = []
        lacking: dict[str, str] = {}
        for section in script.sections:
            need = self.needs.get(section.name)
            if need is None or need.name not in self.considered:
                continue
            record = records.get(need.name)
            why = self.reason(need.name, record, state, records)
            is_open = not why and need.name not in self.trusted
            doubtful = doubt.of(need, record) if is_open and record is not None else ""
            if why:
                found.append(StepRun(need.name, section.title, "runs", why))
            elif doubtful:
                found.append(StepRun(need.name, section.title, "may run", f"if {doubtful}"))
            else:
                found.append(StepRun(need.name, section.title, "kept"))
            if why or doubtful:
                doubt.add(need, record)
                kept = {step.name for step in found if step.fate == "kept"} - {need.name}
                for name, maker in lost_for(need, state).items():
                    if maker in kept and name not in script.given:
                        lacking[maker] = f"`{name}` cannot be kept, and {need.name} needs it"
            if record is not None:
                state.add(record)
        return found, lacking


@dataclass
class _Doubt:
    """What may be another value, once steps that run have run: names and files by step, or anything."""

    names: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    anything: str = ""

    def add(self, need: Need, record: Record | None) -> None:
        """Note that a step runs."""
        left = record.left.names if record is not None else frozenset()
        settings = SETTINGS if not need.is_known and (record is None or record.code != need.code) else ()
        self.names |= dict.fromkeys((*sorted(need.makes | left), *settings), need.name)
        self.files |= dict.fromkeys(record.written if record is not None else (), need.name)
        self.anything = self.anything or (need.name if need.reads_all else "")

    def of(self, need: Need, record: Record) -> str:
        """Say why a step may have to run."""
        if self.anything:
            return f"what {self.anything} does changes anything"
        settings = {name for name in self.names if is_setting(name) and reads_setting(name, need.facts)}
        read = {*need.reads, *record.inputs, *record.changed, *(settings - RANDOM)}
        names = sorted(self.names.keys() if record.reads_all else read & self.names.keys(), key=rank)
        if names:
            return f"{shown(names[0])} of {self.names[names[0]]} changes"
        files = sorted(record.files.keys() & self.files.keys())
        return f"file {files[0]} of {self.files[files[0]]} changes" if files else ""


def _named(word: str, script: Script, names: Sequence[str]) -> str:
    key = word.casefold()
    for section in script.sections:
        if section.name in names and key in (section.name, section.title.casefold()):
            return section.name
    raise UsageError(f"Expected a step of {script.path.name}, got {word!r}. {hint(word, names)}")


def _above(names: Sequence[str], needs: Mapping[str, Need]) -> frozenset[str]:
    """Find all steps that some must wait for, directly or through others."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        new = set(needs[waiting.pop()].after) - found
        found |= new
        waiting += new
    return frozenset(found)
