"""The state of a job: whose it is, who works on it, and the record of each step."""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from dsml_magics.errors import StateUnusable
from dsml_magics.pipeline.sections import Script, Section
from dsml_magics.run.record import Record
from dsml_magics.run.store import Store, store_at

_FORMAT = 1
OWNER, LOCKS = "job.json", "locks"
PRUNING = "pruning.lock"
"""Who removes what no job needs holds it; who begins takes it for a moment."""
_PRUNING_S = 60.0


@dataclass(frozen=True)
class Shelf:
    """The records of one script's steps, in a store; `here` is a folder of this machine for logs and locks."""

    script: Script
    store: Store
    here: Path

    @classmethod
    def open(
        cls, script: Script, address: str | os.PathLike[str] | None, *, read_only: bool = False
    ) -> "Shelf":
        """Open the state of a script, by default in ``.dsml`` in the working folder; nothing is written to `read_only`.

        Raises
        ------
        StateUnusable
            It is that of another script, of a later release, or cannot be written.
        """
        chosen = os.fspath(address) if address is not None else os.path.join(".dsml", script.path.stem)  # noqa: PTH118
        store = store_at(chosen, read_only=read_only)
        here = (
            Path(store.address) if "://" not in store.address else Path(".dsml", script.path.stem).absolute()
        )
        shelf = cls(script, store, here)
        with _writable(store.address):
            if not read_only:
                here.mkdir(parents=True, exist_ok=True, mode=0o700)
            shelf._claim(read_only=read_only)
        return shelf

    @property
    def address(self) -> str:
        return self.store.address

    def section(self, name: str) -> Section:
        return next(each for each in self.script.sections if each.name == name)

    def number(self, name: str) -> int:
        """Tell the place of a step in the script, from 1."""
        return [each.name for each in self.script.sections].index(name) + 1

    def records(self) -> dict[str, Record]:
        """Read what is known of each step; what is damaged is as if it had not run."""
        found: dict[str, Record] = {}
        for section in self.script.sections:
            values = self.store.values(_file(section.name))
            with suppress(KeyError, TypeError, ValueError):
                if values is not None:
                    found[section.name] = Record.from_dict(values)
        return found

    def put(self, record: Record) -> None:
        """Keep the record of a step: from now on it counts.

        Raises
        ------
        StateUnusable
            It cannot be written.
        """
        with _writable(self.address):
            self.store.put_values(_file(record.step), record.to_dict())

    def tidy(self, records: Mapping[str, Record]) -> None:
        """Remove what no step left."""
        self.store.keep_only(frozenset[str]().union(*(record.blobs for record in records.values())))

    @contextmanager
    def locked(self, steps: Sequence[str]) -> Iterator[None]:
        """Keep other jobs off: off these steps, or, where none are given, off all.

        Raises
        ------
        StateUnusable
            Another job works there.
        """
        folder = self.here / LOCKS
        folder.mkdir(exist_ok=True)
        names = [f"step-{_safe(name)}" for name in steps] or [
            "all",
            *(f"step-{_safe(each.name)}" for each in self.script.sections),
        ]
        with ExitStack() as stack:
            try:
                with FileLock(folder / PRUNING, timeout=_PRUNING_S):
                    for name in names:
                        stack.enter_context(FileLock(folder / f"{name}.lock", timeout=0))
            except Timeout:
                raise StateUnusable(
                    f"Expected a state nobody uses, but another job works on {self.address!r}. "
                    "Wait for it, or give this one its own --state."
                ) from None
            yield

    def _claim(self, *, read_only: bool) -> None:
        owner = self.store.values(OWNER)
        if owner is None:
            if self.store.place.has(OWNER) or self.store.place.names("steps"):
                raise StateUnusable(
                    f"Expected the state of a job at {self.address!r}, but its {OWNER} is damaged. Remove it."
                )
            if not read_only:
                self.store.put_values(OWNER, {"format": _FORMAT, "script": self.script.path.name})
        elif owner.get("format", 0) > _FORMAT:
            raise StateUnusable(
                f"The state at {self.address!r} was made by a later release of dsml_magics. Install that."
            )
        elif owner.get("script") != self.script.path.name:
            raise StateUnusable(
                f"Expected the state of {self.script.path.name}, but {self.address!r} is that of "
                f"{owner.get('script')}. Give this job another --state."
            )


@contextmanager
def _writable(address: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StateUnusable(
            f"Expected a place for the state of the job, but {address!r} cannot be written: {error.strerror or error}."
        ) from None


def _file(step: str) -> str:
    return f"steps/{_safe(step)}.json"


def _safe(step: str) -> str:
    """Write the name of a step as one of a file."""
    plain = re.sub(r"[^\w.-]", "_", step)[:100]
    return plain if plain == step else f"{plain}-{abs(hash_of(step)):x}"


def hash_of(text: str) -> int:
    from zlib import crc32

    return crc32(text.encode("utf-8", "surrogatepass"))
