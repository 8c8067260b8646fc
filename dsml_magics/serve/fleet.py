"""The versions a server answers from: the one that was named, a canary beside it, and a shadow behind them."""

import random
from dataclasses import dataclass, field

from dsml_magics.serve.place import Slot
from dsml_magics.serve.version import Version


@dataclass
class Fleet:
    """Versions by their part. Each is replaced as a whole: a request keeps the one it began with.

    Attributes
    ----------
    main
        The version of the reference; None until it is loaded.
    canary_percent
        How many of a hundred requests the canary answers.
    """

    canary_percent: float = 0.0
    main: Version | None = None
    canary: Version | None = None
    shadow: Version | None = None
    is_open: bool = False
    _random: random.Random = field(default_factory=random.Random, repr=False)

    @property
    def is_ready(self) -> bool:
        """Whether requests are answered: all processes of the server have loaded their versions."""
        return self.is_open and self.main is not None

    def put(self, slot: Slot, version: Version) -> None:
        """Let a version take a part."""
        setattr(self, slot, version)

    def pick(self) -> Version:
        """Return the version for the next request."""
        if self.canary is not None and self._random.random() * 100 < self.canary_percent:
            return self.canary
        if self.main is None:
            raise RuntimeError("no version was loaded")
        return self.main

    def others(self, version: Version) -> list[Version]:
        """Return versions whose answers are compared with those of `version`: the shadow's; a canary's with main's."""
        found = [self.shadow, self.main if version is self.canary else None]
        return [other for other in found if other is not None and other is not version]

    def by_label(self, label: str) -> Version | None:
        """Return a version by its number."""
        known = (self.main, self.canary)
        return next((each for each in known if each is not None and each.label == label), None)
