"""What differs between two runs."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from dsml_magics.runs.run import Run

_TABLES = ("params", "metrics", "data", "packages", "session")


@dataclass(frozen=True)
class Row:
    """One thing that differs: its name, what it is in each run, and what to say of it."""

    name: str
    first: str
    second: str
    said: str = ""


@dataclass(frozen=True, repr=False)
class Difference:
    """What differs between two runs, side by side. Shows itself as text and as HTML.

    Attributes
    ----------
    data
        Tables of one name: fingerprints, rows, columns, and how far their distributions have moved.
    session
        Commit, order of execution, random states, machine.
    code
        Lines of a unified diff of the cells.
    """

    first: Run
    second: Run
    params: tuple[Row, ...] = ()
    metrics: tuple[Row, ...] = ()
    data: tuple[Row, ...] = ()
    packages: tuple[Row, ...] = ()
    session: tuple[Row, ...] = ()
    code: tuple[str, ...] = ()

    @property
    def is_same(self) -> bool:
        """Whether nothing differs but what always does, such as the time it took."""
        return not (self.code or any(rows for _, rows in self.sections()))

    @property
    def lines_changed(self) -> int:
        """How many lines were changed: one that was replaced counts once."""
        body = [line for line in self.code if not line.startswith(("---", "+++", "@@"))]
        return max(sum(line.startswith(sign) for line in body) for sign in "+-")

    def sections(self) -> Iterator[tuple[str, tuple[Row, ...]]]:
        """Go through the tables and their titles."""
        for name in _TABLES:
            yield {"params": "Parameters"}.get(name, name.capitalize()), getattr(self, name)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {
            "schema": "dsml.difference/1",
            "first": self.first.id,
            "second": self.second.id,
            **{name: [asdict(row) for row in getattr(self, name)] for name in _TABLES},
            "code": list(self.code),
            "lines_changed": self.lines_changed,
        }

    def to_json(self) -> str:
        """Return the difference as JSON text."""
        return json.dumps(self.to_dict(), ensure_ascii=False)

    def to_text(self) -> str:
        """Return the difference as text."""
        from dsml_magics.runs.text import text_of_difference

        return text_of_difference(self)

    def to_html(self) -> str:
        """Return the difference as HTML without scripts."""
        from dsml_magics.runs.html import html_of_difference

        return html_of_difference(self)

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        return f"<Difference of {self.first.short_id} and {self.second.short_id}>"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": self.to_text(), "text/html": self.to_html()}
