"""Where a version lies."""

from dataclasses import dataclass
from typing import Literal

Slot = Literal["main", "canary", "shadow"]
"""What part a version has: named, asked now and then, or asked unseen."""


@dataclass(frozen=True)
class Place:
    """Where a version lies on this machine, and what its manifest's SHA-256 must be."""

    folder: str
    name: str
    number: int | None
    sealed: str

    @property
    def label(self) -> str:
        """Its number, as text; empty for a folder."""
        return "" if self.number is None else str(self.number)
