"""How the data could be enlarged if it is not enough."""

import datetime as dt
import math
import re
from collections.abc import Iterator

from dsml_magics.profile.column import Column
from dsml_magics.profile.figures import Figures
from dsml_magics.profile.insight.evidence import share, within
from dsml_magics.profile.insight.target import target_of
from dsml_magics.profile.language import Statement
from dsml_magics.profile.question.enough import Supply, supply_of
from dsml_magics.profile.question.role import LEFT_OUT, Role, features_of, roles
from dsml_magics.profile.question.saying import Answer, some, state
from dsml_magics.profile.settings import Settings
from dsml_magics.profile.threshold import limit

_MANY = 10
"""Of more categories the rare ones are worth merging."""
_SEASONS = 730
"""In fewer days no season was seen twice."""
_WHOLE = 0.9
_PLACE = re.compile(
    r"(?:country|countries|nation|native_country|state|region|province|county|city|town|district|neighborhood|"
    r"neighbourhood|zip|zipcode|zip_code|postcode|postal_code|address|station|airport|island|store|site)",
)
_KOREAN_PLACE = re.compile(r"국가|지역|시도|시군구|도시|주소|우편번호|행정동|읍면동|매장|지점")


def enlarge(figures: Figures, settings: Settings) -> Answer:
    """Name the ways that fit this table: rows, classes, categories, texts, time, other tables."""
    supply = supply_of(figures, settings)
    found = roles(figures, settings)
    ways = [
        *_rarest(figures, supply, settings),
        *_unused_rows(figures),
        *_fewer_features(figures, found),
        *_texts(found),
        *_time(figures),
        *_joins(figures, found),
        state("enlarge_curve"),
    ]
    needed = math.ceil(supply.least * supply.features) - supply.counted
    if needed <= 0 or not supply.features:
        return state("enlarge_not_needed", ways=len(ways)), tuple(ways)
    values = {"needed": needed, "limit": supply.least, "ways": len(ways)}
    if supply.rarest is not None:
        return state("enlarge_needed_class", **values, value=supply.rarest), tuple(ways)
    return state("enlarge_needed", **values), tuple(ways)


def _rarest(figures: Figures, supply: Supply, settings: Settings) -> Iterator[Statement]:
    """Weight the classes, or collect rows of the rarest one."""
    least = limit(settings, "imbalance")
    target = target_of(figures)
    if target is None or supply.rarest is None or supply.counted >= least * target.present:
        return
    needed = math.ceil((least * target.present - supply.counted) / (1 - least))
    yield state(
        "enlarge_weights",
        value=supply.rarest,
        share=share(supply.counted, target.present),
        needed=needed,
        limit=least,
    )


def _unused_rows(figures: Figures) -> Iterator[Statement]:
    """Use rows that would be dropped: without the target, or with gaps."""
    target = target_of(figures)
    if target and target.missing:
        yield state("enlarge_unlabelled", missing=target.missing, target=target.name)
    lost = figures.rows - figures.missing.complete
    if figures.missing.cells and figures.missing.complete < _WHOLE * figures.rows:
        yield state(
            "enlarge_fill",
            lost=lost,
            share=share(lost, figures.rows),
            **within(figures.missing.bound, of=figures.rows),
        )


def _fewer_features(figures: Figures, found: dict[str, Role]) -> Iterator[Statement]:
    """Spend the rows on fewer features."""
    wide = [
        name for name, role in found.items() if role == "one_hot" and figures.columns[name].distinct > _MANY
    ]
    if wide:
        features = sum(features_of(figures.columns[name], "one_hot") - _MANY + 1 for name in wide)
        yield state("enlarge_merge", columns=some(wide), features=features, most=_MANY)


def _texts(found: dict[str, Role]) -> Iterator[Statement]:
    if texts := [name for name, role in found.items() if role == "words"]:
        yield state("enlarge_texts", columns=some(texts))


def _time(figures: Figures) -> Iterator[Statement]:
    """Take a longer period, where no season was seen twice."""
    for column in figures.columns.values():
        days = _days(column)
        if days is not None and 0 < days < _SEASONS:
            yield state(
                "enlarge_period", column=column.name, min=str(column.min), max=str(column.max), days=days
            )
            return


def _days(column: Column) -> int | None:
    ends = (column.min, column.max)
    if column.kind not in ("datetime", "date") or not all(isinstance(end, dt.date) for end in ends):
        return None
    return int((ends[1] - ends[0]).days)


def _joins(figures: Figures, found: dict[str, Role]) -> Iterator[Statement]:
    """Join what is known of days and places."""
    days = [
        name
        for name, column in figures.columns.items()
        if column.kind in ("datetime", "date") or column.parses_as == "date"
    ]
    if days:
        yield state("enlarge_days", columns=some(days))
    places = [name for name, role in found.items() if role not in LEFT_OUT and _is_place(name)]
    if places:
        yield state("enlarge_places", columns=some(places))


def _is_place(name: str) -> bool:
    plain = "_".join(re.findall(r"[A-Za-z][a-z]*|[A-Z]+", name)).lower()
    words = {plain, *plain.split("_")}
    return any(_PLACE.fullmatch(word) for word in words) or bool(_KOREAN_PLACE.search(name))
