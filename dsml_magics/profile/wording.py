"""How all views put figures into the words of one language."""

import datetime as dt
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from dsml_magics.profile.column import ORDERED, Column
from dsml_magics.profile.figures import Comparison, Drift, Figures
from dsml_magics.profile.language import Statement, catalog, number, printable, say, share

LONGEST = 60
"""Names and values are cut to so many characters."""
HIDDEN = "•••"
"""Stands for values of a column that holds personal data."""
_MEASURES = {
    "Pearson": "measure_pearson",
    "Cramér's V": "measure_cramers_v",
    "correlation ratio": "measure_correlation_ratio",
    "Kolmogorov-Smirnov": "measure_kolmogorov_smirnov",
    "total variation": "measure_total_variation",
    "missing share": "measure_missing_share",
}
_ENDS = ((re.compile(r"^under (.+)$"), r"< \1"), (re.compile(r"^(.+) or more$"), r"≥ \1"))
_BETWEEN = re.compile(r"^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)\S* to (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)\S*$")
_DAYS = re.compile(r"(-?\d+) days?(?:, |$)")
_CLOCK = re.compile(r"(\d:\d\d:\d\d)\.\d+")


@dataclass(frozen=True)
class Wording:
    """The words of one language for the figures of one table."""

    figures: Figures
    language: str

    @cached_property
    def words(self) -> Mapping[str, str]:
        """The words of the views."""
        return catalog("view", self.language)

    def __getitem__(self, key: str) -> str:
        return self.words[key]

    def say(self, key: str, **values: Any) -> str:
        """Say something of the views' own words."""
        return say(f"view.{key}", values, self.language)

    def told(self, statement: Statement) -> str:
        """Say a statement, the names in it as the views have them."""
        return say(statement.code, self.prepared(statement.values), self.language)

    def prepared(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Put measures and labels among the values of a statement into this language."""
        name = values.get("column")
        return {key: self._prepared(key, value, name) for key, value in values.items()}

    def _prepared(self, key: str, value: Any, name: Any) -> Any:
        if key == "measure":
            return self.measure(str(value))
        if key == "script":
            return self.script(str(value))
        if key in ("low", "high", "label") and isinstance(value, str):
            return self.label(name, value)
        if key == "labels" and isinstance(value, tuple | list):
            return tuple(self.label(name, str(each)) for each in value)
        return value

    def kind(self, kind: str) -> str:
        """Name a kind of columns."""
        return catalog("kind", self.language).get(kind) or printable(kind, LONGEST)

    def severity(self, severity: str) -> str:
        """Name a severity."""
        return catalog("insight", self.language)[f"severity_{severity}"]

    def measure(self, name: str) -> str:
        """Name a measure of association or distance."""
        return self.words[_MEASURES[name]] if name in _MEASURES else printable(name, LONGEST)

    def script(self, name: str) -> str:
        """Name a script."""
        return self.words.get(f"script_{name.lower()}", name)

    def name(self, column: str) -> str:
        """Show the name of a column."""
        return printable(column, LONGEST)

    def value(self, value: Any) -> str:
        """Write a value shortly: moments to the second, midnights as dates."""
        if isinstance(value, dt.timedelta):
            return self._duration(value)
        if isinstance(value, dt.datetime):
            # The time zone is told once for the column.
            return value.replace(tzinfo=None).isoformat(" ", "seconds").removesuffix(" 00:00:00")
        if isinstance(value, float) and value.is_integer() and abs(value) < 1e12:
            value = int(value)
        return number(value)

    def of(self, column: Column, value: Any) -> str:
        """Write a value of a column, unless it holds personal data."""
        if value is None:
            return ""
        if column.personal:
            return HIDDEN
        if isinstance(value, str):
            # Blanks at the ends cannot be seen otherwise.
            is_bare = value[:1].strip() and value[-1:].strip()
            return printable(value if is_bare else repr(value[: LONGEST + 1]), LONGEST)
        return self.value(value)

    def label(self, column: Any, label: str) -> str:
        """Write the label of a part of the rows."""
        found = self.figures.columns.get(column) if isinstance(column, str) else None
        if label in ("(other)", "(missing)"):
            return self.words["other" if label == "(other)" else "missing_label"]
        if found is not None and found.personal:
            return HIDDEN
        return printable(
            self._range(label) if found is not None and found.kind in ORDERED else label, LONGEST
        )

    def _range(self, label: str) -> str:
        """Write a range of values without words."""
        for pattern, symbol in _ENDS:
            label = pattern.sub(symbol, label)
        # Nobody reads the microseconds of a range.
        label = _CLOCK.sub(r"\1", label)
        label = _BETWEEN.sub(_moments, label).replace(" to ", " \N{EN DASH} ")
        return _DAYS.sub(lambda found: self.say("days", days=int(found[1])) + " ", label).strip()

    def share(self, part: float, whole: float) -> str:
        """Write a share in percent."""
        return share(part / whole if whole else 0.0, 1)

    def within(self, bound: float) -> str:
        """Write how far a figure may be off, as a share; nothing where it is exact."""
        # From 100 % on, two digits would be written as a power of ten.
        return f" ±{100 * bound:{'.2g' if bound < 0.995 else ',.0f'}}%" if bound else ""

    def of_rows(self, bound: float) -> str:
        """Write how far a count of rows may be off, as a share of all rows; nothing where it is exact."""
        return f" ({self.say('of_rows', share=self.within(bound).strip())})" if bound else ""

    def estimate(self, rows: int, bound: float) -> str:
        """Write a count of rows and how far it may be off; that may be anywhere."""
        return f"{rows:,}{self.of_rows(bound)}" if bound < 1 else str(self["not_known"])

    def compare(self, key: str, **values: Any) -> str:
        """Say something about both tables, by their names."""
        table, compared = self._names
        return self.say(key, table=table, compared=compared, **values)

    @property
    def tables(self) -> tuple[str, str]:
        """The names of both tables."""
        first, second = self._names
        return (first, second) if first and second else (self["this_table"], self["compared_table"])

    @property
    def _names(self) -> tuple[str, str]:
        found = self.figures.comparison
        return (found.names[0], found.names[1]) if found else ("", "")

    def differences(self, most: int) -> Iterator[str]:
        """Say how many columns differ and what the chance of a false alarm is; name categories and pairs that changed."""
        found = self.figures.comparison
        if found is None or found.false_alarms is None:
            return
        differing = sum(map(found.is_significant, found.drifts))
        yield self.say(
            "false_alarms", count=differing, share=self.share(found.false_alarms, 1), tests=found.tests
        )
        for drift in found.drifts[:most]:
            for key, changes, rows in (
                ("new_categories", drift.new_categories, found.rows - drift.missing[1]),
                ("lost_categories", drift.lost_categories, self.figures.rows - drift.missing[0]),
            ):
                if changes:
                    names = ", ".join(
                        f"{self._category(found, drift.column, change.value)} ({self.share(change.rows, rows)})"
                        for change in changes
                    )
                    yield f"{self.compare(key, column=self.name(drift.column))} {names}"
        for pair in found.correlations[:most]:
            first, second = (self.strength(each, pair.bound) for each in pair.correlation)
            columns = {"column": self.name(pair.column), "other": self.name(pair.other)}
            yield self.compare("correlation_moved", first=first, second=second, **columns)
        if found.unpaired:
            yield self.say("correlations_left_out", count=found.unpaired)

    def _category(self, found: Comparison, name: str, value: Any) -> str:
        columns = self.figures.columns[name], found.columns[name]
        return self.of(next((each for each in columns if each.personal), columns[0]), value)

    def p_values(self, drift: Drift) -> str:
        """Write the smaller probability, of the values present and of the missing ones; nothing where none is known."""
        known = [p for p in (drift.p_value, drift.missing_p_value) if p is not None]
        return self.say("p_short", p=self.p_value(min(known))) if known else ""

    def p_value(self, p_value: float | None) -> str:
        """Write a probability; small ones as less than a limit."""
        if p_value is None:
            return ""
        return "< 0.001" if p_value < 0.001 else f"{p_value:.3f}" if p_value < 0.9995 else "1"

    def effect(self, effect: float | None) -> str:
        """Write the size of an effect, with its direction."""
        if effect is None:
            return ""
        return f"{effect:+.2f}" if abs(effect) >= 0.005 else "0.00"

    def strength(self, strength: float, bound: float = 0.0) -> str:
        """Write a measure from -1 to 1, and how far it may be off."""
        if not bound:
            return f"{strength:.2f}"
        digits = 2 if bound >= 0.01 else 3
        if not math.isfinite(bound):
            return f"{strength:.2f} ±{bound}"
        # Rounded up: it is a bound.
        return f"{strength:.{digits}f} ±{math.ceil(bound * 10**digits) / 10**digits:.{digits}f}"

    def rows(self, rows: int) -> str:
        """Write how many rows a part of the table has; an estimate where a sample was looked into."""
        return f"{'≈ ' if self.figures.examined < self.figures.rows else ''}{rows:,}"

    def count(self, column: Column, figure: str) -> str:
        """Write a count of a column, and how far it may be off."""
        return f"{getattr(column, figure):,}{self.within(column.bound(figure))}"

    def _duration(self, value: dt.timedelta) -> str:
        sign, value = ("-", -value) if value < dt.timedelta(0) else ("", value)
        hours, seconds = divmod(value.seconds, 3600)
        clock = f"{hours:02}:{seconds // 60:02}:{seconds % 60:02}"
        if value.days:
            whole = self.say("days", days=value.days)
            return sign + (whole if clock == "00:00:00" else f"{whole} {clock}")
        if value.seconds or not value.microseconds:
            return sign + clock
        return sign + self.say("seconds", seconds=value.microseconds / 1e6)


def span(low: str, high: str) -> str:
    """Write from where to where values reach."""
    return f"{low} \N{EN DASH} {high}"


def _moments(found: re.Match[str]) -> str:
    """Tell two moments apart by their days, or by the times of one day."""
    return f"{found[1]} to {found[3]}" if found[1] != found[3] else f"{found[2]} to {found[4]}"
