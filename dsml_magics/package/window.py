"""A window of production: the profile of what a version was asked, and answered, in some stretch of time."""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock

from dsml_magics.files import replacing
from dsml_magics.profile.value import Profile

_STAMP = "%Y%m%dT%H%M%SZ"
_FILE = re.compile(
    r"(?P<name>.+)-(?:v(?P<number>\d+)|folder)-(?P<start>\d{8}T\d{6}Z)-(?P<seconds>\d+)s\.profile"
)


@dataclass(frozen=True, order=True)
class Window:
    """A stretch of time in which a version answered.

    Attributes
    ----------
    number
        Of the version; None for a folder.
    start
        Seconds since 1970, UTC.
    seconds
        How long it is.
    """

    name: str
    number: int | None
    start: int
    seconds: int

    @property
    def file(self) -> str:
        """The name of its file."""
        stamp = dt.datetime.fromtimestamp(self.start, dt.UTC).strftime(_STAMP)
        version = "folder" if self.number is None else f"v{self.number}"
        return f"{self.name}-{version}-{stamp}-{self.seconds}s.profile"

    def add(self, folder: Path, table: Any) -> None:
        """Add rows to the window's profile on disk; several processes may do so at once."""
        profile = Profile.of(table)
        with FileLock(folder / f".{self.file}.lock"):
            path = folder / self.file
            if path.exists():
                profile = Profile.from_bytes(path.read_bytes()) + profile
            with replacing(path) as temporary:
                temporary.write_bytes(profile.to_bytes(sample=False))

    def profile(self, folder: Path) -> Profile:
        """Read its profile."""
        return Profile.from_bytes((folder / self.file).read_bytes())


def windows_in(folder: Path) -> list[Window]:
    """List the windows in a folder, the oldest first."""
    return sorted(_found(folder), key=lambda window: (window.start, window.name, window.number or 0))


def _found(folder: Path) -> Iterator[Window]:
    for path in folder.glob("*.profile"):
        if found := _FILE.fullmatch(path.name):
            start = dt.datetime.strptime(found["start"], _STAMP).replace(tzinfo=dt.UTC)
            number = int(found["number"]) if found["number"] else None
            yield Window(found["name"], number, int(start.timestamp()), int(found["seconds"]))
