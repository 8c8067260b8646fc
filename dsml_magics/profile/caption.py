"""What stands over the tables of the report: how much of the whole they show, and what their figures mean."""

from collections.abc import Iterable

from dsml_magics.profile.association import MOST, PAIRED
from dsml_magics.profile.column import Column
from dsml_magics.profile.figures import Figures, Group
from dsml_magics.profile.measured import LEAST
from dsml_magics.profile.picture.outcome import class_names
from dsml_magics.profile.wording import Wording

PAIRS = 15
"""So many pairs of columns are listed."""
LISTED = 1000
"""So many columns are listed."""
DETAILED = 200
"""So many columns are shown in detail, and so many insights and drifts are."""


def pairs_caption(wording: Wording) -> str:
    """Say how many pairs of columns are listed, and of how many."""
    found = wording.figures.associations
    many = "pairs_shown_most" if len(found) >= MOST else "pairs_shown"
    said = wording.say(many, shown=min(PAIRS, len(found)), count=len(found), least=LEAST)
    if not (unpaired := wording.figures.unpaired):
        return said
    return f"{said} {wording.say('columns_paired', shown=PAIRED, count=PAIRED + unpaired)}"


def needed(figures: Figures, most: int) -> list[Column]:
    """Choose the columns to show: the target, those with insights or strong pairs, then the first; in the table's order."""
    target = [figures.target.column] if figures.target else []
    told = [insight.column for insight in figures.insights if insight.column is not None]
    paired = [name for pair in figures.associations for name in (pair.column, pair.other)]
    ordered = dict.fromkeys((*target, *told, *paired, *figures.columns))
    chosen = set([name for name in ordered if name in figures.columns][:most])
    return [column for name, column in figures.columns.items() if name in chosen]


def columns_caption(wording: Wording) -> str:
    """Say how many columns are listed, and how far their medians may be off."""
    columns = wording.figures.columns
    said = wording.say("columns_shown", shown=min(LISTED, len(columns)), count=len(columns))
    return said + _medians(columns.values(), wording)


def drifts_caption(wording: Wording) -> str:
    """Say what a distance is, how many columns are compared, and how far their medians may be off."""
    found = wording.figures.comparison
    if found is None:
        return ""
    said = wording.compare("drifts_shown", shown=min(DETAILED, len(found.drifts)), count=len(found.drifts))
    return said + _medians((*wording.figures.columns.values(), *found.columns.values()), wording)


def _medians(columns: Iterable[Column], wording: Wording) -> str:
    """Explain the mark of medians whose ranks are not exact."""
    off = max((column.bound("percentiles") for column in columns), default=0.0)
    return f" {wording.say('medians_off', share=wording.within(off).strip())}" if off else ""


def groups_caption(wording: Wording) -> str:
    """Say what is told of the target in each group of people."""
    target = wording.figures.target
    if target is None:
        return wording["groups_alone"]
    name = wording.name(target.column)
    if target.task == "values" or not target.classes:
        return wording.say("groups_mean", target=name)
    value = class_names(target, wording)[1 if len(target.classes) == 2 else 0]
    return wording.say("groups_share", target=name, value=value)


def rate(group: Group, wording: Wording) -> str:
    """Write what the target is like in a group of people."""
    target = wording.figures.target
    if group.target is None or target is None:
        return ""
    return wording.value(group.target) if target.task == "values" else wording.share(group.target, 1)
