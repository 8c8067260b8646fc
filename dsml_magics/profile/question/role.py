"""What a column can be for a model, and what must be done with it before."""

from typing import Literal, get_args

from dsml_magics.profile.column import Column, Kind
from dsml_magics.profile.figures import Figures
from dsml_magics.profile.insight.evidence import is_target
from dsml_magics.profile.insight.treatment import Treatment, treatments
from dsml_magics.profile.settings import Settings

Role = Literal[
    "leak",
    "key",
    "useless",
    "gappy",
    "twin",
    "personal",
    "presence",
    "convert",
    "parts",
    "words",
    "unpack",
    "encode",
    "inflated",
    "straighten",
    "one_hot",
    "ready",
]
"""In the order in which they are told: to be left out as it gives the target away, is a key, has one value, is mostly
missing, or says the same as another; to be left out or masked as it holds personal data; to be used for whether there
is a value; to be converted, split into parts, turned into words, unpacked, encoded in one column, parted into zero or
not and how much, straightened; encoded in a column each; used as it is."""
LEFT_OUT: tuple[Role, ...] = ("leak", "key", "useless", "gappy", "twin", "personal")
ORDER: tuple[Role, ...] = (
    *("leak", "personal", "key", "useless", "gappy", "twin"),
    *get_args(Role)[len(LEFT_OUT) :],
)
_PARTS = 4
"""Year, month, weekday and hour."""
_BY_INSIGHT: dict[str, Role] = {
    "leakage": "leak",
    "constant": "useless",
    "all_missing": "useless",
    "nearly_constant": "useless",
    "identifier": "key",
    "gappy": "gappy",
    "associated": "twin",
    "presence": "presence",
    "mixed_types": "convert",
    "number_as_text": "convert",
    "date_as_text": "convert",
    "high_cardinality": "encode",
    "zeros": "inflated",
    "skewed": "straighten",
}
_BY_KIND: dict[Kind, Role] = {
    "datetime": "parts",
    "date": "parts",
    "time": "parts",
    "text": "words",
    "nested": "unpack",
    "binary": "unpack",
    "other": "unpack",
    "categorical": "one_hot",
}


def roles(figures: Figures, settings: Settings) -> dict[str, Role]:
    """Tell what each column but the target can be, by its insights, its gaps and its kind."""
    codes: dict[str | None, set[str]] = {}
    for insight in figures.insights:
        codes.setdefault(insight.column, set()).add(insight.code)
    for name, found in treatments(figures, settings).items():
        _note_gaps(codes.setdefault(name, set()), found)
    return {
        name: _role(column, codes.get(name, set()))
        for name, column in figures.columns.items()
        if not is_target(figures, name)
    }


def _note_gaps(codes: set[str], found: Treatment) -> None:
    """Put what becomes of a column with gaps among its insights: one value that is not always there is of use."""
    if found.way == "drop":
        codes.add("gappy")
    if found.way == "presence":
        codes.discard("constant")
        codes.add("presence")


def _role(column: Column, codes: set[str]) -> Role:
    found = {role for code, role in _BY_INSIGHT.items() if code in codes}
    if any(code.startswith("personal_") for code in codes):
        found.add("personal")
    if role := _BY_KIND.get(column.kind):
        found.add(role)
    return next((role for role in ORDER if role in found), "ready")


def features_of(column: Column, role: Role) -> int:
    """Count the features that a column becomes: one less than its categories, one a part of a date; texts are not counted."""
    if role in (*LEFT_OUT, "words", "unpack"):
        return 0
    if role == "one_hot":
        return max(1, column.distinct - 1)
    return {"parts": _PARTS, "inflated": 2}.get(role, 1)
