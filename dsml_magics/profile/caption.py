"""What stands over the tables of the report: how much of the whole they show, and what their figures mean."""

from dsml_magics.profile.association import LEAST, MOST, PAIRED
from dsml_magics.profile.column import GROUPED, ORDERED
from dsml_magics.profile.figures import Group
from dsml_magics.profile.picture.outcome import class_names
from dsml_magics.profile.wording import Wording

PAIRS = 15
"""So many pairs of columns are listed."""
LISTED = 1000
"""So many columns are listed."""


def pairs_caption(wording: Wording) -> str:
    """Say how many pairs of columns are listed, and of how many."""
    found = wording.figures.associations
    usable = sum(column.kind in ORDERED + GROUPED for column in wording.figures.columns.values())
    many = "pairs_shown_most" if len(found) >= MOST else "pairs_shown"
    said = wording.say(many, shown=min(PAIRS, len(found)), count=len(found), least=LEAST)
    return said if usable <= PAIRED else f"{said} {wording.say('columns_paired', shown=PAIRED, count=usable)}"


def columns_caption(wording: Wording) -> str:
    """Say how many columns are listed, and how far their medians may be off."""
    columns = wording.figures.columns
    off = max((column.bound("percentiles") for column in columns.values()), default=0.0)
    said = wording.say("columns_shown", shown=min(LISTED, len(columns)), count=len(columns))
    return f"{said} {wording.say('medians_off', share=wording.within(off).strip())}" if off else said


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
