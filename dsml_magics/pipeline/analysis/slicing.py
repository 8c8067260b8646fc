"""Slices: the statements some names need, with every possible effect on them."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from dsml_magics.pipeline.analysis.facts import OUTPUT, PROCESS, Facts, overlaps
from dsml_magics.pipeline.analysis.notebook import Statement

# Settings of the process may change anything, so they are always kept.
_ALWAYS = frozenset((PROCESS,))


def needed(
    statements: Sequence[Statement], wanted: Collection[str], forced: Collection[int] = ()
) -> list[bool]:
    """Tell which statements the final values of `wanted` names, and the `forced` statements, depend on.

    A backward slice (Weiser, "Program slicing", 1984): from the last statement to the first, one is kept
    if it may bind or change what is needed so far, and then what it reads is needed, too. An object is
    needed under all names that may share it.
    """
    sought = _Sought(Groups(statements), wanted)
    everything = False
    kept = [False] * len(statements)
    for at in range(len(statements) - 1, -1, -1):
        facts = statements[at].facts
        if everything or at in forced or sought.may_come_from(facts):
            kept[at] = True
            sought.look_before(facts)
            everything = everything or facts.opaque
    return kept


class Groups:
    """Names that may share objects, whenever: each name belongs to one group."""

    def __init__(self, statements: Sequence[Statement]) -> None:
        self._parent: dict[str, str] = {}
        for statement in statements:
            for first, second in statement.facts.aliases:
                self._parent[self.of(first)] = self.of(second)

    def of(self, name: str) -> str:
        """Return the name that stands for a group."""
        parent = self._parent.setdefault(name, name)
        while parent != self._parent[parent]:
            self._parent[parent] = self._parent[self._parent[parent]]
            parent = self._parent[parent]
        self._parent[name] = parent
        return parent


class _Sought:
    """Names and resources whose values at one point of the notebook are needed."""

    def __init__(self, groups: Groups, names: Iterable[str]) -> None:
        self._groups = groups
        self._names: set[str] = set()
        self._by_group: Counter[str] = Counter()
        self._resources: set[str] = set(_ALWAYS)
        self._add(names)

    def may_come_from(self, facts: Facts) -> bool:
        """Tell whether a statement may have to do with what is sought."""
        if facts.opaque or facts.bound & self._names:
            return True
        if any(self._by_group[self._groups.of(name)] for name in facts.changes):
            return True
        return overlaps(self._resources, facts.touches)

    def look_before(self, facts: Facts) -> None:
        """Go on to what a statement needs itself."""
        for name in facts.binds & self._names:
            self._names.remove(name)
            self._by_group[self._groups.of(name)] -= 1
        self._add(facts.reads | facts.changes)
        self._resources |= facts.uses - {OUTPUT}

    def _add(self, names: Iterable[str]) -> None:
        for name in set(names) - self._names:
            self._names.add(name)
            self._by_group[self._groups.of(name)] += 1
