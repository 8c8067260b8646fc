"""A move of the champion, as a value."""

from dataclasses import dataclass

from dsml_magics.ledger.moves import Move


@dataclass(frozen=True)
class Moved:
    """The champion of `name` is another version now."""

    name: str
    move: Move

    @property
    def origin(self) -> int | None:
        """The version that was champion."""
        return self.move.origin

    @property
    def to(self) -> int:
        """The version that is champion now."""
        return self.move.to

    def __str__(self) -> str:
        was = f", was version {self.origin}" if self.origin else ""
        why = f" ({self.move.why})" if self.move.why else ""
        return f"{self.name}: version {self.to} is champion{was}; by {self.move.who}{why}"

    __repr__ = __str__
