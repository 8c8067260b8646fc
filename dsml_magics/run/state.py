"""What steps left so far, put together: the digest of each name, who made it, and what is lost."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dsml_magics.run.record import Group, Record

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

    def digest(self, name: str) -> str:
        """Tell what a name is: equal digests, equal content."""
        if name in self.groups:
            return self.groups[name].digest
        if name in self.modules:
            return f"module {self.modules[name]}"
        # Nobody can compare it, so it is another one each time it is made.
        return " ".join(("lost", *self.lost[name])) if name in self.lost else ABSENT

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
                }
                for group in groups.values()
            ],
            "modules": self.modules,
            "imported": list(self.imported),
            "gone": list(self.gone),
        }
