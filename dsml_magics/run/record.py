"""What is written down of a step that ran: what it depended on, and what it left."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self

UNREAD = "it takes long to keep, and no later step reads it"


@dataclass(frozen=True, slots=True)
class Group:
    """Names whose values share objects, and where these values are kept.

    `digest` is that of their content, `prints` those of single names; `stream` and `buffers` name blobs, each buffer
    with whether it is read-only; `refs` are the names of earlier steps whose very objects they hold.
    """

    names: tuple[str, ...]
    digest: str
    stream: str
    buffers: tuple[tuple[str, bool], ...] = ()
    prints: Mapping[str, str] = field(default_factory=dict, hash=False)
    refs: tuple[str, ...] = ()

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        buffers = tuple((str(blob), bool(is_fixed)) for blob, is_fixed in values["buffers"])
        names, refs = tuple(values["names"]), tuple(values["refs"])
        return cls(names, values["digest"], values["stream"], buffers, dict(values["prints"]), refs)


@dataclass(frozen=True, slots=True)
class Left:
    """What a step left in the namespace, where that differs from before.

    `modules` are names bound to modules, `imported` the modules its code imports, `gone` the names it deleted;
    `lost` are names whose values cannot be kept, and why. Names that begin with ``§`` are settings of the process.
    """

    groups: tuple[Group, ...] = ()
    modules: Mapping[str, str] = field(default_factory=dict)
    imported: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    lost: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        groups = tuple(map(Group.from_dict, values["groups"]))
        return cls(
            groups, values["modules"], tuple(values["imported"]), tuple(values["gone"]), values["lost"]
        )

    @property
    def names(self) -> frozenset[str]:
        """All names it tells of."""
        kept = {name for group in self.groups for name in group.names}
        return frozenset({*kept, *self.modules, *self.gone, *self.lost})


@dataclass(frozen=True, slots=True)
class Cost:
    """What a step cost, and the warnings it gave."""

    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_memory_mb: float | None = None
    warnings: tuple[str, ...] = ()

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        return cls(**{**values, "warnings": tuple(values["warnings"])})


@dataclass(frozen=True, slots=True)
class Record:
    """A step that ran.

    Attributes
    ----------
    code
        Digest of its source, and of what stands above the first step.
    inputs
        Digest of each name it may read, as it was before; of all names where `reads_all`.
    changed
        Each name it left that it may not have bound anew, as it was before, with what it shared: its value is made of
        that one.
    seeded
        The random generators it set to a state of its own.
    files
        Digest of each file it read, by path from the working folder.
    written
        Digest of each file it wrote, "" for one it deleted.
    variables
        Digest of each variable of the environment it read as it was outside, "" for one that was not there.
    versions
        Of the packages that were imported by then.
    ended
        Milliseconds since 1970.
    """

    step: str
    job: str
    code: str
    inputs: Mapping[str, str]
    left: Left
    reads_all: bool = False
    changed: Mapping[str, str] = field(default_factory=dict)
    seeded: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    written: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    cost: Cost = field(default_factory=Cost)
    ended: int = 0

    def without(self, lost: Mapping[str, str]) -> Self:
        """Note that some names it left cannot be brought back, and why."""
        kept = tuple(group for group in self.left.groups if not lost.keys() & {*group.names})
        names = {name for group in self.left.groups if group not in kept for name in group.names}
        reasons = {name: lost[name] for name in names}
        return replace(self, left=replace(self.left, groups=kept, lost={**self.left.lost, **reasons}))

    @property
    def files_left(self) -> tuple[str, ...]:
        """The files it wrote, and did not delete."""
        return tuple(name for name, digest in self.written.items() if digest)

    @property
    def blobs(self) -> frozenset[str]:
        """All blobs it needs."""
        groups = self.left.groups
        return frozenset(
            blob for each in groups for blob in (each.stream, *(name for name, _ in each.buffers))
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Read what `to_dict` gave.

        Raises
        ------
        KeyError, TypeError, ValueError
            It is no record.
        """
        left, cost = Left.from_dict(values["left"]), Cost.from_dict(values["cost"])
        return cls(**{**values, "left": left, "cost": cost, "seeded": tuple(values["seeded"])})


def is_setting(name: str) -> bool:
    """Tell whether a name stands for a setting of the process."""
    return name.startswith("§")
