"""Which columns say who people are: sex, age, origin, faith, by their names in English or Korean or by their values."""

import re
import unicodedata

from dsml_magics.profile.column import ORDERED, Column

OLDEST = 125
"""Ages lie between 0 and this."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[가-힣]+")
_PEOPLE = re.compile(
    r"sex|gender|racial|race|ethnic(ity|ities)?|nationalit(y|ies)|citizenship|countr(y|ies)|religio(n|us)|faith"
    r"|disab(ility|ilities|led)|handicap|marital(status)?|marri(ed|age)|pregnan(t|cy)|veteran|caste"
    r"|dob|birth(date|day|year)"
    r"|.*(성별|국적|인종|민족|종교|결혼|혼인|출생|생년월일|생일|생년)"
    r"(코드|구분|여부|상태|그룹|유형|값|명|별|년도|연도|년|일자|일|지역|국가|국)*"
    r"|국가(코드|명)?|장애(인|여부|인여부|유무|등급|유형|정도|코드)?|배우자(유무|여부)?|임신(여부)?|다문화(여부|가정)?"
)
_TOGETHER = (
    {"civil", "status"},
    {"sexual", "orientation"},
    {"birth", "date"},
    {"birth", "year"},
    {"year", "born"},
)
_RACING = {"time", "date", "distance", "track", "horse", "lap", "driver", "circuit", "round", "car"}
_AGE = re.compile(r"age|ages|aged|age(group|band|range)|.*(연령|나이)(대|층|별|코드|구분|그룹|값)*")
_AGED = re.compile(
    "house|home|building|property|roof|account|loan|credit|policy|contract|car|vehicle|engine|machine|asset|device"
    "|equipment|tree|wine|network|system|data|file|page|cache|stone|iron|bronze|ice|session|job"
)
"""What else has an age."""

_UNKNOWN = re.compile(
    "|unknown|others?|none|na|n a|nan|x|prefer not to say|(not |un)specified|missing|undisclosed"
    "|미상|기타|모름|무응답|해당없음"
)
_COLOUR = re.compile("white|black|brown")
_VALUES = (
    re.compile("(fe)?male|(wo)?man|(wo)?men|boy|girl|m|f|남|여|남자|여자|남성|여성|남학생|여학생"),
    re.compile(
        "(never |un)?married|single|divorced|widow(ed)?|separated|domestic partner|기혼|미혼|이혼|사별|별거"
    ),
    re.compile(
        "white|black|brown|asian|hispanic|latino|caucasian|(african|native) american|american indian|pacific islander"
        "|two or more races"
    ),
    re.compile(
        "christian(ity)?|muslim|islam|buddhis[tm]|hindu(ism)?|jewish|judaism|catholic|protestant|orthodox|sikh|atheist"
        "|agnostic|기독교|개신교|천주교|가톨릭|불교|원불교|이슬람교|무교"
    ),
)


def is_sensitive(column: Column) -> bool:
    """Tell whether a column looks as if it said who people are.

    Whole words of its name count: neither "package" nor "essex" is one. Else its most frequent values must
    all be words for the sexes, races, faiths or marital states.
    """
    words = _words(column.name)
    known = {word for word in words if _PEOPLE.fullmatch(word)}
    if words & _RACING:
        known.discard("race")
    by_name = bool(known) or any(pair <= words for pair in _TOGETHER)
    return by_name or is_age(column) or _are_people([str(value) for value, _ in column.top])


def is_age(column: Column) -> bool:
    """Tell whether a column holds the ages of people."""
    words = _words(column.name)
    if not any(map(_AGE.fullmatch, words)) or any(map(_AGED.fullmatch, words)):
        return False
    if column.kind not in ORDERED:
        return True
    ends = (column.percentiles[1], column.percentiles[-2]) if column.percentiles else (column.min, column.max)
    return column.kind == "numeric" and all(end is not None and 0 <= end <= OLDEST for end in ends)


def _words(name: str) -> set[str]:
    """Split a name where its words begin: at signs, digits, capitals."""
    return {word.lower() for word in _WORD.findall(unicodedata.normalize("NFC", name))}


def _are_people(values: list[str]) -> bool:
    """Tell whether two or more values are such words, and none is anything else."""
    folded = {" ".join(re.findall(r"\w+", value.lower())) for value in values}
    known = {value for value in folded if not _UNKNOWN.fullmatch(value)}
    if len(known) < 2 or all(map(_COLOUR.fullmatch, known)):
        return False
    return any(all(map(words.fullmatch, known)) for words in _VALUES)
