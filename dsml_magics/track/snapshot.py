"""The tables a block reads, held as they are then, to be looked at when there is time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dsml_magics.frames.fingerprint import fingerprint
from dsml_magics.frames.opening import is_distributed, is_table, open_table
from dsml_magics.ledger.record import TableRead
from dsml_magics.track.estimator import is_sound
from dsml_magics.track.notice import reason_of
from dsml_magics.track.source import Source

if TYPE_CHECKING:
    from dsml_magics.profile.value import Profile

_MOST = 20
_COPIED = 8_000_000
"""Arrays of at most so many bytes are copied; larger ones are looked at before the block runs."""
_PROFILED = 50_000_000
"""Tables of more cells have a fingerprint only."""
_LAZY = ("LazyFrame", "DuckDBPyRelation")


@dataclass(frozen=True)
class Tables:
    """What is known of tables: fingerprints and shapes, and the artifacts made of them."""

    tables: tuple[TableRead, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)
    not_recorded: tuple[str, ...] = ()

    def joined(self, other: "Tables") -> "Tables":
        """Put two together; of a name in both, the first counts."""
        known = {table.name for table in self.tables}
        more = tuple(table for table in other.tables if table.name not in known)
        return Tables(
            self.tables + more,
            {**other.files, **self.files},
            self.not_recorded + other.not_recorded,
        )


@dataclass(frozen=True)
class Snapshot:
    """Tables by name, in a form that later changes do not reach."""

    held: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    done: Mapping[str, TableRead] = field(default_factory=dict)
    not_recorded: tuple[str, ...] = ()

    @classmethod
    def before(cls, source: Source, names: Mapping[str, Any]) -> "Snapshot":
        """Hold the tables that a block will read."""
        return cls._of({name: names[name] for name in source.read if name in names}, {})

    @classmethod
    def after(cls, source: Source, names: Mapping[str, Any]) -> "Snapshot":
        """Hold the tables that a block has loaded."""
        return cls._of({name: names[name] for name in source.loaded if name in names}, source.files)

    @classmethod
    def _of(cls, candidates: Mapping[str, Any], files: Mapping[str, str]) -> "Snapshot":
        live = {name: value for name, value in candidates.items() if is_sound(value) and is_table(value)}
        held, done, said = {}, {}, []
        for name, value in list(live.items())[:_MOST]:
            if is_distributed(value) or type(value).__name__ in _LAZY:
                said.append(f"{name}: a lazy or distributed table is not computed only to be fingerprinted")
            elif (frozen := _frozen(value)) is not None:
                held[name] = frozen
            else:
                try:
                    done[name] = _table_read(name, value, files.get(name))
                except Exception as error:  # noqa: BLE001  one table must not cost the others
                    said.append(f"{name}: {reason_of(error)}")
        said += [f"{name}: only the first {_MOST} tables are fingerprinted" for name in list(live)[_MOST:]]
        return cls(held, dict(files), done, tuple(said))

    def read(self) -> Tables:
        """Fingerprint and profile what is held; takes time with the size of the tables."""
        tables, contents, said = dict(self.done), {}, list(self.not_recorded)
        for name, value in self.held.items():
            try:
                table = _table_read(name, value, self.files.get(name))
                if table.rows * len(table.types) <= _PROFILED and table.rows:
                    path = f"dsml/profiles/{name}.profile"
                    contents[path] = _profile_of(value).to_bytes(sample=False)
                    table = TableRead(
                        table.name, table.fingerprint, table.rows, table.types, table.source, path
                    )
                tables[name] = table
            except Exception as error:  # noqa: BLE001  one table must not cost the others
                said.append(f"{name}: {reason_of(error)}")
        return Tables(tuple(tables.values()), contents, tuple(said))


def _table_read(name: str, value: Any, source: str | None) -> TableRead:
    table = open_table(value)
    types = {column.name: str(column.type) for column in table.schema}
    return TableRead(name, fingerprint(table), table.rows or 0, types, source)


def _profile_of(value: Any) -> "Profile":
    from dsml_magics.profile.value import Profile

    return Profile.of(value)


def _frozen(value: Any) -> Any:
    """Return the table in a form that the block cannot change; None where there is none that is cheap."""
    module = type(value).__module__.partition(".")[0]
    if module in ("polars", "pyarrow"):
        return value
    if module == "pandas":
        # Copies are lazy: what the block changes is copied before.
        return value.copy(deep=False) if _copies_on_write() else None
    if module == "numpy" and value.nbytes <= _COPIED and not value.dtype.hasobject:
        return value.copy()
    return None


def _copies_on_write() -> bool:
    import pandas as pd

    return int(pd.__version__.partition(".")[0]) >= 3 or bool(pd.options.mode.copy_on_write is True)
