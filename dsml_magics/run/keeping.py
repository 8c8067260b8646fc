"""The names of a running script: which changed, kept as blobs; and brought back from these."""

import re
import sys
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field
from importlib import import_module
from types import ModuleType
from typing import Any

from dsml_magics.run.digest import digest_of
from dsml_magics.run.pickling import Pickled, unpickled
from dsml_magics.run.record import Group, Left
from dsml_magics.run.sharing import groups_of
from dsml_magics.run.store import Store

_OWN = re.compile(r"__\w+__")


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
        What each name was when it was looked at last: a digest, a module's name, or why it is lost.
    """

    store: Store
    names: MutableMapping[str, Any]
    settings: Callable[[], Mapping[str, Any]]
    known: dict[str, str] = field(default_factory=dict)

    def look(self) -> None:
        """Take what is there for known."""
        self._left(is_kept=False)

    def left(self, imported: Iterable[str]) -> Left:
        """Keep what changed since the last look.

        Raises
        ------
        OSError
            The store cannot be written.
        """
        there = tuple(name for name in imported if name in sys.modules)
        found = self._left(is_kept=True)
        return Left(found.groups, found.modules, there, found.gone, found.lost)

    def load(
        self, groups: Iterable[Group], modules: Mapping[str, str], gone: Iterable[str]
    ) -> dict[str, Any]:
        """Bring names back that are not as they should be; return the settings among them.

        Raises
        ------
        Damaged
            A blob is missing or is not what it was.
        """
        found: dict[str, Any] = {}
        for name, module in modules.items():
            if self.known.get(name) != _of_module(module):
                self.names[name], self.known[name] = import_module(module), _of_module(module)
        for group in groups:
            if any(self.known.get(name) != group.digest for name in group.names):
                found |= self._loaded(group)
        for name in gone:
            self.names.pop(name, None)
            self.known.pop(name, None)
        return found

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
        return settings

    def _left(self, *, is_kept: bool) -> Left:
        values = {**live(self.names), **self.settings()}
        modules = {name: value.__name__ for name, value in values.items() if is_module(value)}
        joined, lost = groups_of({name: value for name, value in values.items() if name not in modules})
        groups, now = [], {name: _of_module(module) for name, module in modules.items()}
        for names, content in joined:
            group = _group(names, content)
            now.update(dict.fromkeys(names, group.digest))
            if is_kept and any(self.known.get(name) != group.digest for name in names):
                groups.append(self._kept(group, content))
        now |= {name: f"lost: {reason}" for name, reason in lost.items()}
        known, self.known = self.known, now
        return Left(
            tuple(groups),
            {name: module for name, module in modules.items() if known.get(name) != now[name]},
            gone=tuple(sorted(set(known) - set(now))),
            # What cannot be kept cannot be compared either.
            lost=lost,
        )

    def _kept(self, group: Group, content: Pickled) -> Group:
        self.store.put_blob(group.stream, content.stream)
        for (blob, _), buffer in zip(group.buffers, content.buffers, strict=True):
            self.store.put_blob(blob, buffer)
        return group


def live(names: Mapping[str, Any]) -> dict[str, Any]:
    """Take the names a script made, without those Python gives every module."""
    return {name: value for name, value in names.items() if not _OWN.fullmatch(name)}


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
