"""Where a package was brought."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Published:
    """A package that was brought elsewhere.

    Attributes
    ----------
    origin
        The package.
    to
        A folder, or ``models:/name/version`` of another server.
    what
        ``folder``, ``context`` or ``server``.
    advice
        What to do with it next.
    """

    origin: str
    to: str
    what: str
    advice: str

    def __str__(self) -> str:
        return f"{self.origin} is at {self.to}\n  {self.advice}"

    __repr__ = __str__
