"""The names of a running script: which changed, kept as blobs; and brought back from these."""

import sys
from collections.abc import Callable, Collection, Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from dsml_magics.run.digest import digest_of
from dsml_magics.run.namespace import MODULES, is_module, is_unread, live, made_modules, of_module
from dsml_magics.run.pickling import Pickled, pickled, unpickled
from dsml_magics.run.record import UNREAD, Group, Left, is_setting
from dsml_magics.run.sharing import SharedObjects, can_change, joined
from dsml_magics.run.store import Damaged, Store
from dsml_magics.run.value_digest import fingerprint_of

_MAX_LENGTH = 80


@dataclass(frozen=True, slots=True)
class Effects:
    """What a step may have done to names.

    Attributes
    ----------
    bound
        Names it may have bound: they are kept also where they are as before.
    changed
        Names whose objects may be another: these, and what shares objects with them, are compared.
    anything
        Whether all names are compared.
    wanted
        Names that later steps read; None where that may be any.
    passing
        Names that later steps bind anew; None where that may be any. What holds their values is kept with them, not by
        their names.
    """

    bound: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()
    anything: bool = True
    wanted: frozenset[str] | None = None
    passing: frozenset[str] | None = frozenset()


@dataclass
class Keeper:
    """Compares the names of a script with what they were, and keeps what is new.

    Attributes
    ----------
    names
        The namespace the script runs in.
    settings
        Reads the settings of the process, by names that begin with ``§``.
    known
        What each name is: the digest of the group that was kept, a module's name, or why it is lost.
    unforeseen
        Names that the last step changed although nothing it may change shares objects with them.
    rebound
        Names that are other objects since the last step, so what they were before is nothing to it.
    """

    store: Store
    names: MutableMapping[str, Any]
    settings: Callable[[], Mapping[str, Any]]
    known: dict[str, str] = field(default_factory=dict)
    unforeseen: frozenset[str] = frozenset()
    rebound: frozenset[str] = frozenset()
    _seen: dict[str, str] = field(default_factory=dict)
    """Digests as this process sees what it holds: what was read again may be written otherwise than before."""
    _ids: dict[str, int] = field(default_factory=dict)
    _lost: dict[str, str] = field(default_factory=dict)
    _shared: SharedObjects = field(default_factory=SharedObjects)
    _groups: dict[str, Group] = field(default_factory=dict)
    _prints: dict[str, str] = field(default_factory=dict)
    """Digests of what was read again and did not change since, as the process saw it that made it."""
    _loaded: set[str] = field(default_factory=set)

    def look(self) -> None:
        """Take what is there for what is known."""
        values, modules = self._values()
        lost = self._compare(values, self._loaded)
        self._loaded.clear()
        others = {name: of_module(module) for name, module in modules.items()}
        others |= {name: f"lost: {reason}" for name, reason in lost.items()}
        self.known = {**others, **self._seen, **self.known}

    def left(self, imported: Iterable[str], effects: Effects) -> Left:
        """Keep what changed since the last look.

        Parameters
        ----------
        imported
            Modules that were imported meanwhile.
        effects
            What the step may have done.

        Raises
        ------
        OSError
            The store cannot be written.
        """
        values, modules = self._values()
        unread = {name for name in values if is_unread(name, values[name], effects.wanted)}
        before, ids, known = {**self._seen}, {**self._ids}, self.known
        suspects = self._suspects(values, effects)
        lost = self._compare_all({name: values[name] for name in values if name not in unread}, suspects)
        lost |= dict.fromkeys(unread, UNREAD)
        self._lost |= dict.fromkeys(unread, UNREAD)
        self._ids |= {name: id(values[name]) for name in unread}
        changed = {
            name for name in values if name not in lost and self._is_new(name, values[name], before, ids)
        }
        differing = {name for name in changed if before.get(name, "") != self._seen[name]}
        self.unforeseen = frozenset(
            differing
            - self._shared.sharing(effects.changed | effects.bound)
            - {*filter(is_setting, differing)}
        )
        self.rebound = frozenset(
            name for name, value in values.items() if ids.get(name) != id(value) and not is_setting(name)
        )
        for name in differing | (effects.bound & self._ids.keys()):
            self._prints.pop(name, None)
        changed |= effects.bound & self._seen.keys()
        groups, unkept = self._kept(values, changed, effects.passing)
        lost |= unkept
        found = {name: of_module(module) for name, module in modules.items()}
        found |= {name: f"lost: {reason}" for name, reason in lost.items()}
        kept = {name: group.digest for group in groups for name in group.names}
        # A setting that is not there is one of a library that this process has not loaded.
        stay = {name for name in known if name in values or (is_setting(name) and name != MODULES)}
        self.known = {**{name: known[name] for name in stay}, **kept, **found}
        return Left(
            tuple(groups),
            {name: module for name, module in modules.items() if known.get(name) != of_module(module)},
            imported=tuple(name for name in imported if name in sys.modules),
            gone=tuple(sorted(set(known) - set(self.known))),
            # What cannot be kept cannot be compared either, but for being the same object.
            lost={
                name: reason
                for name, reason in lost.items()
                if name in effects.bound | effects.changed
                or ids.get(name) != id(values[name])
                or name in unkept
            },
        )

    def load(self, groups: Sequence[Group]) -> tuple[dict[str, Any], dict[str, str]]:
        """Bring names back that are not as they should be.

        Returns
        -------
        tuple
            The settings among them; and what cannot be read, with the reason.

        Raises
        ------
        Damaged
            A blob is missing or is not what it was.
        """
        found: dict[str, Any] = {}
        unreadable: dict[str, str] = {}
        given = {name: group for group in groups for name in group.names}
        self._groups |= given
        done: dict[tuple[str, ...], bool] = {}

        def bring(group: Group) -> bool:
            """Load a group after those it refers to; tell whether that was necessary."""
            if group.names in done:
                return done[group.names]
            done[group.names] = False
            moved = [bring(given[name]) for name in group.refs if name in given]
            # A name that was bound anew since is none of the group's any more.
            names = [name for name in group.names if given[name] is group]
            if not any(moved) and all(self.known.get(name) == group.digest for name in names):
                return False
            done[group.names] = True
            try:
                found.update(self._load(group, names))
            except (Damaged, OSError):
                raise
            except Exception as error:  # noqa: BLE001  unpickling runs code of any library
                reason = f"it cannot be read again: {type(error).__name__}: {error}"
                unreadable.update(dict.fromkeys(names, reason[:200]))
            return True

        for group in groups:
            bring(group)
        return found, unreadable

    def load_modules(self, modules: Mapping[str, str]) -> None:
        """Bind names to modules."""
        for name, module in modules.items():
            if self.known.get(name) != of_module(module):
                self.names[name], self.known[name] = import_module(module), of_module(module)

    def forget(self, names: Iterable[str]) -> None:
        """Take away names that were deleted."""
        for name in names:
            self.names.pop(name, None)
            self.known.pop(name, None)
            self._groups.pop(name, None)
            self._forget(name)

    def _load(self, group: Group, names: Iterable[str]) -> dict[str, Any]:
        stream = bytes(self.store.blob(group.stream))
        buffers = [
            memoryview(self.store.blob(blob)).toreadonly() if is_fixed else self.store.blob(blob)
            for blob, is_fixed in group.buffers
        ]
        held: dict[str, Any] = unpickled(stream, buffers, self.names)
        values = {name: held[name] for name in names}
        settings = {name: value for name, value in values.items() if is_setting(name)}
        self.names.update({name: value for name, value in values.items() if name not in settings})
        self.known.update(dict.fromkeys(values, group.digest))
        self._prints |= {name: group.prints[name] for name in names}
        self._loaded |= values.keys()
        return settings

    def _values(self) -> tuple[dict[str, Any], dict[str, str]]:
        values = {**live(self.names), **self.settings(), **made_modules(self.names)}
        modules = {name: value.__name__ for name, value in values.items() if is_module(value)}
        return {name: value for name, value in values.items() if name not in modules}, modules

    def _suspects(self, values: Mapping[str, Any], effects: Effects) -> Collection[str]:
        """List the names to compare: what a step may have changed, and what shares objects with that."""
        if effects.anything:
            return values.keys()
        touched = {
            name
            for name, value in values.items()
            if is_setting(name) or self._ids.get(name) != id(value) or name in effects.bound | effects.changed
        }
        # What a name was, that is bound anew without being changed, is as it was.
        changed = {name for name in touched if name in effects.changed or name not in effects.bound}
        return (touched | self._shared.sharing(changed)) & values.keys()

    def _compare_all(self, values: Mapping[str, Any], suspects: Collection[str]) -> dict[str, str]:
        """Look at names anew, and at those that share objects with them by now; tell which cannot be written down."""
        lost, seen = self._compare(values, suspects), {*suspects}
        while more := (self._shared.sharing(seen) & values.keys()) - seen:
            lost |= self._compare(values, more)
            seen |= more
        return lost

    def _compare(self, values: Mapping[str, Any], suspects: Collection[str]) -> dict[str, str]:
        """Look at names anew; tell which cannot be written down, and why."""
        lost: dict[str, str] = {}
        for name in {*self._seen, *self._ids} - values.keys():
            self._forget(name)
        for name, value in values.items():
            if name not in suspects and name in self._ids:
                lost |= {name: self._lost[name]} if name in self._lost else {}
                continue
            self._ids[name] = id(value)
            try:
                found = fingerprint_of({name: value})
            except Exception as error:  # noqa: BLE001  pickling runs code of any library
                self._forget(name)
                self._ids[name], lost[name] = id(value), _reason(error)
                self._lost[name] = lost[name]
                continue
            self._lost.pop(name, None)
            self._seen[name] = found.digest
            self._shared.put(name, found)
        return lost

    def _forget(self, name: str) -> None:
        for held in (self._seen, self._lost):
            held.pop(name, None)
        self._ids.pop(name, None)
        self._shared.drop(name)

    def _is_new(self, name: str, value: Any, before: Mapping[str, str], ids: Mapping[str, int]) -> bool:
        """Tell whether a name is another object or has other content; or refers to a name that is another object."""
        if before.get(name) != self._seen[name]:
            return True
        # A setting is read anew each time.
        if ids.get(name) != id(value) and can_change(value) and not is_setting(name):
            return True
        group = self._groups.get(name)
        return group is not None and any(ids.get(other) != self._ids.get(other) for other in group.refs)

    def _kept(
        self, values: Mapping[str, Any], changed: set[str], passing: frozenset[str] | None
    ) -> tuple[list[Group], dict[str, str]]:
        """Write down what changed, by references to the names that did not; tell what cannot be written."""
        lost: dict[str, str] = {}
        written: list[tuple[tuple[str, ...], Pickled]] = []
        roots = self._shared.roots([*self._seen])
        while True:
            others = {
                id(values[name]): name
                for name in (self._groups.keys() - passing if passing is not None else ())
                if name in values
                and name in self._seen
                and name not in changed
                and not is_setting(name)
                and can_change(values[name])
            }
            done = {names: content for names, content in written if content.refs.isdisjoint(changed)}
            written = list(self._written(values, changed, _Writing(others, roots, done), lost))
            changed -= lost.keys()
            more = {
                name
                for _, content in written
                for name in self._shared.holders(content.memo, content.arrays) - changed
                if name in values and name not in lost
            }
            if not more:
                break
            # It shares what is not the value of a name: it is written with them.
            changed |= more
        groups = [self._put(names, content) for names, content in written]
        self._groups |= {name: group for group in groups for name in group.names}
        return groups, lost

    def _written(
        self,
        values: Mapping[str, Any],
        changed: Collection[str],
        writing: "_Writing",
        lost: dict[str, str],
    ) -> Iterable[tuple[tuple[str, ...], Pickled]]:
        for names in joined([name for name in changed if name not in lost], self._shared):
            try:
                content = writing.done.get(names) or pickled(
                    {name: values[name] for name in names}, roots=writing.roots, others=writing.others
                )
            except Exception as error:  # noqa: BLE001  as above
                lost |= dict.fromkeys(names, _reason(error))
            else:
                yield names, content

    def _put(self, names: tuple[str, ...], content: Pickled) -> Group:
        blobs = tuple((digest_of(buffer), buffer.readonly) for buffer in content.buffers)
        stream = digest_of(content.stream)
        self.store.put_blob(stream, content.stream)
        for (blob, _), buffer in zip(blobs, content.buffers, strict=True):
            self.store.put_blob(blob, buffer)
        prints = {name: self._prints.get(name, self._seen[name]) for name in names}
        whole = prints[names[0]] if len(names) == 1 else self._whole(names)
        refs = tuple(sorted(content.refs))
        return Group(names, digest_of(whole, *refs), stream, blobs, prints, refs)

    def _whole(self, names: tuple[str, ...]) -> str:
        values, _ = self._values()
        return fingerprint_of({name: values[name] for name in names}).digest


@dataclass(frozen=True, slots=True)
class _Writing:
    """How values are written: what is not written again, as `pickled` takes it, and what is written already."""

    others: Mapping[int, str]
    roots: frozenset[int]
    done: Mapping[tuple[str, ...], Pickled]


def _reason(error: Exception) -> str:
    text = str(error).partition("\n")[0]
    return (text if len(text) <= _MAX_LENGTH else f"{text[:_MAX_LENGTH]}...") or type(error).__name__
