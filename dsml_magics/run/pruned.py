"""What was removed of jobs, or would be."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Removal:
    """Something that no job needs: where it is, what it is, and its size."""

    path: str
    what: str
    bytes: int


@dataclass(frozen=True, repr=False)
class Pruned:
    """What was removed, or would be; states that jobs work on are left alone."""

    removals: tuple[Removal, ...]
    in_use: tuple[str, ...] = ()
    is_dry_run: bool = False

    @property
    def bytes(self) -> int:
        """The size of all of it."""
        return sum(each.bytes for each in self.removals)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {"schema": "dsml.pruned/1", **asdict(self), "bytes": self.bytes}

    def __str__(self) -> str:
        lines = [f"  {each.what}: {each.path} ({_size(each.bytes)})" for each in _summed(self.removals)]
        lines += [f"  left alone, a job works on it: {name}" for name in self.in_use]
        verb = "Would remove" if self.is_dry_run else "Removed"
        return "\n".join([f"{verb} {_size(self.bytes)} in {len(self.removals)} files and folders.", *lines])

    __repr__ = __str__


def _summed(removals: Iterable[Removal]) -> Iterator[Removal]:
    """Join files of one kind in one folder: their names say nothing."""
    found: dict[tuple[str, str], list[Removal]] = {}
    for each in removals:
        is_one = Path(each.path).parent.name in ("logs", "steps") or each.what.startswith("a state")
        folder = each.path if is_one else str(Path(each.path).parents[each.what.startswith("data")])
        found.setdefault((each.what, folder), []).append(each)
    for (what, folder), same in found.items():
        shown = what if len(same) == 1 else f"{what} ({len(same)} files)"
        yield Removal(folder, shown, sum(each.bytes for each in same))


def _size(count: int) -> str:
    value = float(count)
    for unit in ("bytes", "kB", "MB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "bytes" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} GB"
