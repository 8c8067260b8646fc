"""What steps left so far, put together: the digest of each name, who made it, and what is lost."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

from dsml_magics.run.record import Group, Record, is_setting

ABSENT = ""
"""The digest of a name that is not there."""


@dataclass
class State:
    """The names after some steps, in the order of the script."""

    groups: dict[str, Group] = field(default_factory=dict)
    modules: dict[str, str] = field(default_factory=dict)
    imported: dict[str, None] = field(default_factory=dict)
    gone: dict[str, None] = field(default_factory=dict)
    lost: dict[str, tuple[str, str]] = field(default_factory=dict)
    """By name: the step that made it, and when."""
    makers: dict[str, str] = field(default_factory=dict)
    writers: dict[str, str] = field(default_factory=dict)
    seeded: set[str] = field(default_factory=set)
    """The random generators whose state follows from a seed."""

    @classmethod
    def after(cls, records: Iterable[Record]) -> "State":
        state = cls()
        for record in records:
            state.add(record)
        return state

    def add(self, record: Record) -> None:
        """Go on to what is there after a step."""
        left = record.left
        for name in left.names:
            for held in (self.groups, self.modules, self.gone, self.lost):
                held.pop(name, None)
            self.makers[name] = record.step
        for group in left.groups:
            self.groups |= dict.fromkeys(group.names, group)
        self.modules |= left.modules
        self.imported |= dict.fromkeys(left.imported)
        self.gone |= dict.fromkeys(left.gone)
        self.lost |= dict.fromkeys(left.lost, (record.step, f"{record.job} {record.ended}"))
        self.writers |= dict.fromkeys(record.written, record.step)
        self.seeded |= {*record.seeded}

    def digest(self, name: str) -> str:
        """Tell what a name is: equal digests, equal content."""
        if name in self.groups:
            return self.groups[name].prints[name]
        if name in self.modules:
            return f"module {self.modules[name]}"
        # Nobody can compare it, so it is another one each time it is made.
        return " ".join(("lost", *self.lost[name])) if name in self.lost else ABSENT

    def shared(self, name: str) -> str:
        """Tell what a name is and with which it shares objects: equal texts, equal also after one is changed."""
        group = self.groups.get(name)
        if group is None or is_setting(name):
            return self.digest(name)
        holders = sorted(
            {each for other in self.groups.values() if name in other.refs for each in other.names}
        )
        return " ".join((group.digest, *group.names, "in", *holders))

    def dangling(self, names: AbstractSet[str]) -> list[str]:
        """List what holds values of some names and would lose them where these are left anew, and it is not."""
        held = (group for group in self.groups.values() if not names.isdisjoint(group.refs))
        return sorted({name for group in held for name in group.names} - names)

    def digests(self) -> dict[str, str]:
        return {name: self.digest(name) for name in sorted({*self.groups, *self.modules, *self.lost})}

    def order(self) -> Mapping[str, Any]:
        """Write the order that brings a worker there."""
        groups = {group.names: group for group in self.groups.values()}
        return {
            "do": "load",
            "groups": [
                {
                    "names": group.names,
                    "digest": group.digest,
                    "stream": group.stream,
                    "buffers": group.buffers,
                    "prints": group.prints,
                    "refs": group.refs,
                }
                for group in groups.values()
            ],
            "modules": self.modules,
            "imported": list(self.imported),
            "gone": list(self.gone),
        }
