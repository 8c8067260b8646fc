"""The names of a running script: which changed, kept as blobs; and brought back from these."""

import re
import sys
from collections.abc import Callable, Collection, Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field
from importlib import import_module
from types import ModuleType
from typing import Any

from dsml_magics.run.digest import digest_of
from dsml_magics.run.pickling import Pickled, unpickled
from dsml_magics.run.record import Group, Left
from dsml_magics.run.sharing import groups_of
from dsml_magics.run.store import Damaged, Store

_OWN = re.compile(r"__\w+__")
MODULES = "§modules"


@dataclass(frozen=True, slots=True)
class _Found:
    """What is in a namespace: groups with their content, modules, and what is lost, with the ids of the objects."""

    groups: list[tuple[Group, Pickled]]
    modules: Mapping[str, str]
    lost: Mapping[str, str]
    ids: dict[str, int]

    @property
    def digests(self) -> dict[str, str]:
        return {name: group.digest for group, _ in self.groups for name in group.names}

    @property
    def others(self) -> dict[str, str]:
        """What stands for a digest where there is none."""
        modules = {name: _of_module(module) for name, module in self.modules.items()}
        return modules | {name: f"lost: {reason}" for name, reason in self.lost.items()}


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
        What each name is: the digest of what was kept, a module's name, or why it is lost.
    has_loaded
        Whether something was brought back since the last look.
    """

    store: Store
    names: MutableMapping[str, Any]
    settings: Callable[[], Mapping[str, Any]]
    known: dict[str, str] = field(default_factory=dict)
    has_loaded: bool = False
    _seen: dict[str, str] = field(default_factory=dict)
    """Digests as this process writes what it holds: what was read again may be written otherwise than before."""
    _lost: dict[str, int] = field(default_factory=dict)
    """Ids of the objects that cannot be kept."""

    def look(self) -> None:
        """Take what is there for what is known."""
        found = self._found()
        self._seen, self._lost, self.has_loaded = found.digests, found.ids, False
        self.known = {**found.others, **found.digests, **self.known}

    def left(self, imported: Iterable[str], changed: Collection[str] = ()) -> Left:
        """Keep what changed since the last look.

        Parameters
        ----------
        imported
            Modules that were imported meanwhile.
        changed
            Names that may have changed although they are the same objects, where these cannot be compared.

        Raises
        ------
        OSError
            The store cannot be written.
        """
        found = self._found()
        before, self._seen = self._seen, found.digests
        known, self.known = self.known, {}
        groups = []
        for group, content in found.groups:
            if any(before.get(name) != group.digest for name in group.names):
                groups.append(self._kept(group, content))
                self.known |= dict.fromkeys(group.names, group.digest)
            else:
                self.known |= {name: known[name] for name in group.names}
        self.known |= found.others
        ids, self._lost = self._lost, found.ids
        return Left(
            tuple(groups),
            {name: module for name, module in found.modules.items() if known.get(name) != _of_module(module)},
            imported=tuple(name for name in imported if name in sys.modules),
            gone=tuple(sorted(set(known) - set(self.known))),
            # What cannot be kept cannot be compared either, but for being the same object.
            lost={
                name: reason
                for name, reason in found.lost.items()
                if name in changed or ids.get(name) != found.ids[name]
            },
        )

    def load(self, groups: Iterable[Group]) -> tuple[dict[str, Any], dict[str, str]]:
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
        for group in groups:
            if all(self.known.get(name) == group.digest for name in group.names):
                continue
            try:
                found |= self._loaded(group)
            except (Damaged, OSError):
                raise
            except Exception as error:  # noqa: BLE001  unpickling runs code of any library
                reason = f"it cannot be read again: {type(error).__name__}: {error}"
                unreadable |= dict.fromkeys(group.names, reason[:200])
        return found, unreadable

    def load_modules(self, modules: Mapping[str, str]) -> None:
        """Bind names to modules."""
        for name, module in modules.items():
            if self.known.get(name) != _of_module(module):
                self.names[name], self.known[name] = import_module(module), _of_module(module)

    def forget(self, names: Iterable[str]) -> None:
        """Take away names that were deleted."""
        for name in names:
            self.names.pop(name, None)
            self.known.pop(name, None)

    def _loaded(self, group: Group) -> dict[str, Any]:
        stream = bytes(self.store.blob(group.stream))
        buffers = [
            memoryview(self.store.blob(blob)).toreadonly() if is_fixed else self.store.blob(blob)
            for blob, is_fixed in group.buffers
        ]
        values: dict[str, Any] = unpickled(stream, buffers)
        settings = {name: value for name, value in values.items() if is_setting(name)}
        self.names.update({name: value for name, value in values.items() if name not in settings})
        self.known.update(dict.fromkeys(values, group.digest))
        self.has_loaded = True
        return settings

    def _found(self) -> "_Found":
        values = {**live(self.names), **self.settings(), **_made_modules(self.names)}
        modules = {name: value.__name__ for name, value in values.items() if is_module(value)}
        joined, lost = groups_of({name: value for name, value in values.items() if name not in modules})
        groups = [(_group(names, content), content) for names, content in joined]
        return _Found(groups, modules, lost, {name: id(values[name]) for name in lost})

    def _kept(self, group: Group, content: Pickled) -> Group:
        self.store.put_blob(group.stream, content.stream)
        for (blob, _), buffer in zip(group.buffers, content.buffers, strict=True):
            self.store.put_blob(blob, buffer)
        return group


def live(names: Mapping[str, Any]) -> dict[str, Any]:
    """Take the names a script made, without those Python gives every module."""
    return {name: value for name, value in names.items() if not _OWN.fullmatch(name)}


def _made_modules(names: Mapping[str, Any]) -> dict[str, Any]:
    """Find modules that the script made itself, and put where imports find them."""
    made = [value for value in names.values() if isinstance(value, ModuleType) and not is_module(value)]
    found = {value.__name__: value for value in made if sys.modules.get(value.__name__) is value}
    return {MODULES: found} if found else {}


def is_setting(name: str) -> bool:
    return name.startswith("§")


def is_module(value: Any) -> bool:
    """Tell whether something is a module that can be imported again."""
    if not isinstance(value, ModuleType) or sys.modules.get(value.__name__) is not value:
        return False
    return getattr(value, "__spec__", None) is not None and value.__name__ != "__main__"


def _of_module(name: str) -> str:
    return f"module {name}"


def _group(names: tuple[str, ...], content: Pickled) -> Group:
    blobs = tuple((digest_of(buffer), buffer.readonly) for buffer in content.buffers)
    stream = digest_of(content.stream)
    digest = digest_of(stream, *(f"{blob} {is_fixed}" for blob, is_fixed in blobs))
    return Group(names, digest, stream, blobs)
