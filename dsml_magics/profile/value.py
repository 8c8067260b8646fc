"""Profile: what a table looks like, as a value that can be added, stored and shown."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from dsml_magics.errors import DataError
from dsml_magics.profile.column import Column
from dsml_magics.profile.figures import (
    Association,
    Comparison,
    Figures,
    Insight,
    Matrix,
    Missing,
    Question,
    Target,
)
from dsml_magics.profile.language import Language, Statement
from dsml_magics.profile.settings import Settings

if TYPE_CHECKING:
    from dsml_magics.profile.state import State


@dataclass(frozen=True, eq=False, repr=False)
class Profile:
    """What a table looks like. Shows itself as text, as HTML and as JSON.

    Profiles are additive: ``Profile.of(a) + Profile.of(b)`` says what ``Profile.of`` says of the rows of both, within
    the bound that each figure carries, and ``Profile()`` adds nothing. Up to a million cells all rows are kept and
    every figure is exact; beyond, mergeable summaries are.

    Attributes
    ----------
    state
        What is kept of the table; None for a profile read from JSON, which can be shown but not added.
    settings
        What the user asked for.
    compared
        What is kept of a second table, and where it came from.
    names
        What the user calls both tables, where they are compared.
    origin
        Where the table came from.
    language
        Of the views.
    notes
        What was changed while the table was opened, as its names or its encoding.
    literals
        For columns that the frame has under another name, the literal for it; see `frames.names.Names`.
    """

    state: "State | None" = None
    settings: Settings = field(default_factory=Settings)
    compared: "tuple[State, str] | None" = None
    names: tuple[str, str] = ("", "")
    origin: str = ""
    language: Language = "en"
    read: Figures | None = None
    notes: tuple[Statement, ...] = ()
    literals: Mapping[str, str | None] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def of(cls, data: Any) -> "Profile":
        """Profile a table of any kind, or one batch of it.

        Raises
        ------
        DataError
            It cannot be opened or read.
        """
        from dsml_magics.profile.measure import profile_of

        return profile_of(data)

    def __add__(self, other: "Profile") -> "Profile":
        """Profile the rows of both tables together.

        Raises
        ------
        DataError
            Their columns differ, or one was read from JSON.
        """
        if not isinstance(other, Profile):
            return NotImplemented
        if self.is_empty or other.is_empty:
            return other if self.is_empty else self
        origins = sorted({self.origin, other.origin} - {""})
        state = self.require_state() + other.require_state()
        return replace(
            self,
            state=state,
            origin=" + ".join(origins[:3]),
            read=None,
            notes=(*self.notes, *(note for note in other.notes if note not in self.notes)),
            literals=MappingProxyType({**self.literals, **other.literals}),
        )

    def __radd__(self, other: object) -> "Profile":
        """Let `sum` start at 0."""
        return self if other == 0 else NotImplemented

    @property
    def is_empty(self) -> bool:
        """Whether this is ``Profile()``, which has not even columns."""
        return self.read is None and (self.state is None or self.state.is_empty)

    def require_state(self) -> "State":
        """Return what is kept of the table.

        Raises
        ------
        DataError
            The profile was read from JSON, which holds figures only.
        """
        if self.state is None:
            raise DataError(
                "Expected a profile with its state, got one read from JSON, which holds figures only. "
                "Store it by `to_bytes` to add it to others later."
            )
        return self.state

    @cached_property
    def figures(self) -> Figures:
        """Everything it says, as plain values."""
        from dsml_magics.profile.measure import figures_of

        if self.read is not None:
            return self.read
        return Figures() if self.is_empty else figures_of(self)

    @property
    def rows(self) -> int:
        """How many rows the table has."""
        return self.figures.rows

    @property
    def columns(self) -> Mapping[str, Column]:
        """The figures of each column, by its name."""
        return self.figures.columns

    @property
    def insights(self) -> tuple[Insight, ...]:
        """What deserves a second look, most severe first."""
        return self.figures.insights

    @property
    def questions(self) -> tuple[Question, ...]:
        """The nine questions of a data exploration, with their answers."""
        return self.figures.questions

    @property
    def associations(self) -> tuple[Association, ...]:
        """Pairs of columns that go together, strongest first."""
        return self.figures.associations

    @property
    def matrix(self) -> Matrix | None:
        """The association of each two columns."""
        return self.figures.matrix

    @property
    def missing(self) -> Missing:
        """Where values are missing."""
        return self.figures.missing

    @property
    def target(self) -> Target | None:
        """What goes with the column to be predicted."""
        return self.figures.target

    @property
    def comparison(self) -> Comparison | None:
        """How a second table differs."""
        return self.figures.comparison

    @property
    def duplicate_rows(self) -> int:
        """How many rows repeat another one."""
        return self.figures.duplicate_rows

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Profile):
            return NotImplemented
        ours, theirs = (replace(each.figures, origin="") for each in (self, other))
        return ours == theirs

    __hash__ = None  # type: ignore[assignment]

    def to_dict(self) -> dict[str, Any]:
        """Return the figures in the schema ``dsml.profile/3``, in JSON's types only."""
        from dsml_magics.profile.schema import dict_of

        return dict_of(self.figures)

    def to_json(self, path: str | os.PathLike[str] | None = None) -> str:
        """Return the figures as JSON text, and write it to `path` if given."""
        from dsml_magics.profile.saving import saved
        from dsml_magics.profile.schema import json_of

        return saved(json_of(self.figures), path)

    @classmethod
    def from_json(cls, text: str) -> "Profile":
        """Read the figures that `to_json` wrote; they can be shown and compared by eye, not added.

        Raises
        ------
        DataError
            The text is something else.
        """
        from dsml_magics.profile.schema import figures_of_json

        figures = figures_of_json(text)
        return cls(read=figures, origin=figures.origin)

    def to_bytes(self, *, sample: bool = True) -> bytes:
        """Return the state, to be stored and added to others later: at most 50 kB a column.

        Parameters
        ----------
        sample
            Whether to store rows too. Without them no whole row of the data leaves, but pairs of columns other than
            Pearson's correlation, patterns and duplicates are no longer known.
        """
        from dsml_magics.profile.serial import bytes_of

        return bytes_of(self, sample=sample)

    @classmethod
    def from_bytes(cls, data: bytes) -> "Profile":
        """Read a state that `to_bytes` wrote, of this or any earlier release.

        Raises
        ------
        DataError
            The bytes are something else, damaged, or of a later release.
        """
        from dsml_magics.profile.serial import profile_of_bytes

        return profile_of_bytes(data)

    def to_html(self, path: str | os.PathLike[str] | None = None, *, lang: Language | None = None) -> str:
        """Return the report as one self-contained page, and write it to `path` if given."""
        from dsml_magics.profile.html import page
        from dsml_magics.profile.saving import saved

        return saved(page(self.figures, lang or self.language), path)

    def to_text(self, *, lang: Language | None = None) -> str:
        """Return the report as text."""
        from dsml_magics.profile.text import text

        return text(self.figures, lang or self.language)

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        if self.is_empty:
            return "<Profile of nothing>"
        return f"<Profile of {self.origin or 'a table'}: {self.rows:,} rows, {len(self.columns)} columns>"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        from dsml_magics.profile.html import fragment

        return {"text/plain": str(self), "text/html": fragment(self.figures, self.language)}
