"""What a piece of code may do: names it reads, binds and changes, and what it touches besides names."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

FILES, NETWORK, RANDOM, PROCESS, FIGURES, OUTPUT, LEDGER = (
    "files",
    "network",
    "random numbers",
    "settings",
    "figures",
    "output",
    "ledger",
)
EXTERNAL = frozenset((FILES, NETWORK, RANDOM, PROCESS, FIGURES, OUTPUT, LEDGER))
"""All that code can touch which is no name of the notebook."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a piece of code may do; where nothing is known of it, everything.

    `binds` are names it binds for certain, `may_bind` those it may. `changes` are names whose objects
    may be another afterwards. `uses` and `touches` are what it depends on and acts on besides names:
    ``files``, or ``files:data/in.csv`` where the file is known, ``random numbers``, ``settings``, ...
    `functions` are names of the notebook's functions that it may call, `holds` those that what it binds
    may hold and call later, `aliases` pairs of names that
    may share an object from now on. An `opaque` piece, such as ``exec``, may do anything to any name.
    """

    reads: frozenset[str] = frozenset()
    binds: frozenset[str] = frozenset()
    may_bind: frozenset[str] = frozenset()
    changes: frozenset[str] = frozenset()
    uses: frozenset[str] = frozenset()
    touches: frozenset[str] = frozenset()
    functions: frozenset[str] = frozenset()
    holds: frozenset[str] = frozenset()
    aliases: frozenset[tuple[str, str]] = frozenset()
    calls: bool = False
    opaque: bool = False

    def __or__(self, other: "Facts") -> "Facts":
        """Join the facts of two pieces, of which either may run."""
        return Facts(
            self.reads | other.reads,
            self.binds & other.binds,
            self.may_bind | other.may_bind | (self.binds ^ other.binds),
            self.changes | other.changes,
            self.uses | other.uses,
            self.touches | other.touches,
            self.functions | other.functions,
            self.holds | other.holds,
            self.aliases | other.aliases,
            self.calls or other.calls,
            self.opaque or other.opaque,
        )

    @property
    def bound(self) -> frozenset[str]:
        return self.binds | self.may_bind

    def then(self, other: "Facts") -> "Facts":
        """Join the facts of two pieces, of which the second runs after the first."""
        joined = self | other
        return replace(
            joined,
            reads=self.reads | (other.reads - self.binds),
            binds=self.binds | other.binds,
            may_bind=(self.may_bind | other.may_bind) - self.binds - other.binds,
        )


@dataclass
class Finding:
    """Facts under construction."""

    reads: set[str] = field(default_factory=set)
    binds: set[str] = field(default_factory=set)
    may_bind: set[str] = field(default_factory=set)
    changes: set[str] = field(default_factory=set)
    uses: set[str] = field(default_factory=set)
    touches: set[str] = field(default_factory=set)
    functions: set[str] = field(default_factory=set)
    holds: set[str] = field(default_factory=set)
    aliases: set[tuple[str, str]] = field(default_factory=set)
    calls: bool = False
    opaque: bool = False

    def facts(self) -> Facts:
        return Facts(
            frozenset(self.reads),
            frozenset(self.binds),
            frozenset(self.may_bind - self.binds),
            frozenset(self.changes),
            frozenset(self.uses),
            frozenset(self.touches),
            frozenset(self.functions),
            frozenset(self.holds),
            frozenset(self.aliases),
            self.calls,
            self.opaque,
        )


def overlaps(used: Iterable[str], touched: Iterable[str]) -> bool:
    """Tell whether something touched may be what is used: an unknown file may be any, or one of another folder."""
    touched = set(map(without_folder, touched))
    return any(_meets(without_folder(resource), touched) for resource in used)


def without_folder(resource: str) -> str:
    """Name a file by its last part: the folder a process works in may be another by then."""
    kind, sign, which = resource.partition(":")
    return f"{kind}{sign}{which.rpartition('/')[2]}"


def _meets(resource: str, touched: set[str]) -> bool:
    kind, _, which = resource.partition(":")
    if kind in touched or resource in touched:
        return True
    return not which and any(each.partition(":")[0] == kind for each in touched)
