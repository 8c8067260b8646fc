"""What the HTML report asks of the figures: names as links, headings, and how much of each list is shown."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Literal

from markupsafe import Markup, escape

from dsml_magics.profile import svg
from dsml_magics.profile.caption import DETAILED, LISTED, needed
from dsml_magics.profile.column import Column
from dsml_magics.profile.figures import Association, Drift, Figures, Group, Insight, Question
from dsml_magics.profile.language import Statement, printable, say
from dsml_magics.profile.measured import LEAST
from dsml_magics.profile.picture.overlay import overlay
from dsml_magics.profile.picture.pattern import drawn_columns
from dsml_magics.profile.wording import Wording

SECTIONS = (
    "questions",
    "insights",
    "missing",
    "associations",
    "target",
    "groups",
    "comparison",
    "columns",
    "details",
)
_NAMES = ("column", "other", "target", "columns")
"""Values of a statement that are names of columns."""
_MARK = re.compile("⟦(\\d+)⟧")
_RELATED = 5
_OVERLAYS = 12
_CODE = 1000


class Report:
    """One report: the figures, their words, and an id that keeps reports on one page apart."""

    def __init__(self, figures: Figures, language: str, *, form: Literal["page", "fragment"]) -> None:
        self.figures, self.form = figures, form
        self.wording = Wording(figures, language)
        self.id = _id(figures, language)
        self.detailed = needed(figures, DETAILED)
        self.places = {column.name: place for place, column in enumerate(self.detailed)}

    @cached_property
    def sections(self) -> list[str]:
        """The sections that there is something to say in."""
        found = self.figures
        said: Mapping[str, Any] = {
            "questions": found.questions,
            "insights": found.rows,
            "missing": found.rows,
            "associations": found.matrix or found.associations,
            "target": found.target,
            "groups": found.groups,
            "comparison": found.comparison,
            "columns": found.columns,
            "details": found.columns,
        }
        return [name for name in SECTIONS if said[name]]

    def anchor(self, part: str) -> str:
        """Give the id that links lead to."""
        return f"{'legacy=' if self.form == 'fragment' else ''}{self.id}-{part}"

    def reached(self, part: str) -> Markup:
        """Mark what JupyterLab scrolls to.

        It follows a link within a notebook itself: to headings of outputs, which stand in its table of contents too,
        and to any other element only where the link says ``legacy=`` before what this attribute holds.
        """
        return svg.drawn(f' data-jupyter-id="{self.id}-{part}"' if self.form == "fragment" else "")

    def heading(self, level: int, words: str, section: str = "") -> Markup:
        """Write a heading; in a notebook, one that neither its style nor its table of contents takes for its own."""
        id_ = f' id="{self.anchor(section)}"{self.reached(section)}' if section else ""
        if self.form == "page":
            return svg.drawn(f'<h{level} class="h{level}"{id_}>{escape(words)}</h{level}>')
        return svg.drawn(
            f'<div role="heading" aria-level="{level + 2}" class="h{level}"{id_}>{escape(words)}</div>'
        )

    def link(self, name: str) -> Markup:
        """Show the name of a column, and lead to its details."""
        shown = escape(self.wording.name(name))
        if name not in self.places:
            return svg.drawn(f"<b>{shown}</b>")
        return svg.drawn(f'<a href="#{self.anchor(f"c{self.places[name]}")}">{shown}</a>')

    def told(self, statement: Statement) -> Markup:
        """Say a statement, with links from the names of columns."""
        return self._linked(statement.code, statement.values)

    def message(self, insight: Insight) -> Markup:
        """Say what an insight says."""
        return self._linked(f"insight.{insight.code}", {"column": insight.column, **insight.evidence})

    def _linked(self, code: str, values: Mapping[str, Any]) -> Markup:
        marks: list[str] = []

        def marked(value: Any) -> Any:
            if isinstance(value, tuple | list):
                return tuple(map(marked, value))
            if not isinstance(value, str) or value not in self.figures.columns:
                return value
            marks.append(self.link(value))
            return f"⟦{len(marks) - 1}⟧"

        prepared = self.wording.prepared(values)
        prepared |= {name: marked(prepared[name]) for name in _NAMES if name in prepared}
        said = str(escape(say(code, prepared, self.wording.language)))
        return svg.drawn(_MARK.sub(lambda found: _chosen(marks, int(found[1])), said))

    def code(self, line: str) -> str:
        """Show a line of code on one line."""
        return printable(line, _CODE)

    def related(self, column: Column) -> list[Association]:
        """List what goes most with a column, this one first in each pair."""
        return self._related.get(column.name, [])

    @cached_property
    def _related(self) -> dict[str, list[Association]]:
        found: dict[str, list[Association]] = {}
        goal = self.figures.target.associations if self.figures.target else ()
        seen = set()
        for pair in sorted((*goal, *self.figures.associations), key=lambda each: -abs(each.strength)):
            # The target is measured against every column: most of these do not go together.
            if abs(pair.strength) < LEAST or (key := frozenset((pair.column, pair.other))) in seen:
                continue
            seen.add(key)
            for one, other in ((pair.column, pair.other), (pair.other, pair.column)):
                if len(listed := found.setdefault(one, [])) < _RELATED:
                    listed.append(Association(one, other, pair.measure, pair.strength, pair.bound))
        return found

    def insights_of(self, column: Column) -> list[Insight]:
        """List the insights about a column."""
        return self._insights.get(column.name, [])

    @cached_property
    def _insights(self) -> dict[str, list[Insight]]:
        found: dict[str, list[Insight]] = {}
        for insight in self.figures.insights:
            if insight.column is not None:
                found.setdefault(insight.column, []).append(insight)
        return found

    @cached_property
    def gappy(self) -> list[Column]:
        """The columns with gaps, those with most first."""
        found = [column for column in self.figures.columns.values() if column.missing]
        return sorted(found, key=lambda column: -column.missing)

    @cached_property
    def groups(self) -> list[tuple[str, list[Group], float]]:
        """The groups of people of each column, and the highest rate of the target among them."""
        found: dict[str, list[Group]] = {}
        for group in self.figures.groups:
            found.setdefault(group.column, []).append(group)
        return [
            (name, groups, max(abs(group.target or 0.0) for group in groups))
            for name, groups in found.items()
        ]

    @cached_property
    def patterned(self) -> list[str]:
        """The columns of the patterns of missing values."""
        return drawn_columns(self.figures)

    @cached_property
    def overlays(self) -> list[tuple[Drift, Markup]]:
        """The columns that have moved most, drawn in both tables."""
        found: list[tuple[Drift, Markup]] = []
        comparison = self.figures.comparison
        if comparison is None:
            return found
        for drift in comparison.drifts:
            here, there = self.figures.columns[drift.column], comparison.columns[drift.column]
            if len(found) < _OVERLAYS and (drawn := overlay(here, there, self.wording)):
                found.append((drift, drawn))
        return found

    @property
    def listed(self) -> list[Column]:
        """The columns that are listed."""
        return needed(self.figures, LISTED)

    def title(self, question: Question) -> str:
        """Ask a question."""
        return say(f"question.{question.code}", {}, self.wording.language)

    @property
    def severities(self) -> list[tuple[str, int]]:
        """How many insights there are of each severity, the gravest first."""
        found = [insight.severity for insight in self.figures.insights]
        return [(each, found.count(each)) for each in ("high", "medium", "low") if each in found]

    @property
    def kinds(self) -> list[tuple[str, int]]:
        """The kinds of the columns listed and how many there are of each, the most frequent first."""
        counts: dict[str, int] = {}
        for column in self.figures.columns.values():
            counts[column.kind] = counts.get(column.kind, 0) + 1
        return sorted(counts.items(), key=lambda each: -each[1])


def meter(part: float, whole: float) -> Markup:
    """Draw a share as a bar that fills its cell; the number stands beside it."""
    percent = min(100.0, max(0.0, 100 * abs(part) / whole)) if whole else 0.0
    return svg.drawn(f'<td class="bars" style="--w:{percent:.3g}%"></td>')


def _chosen(marks: Sequence[str], place: int) -> str:
    """A text of the data may look like a mark: it then is left as it is."""
    return marks[place] if place < len(marks) else f"⟦{place}⟧"


def _id(figures: Figures, language: str) -> str:
    """Derive an id from the figures: the same report has the same text."""
    said = [
        language,
        figures.origin,
        figures.rows,
        figures.duplicate_rows,
        figures.target and figures.target.column,
    ]
    said += [(each.name, each.missing, each.distinct, each.mean) for each in figures.columns.values()]
    if figures.comparison:
        said += [figures.comparison.origin, figures.comparison.rows, figures.comparison.overlap]
        said += [figures.comparison.names]
    digest = hashlib.blake2b(repr(said).encode("utf-8", "surrogatepass"), digest_size=5)
    return f"p{digest.hexdigest()}"
