"""Scripts whose steps are taken as if they had run: records are written as a job writes them, without any process."""

from dataclasses import dataclass, field
from pathlib import Path

from dsml_magics.pipeline.sections import script_from
from dsml_magics.run.digest import digest_of
from dsml_magics.run.need import Past, all_of, needs_of
from dsml_magics.run.planning import Plan
from dsml_magics.run.record import Group, Left, Record
from dsml_magics.run.state import State
from dsml_magics.run.watch import digest_at
from dsml_magics.run.wish import Wish

NOTHING = Left()
VERSIONS = {"python": "3.12.0", "pandas": "2.2.3"}


def group(*names, value, refs=()):
    """A value that is kept, under all names that share it."""
    digest = digest_of(repr(value))
    return Group(names, digest, digest, prints=dict.fromkeys(names, digest), refs=refs)


def left(*groups, modules=None, gone=(), lost=None, **values):
    """What a step left: values by their names, or groups of names."""
    kept = (*groups, *(group(name, value=value) for name, value in values.items()))
    return Left(kept, modules or {}, gone=tuple(gone), lost=lost or {})


@dataclass
class History:
    """A script in a folder, and what is written down of its steps."""

    folder: Path
    text: str
    arguments: str = "none"
    versions: dict = field(default_factory=lambda: VERSIONS)
    records: dict = field(default_factory=dict)

    def __post_init__(self):
        self.script = script_from(self.text, self.folder / "job.py")
        self.needs = needs_of(self.script)
        self.past = Past(self.folder, self.arguments, self.versions)

    def edited(self, old, new):
        """The script after an edit; what is written down of its steps stays."""
        assert old in self.text
        return History(
            self.folder, self.text.replace(old, new), self.arguments, self.versions, {**self.records}
        )

    def state_before(self, name):
        before = [*self.needs][: [*self.needs].index(name)]
        return State.after(self.records[each] for each in before if each in self.records)

    def ran(self, name, what=NOTHING, *, rebound=(), unforeseen=False, files=(), written=(), **more):
        """Write down that a step ran now, and what it left; `files` it read, and `written`, are as they are now."""
        need, state = self.needs[name], self.state_before(name)
        inputs, reads_all = need.inputs(state, self.arguments), need.reads_all or unforeseen
        self.records[name] = Record(
            step=name,
            job="before",
            code=need.code,
            inputs={**all_of(state), **inputs} if reads_all else inputs,
            left=what,
            reads_all=reads_all,
            changed=need.changed(what, state, rebound),
            seeded=need.seeds,
            files={each: digest_at(self.folder, each) for each in files},
            written={each: digest_at(self.folder, each) for each in written},
            versions=self.versions,
            **more,
        )
        return self

    def plan(self, **wish):
        return Plan.of(Wish(**wish or {"resume": True}), self.script, self.needs, self.past)

    def why(self, name, **wish):
        """Why a step would run, where all before it stay as they are written down."""
        return self.plan(**wish).reason(name, self.records.get(name), self.state_before(name), self.records)

    def told(self, **wish):
        """What ``--dry-run`` says: the fate of each step, and why."""
        return {
            step.name: f"{step.fate} {step.why}".strip()
            for step in self.plan(**wish).told(self.script, self.records)
        }
