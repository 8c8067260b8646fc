"""Columns of names of persons, told by the column's name and what is in it."""

import re
from collections.abc import Sequence

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_a-zA-Z]+")
_PARTS = {"first", "last", "middle", "given", "family", "maiden", "full", "birth", "preferred", "legal"}
_PEOPLE = {
    *(
        "person",
        "people",
        "patient",
        "customer",
        "client",
        "employee",
        "staff",
        "student",
        "pupil",
        "teacher",
    ),
    *("member", "guest", "passenger", "applicant", "candidate", "contact", "owner", "holder", "cardholder"),
    *(
        "buyer",
        "seller",
        "sender",
        "recipient",
        "receiver",
        "doctor",
        "physician",
        "nurse",
        "manager",
        "author",
    ),
    *("spouse", "father", "mother", "parent", "child", "beneficiary", "borrower", "subscriber", "visitor"),
    *("participant", "respondent", "driver", "tenant", "insured", "payee", "payer", "player", "actor"),
}
_SURE = {"surname", "forename", "fullname", "firstname", "lastname", "middlename", "givenname", "familyname"}
_KOREAN = re.compile(
    r"(?:고객|회원|환자|직원|사원|학생|교사|강사|교수|담당자|신청자|신청인|보호자|대표자|작성자|수취인|수령인|"
    r"받는사람|보내는사람|예금주|소유자|계약자|피보험자|이용자|사용자|응답자|참가자|승객|임직원|의사|간호사)"
    r"(?:의?이름|성명|성함|명)|성명|성함|한글성명|영문성명|실명|본명|氏名|姓名"
)
_KOREAN_PLAIN = {"이름", "姓", "名前"}
_TITLE = re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Master|Dr|Prof|Sir|Rev)\b\.?", re.IGNORECASE)
_LATIN = re.compile(r"[^\W\d_]+(?:[ .,'\u2019()\"-]+[^\W\d_]+)*[.)\"]?")
_HANGUL = re.compile(r"[가-힣]{2,5}|[가-힣]{1,2} [가-힣]{1,3}")
_HAN = re.compile(r"[\u3400-\u9fff々]{2,4}|[\u3400-\u9fff々]{1,3}[ \u3000][\u3400-\u9fff々]{1,3}")
_SURNAMES = frozenset(
    "김이박최정강조윤장임한오서신권황안송전홍유고문양손배백허남심노하곽성차주우구민류나진지엄채원천방공현함변염여"
    "추도소석선설마길연위표명기반왕금옥육인맹제모탁국어은편용"
)
_GIVEN = frozenset(
    re.findall(
        r"\w+",
        "james john robert michael william david richard joseph thomas charles daniel matthew anthony mark "
        "paul steven andrew kevin brian george edward peter henry frank martin mary patricia jennifer linda "
        "elizabeth barbara susan jessica sarah karen nancy lisa margaret betty sandra ashley emily anna emma "
        "olivia sophia laura maria julia alice helen jane jean jose juan carlos luis pedro pierre hans "
        "mohammed muhammad ahmed ali fatima wei li jing min ji hiroshi yuki ivan olga priya raj",
    )
)
_LONGEST = 80
_WORDS = 6
_FITTING = 0.5
"""A column called after persons holds names from this share of fitting values on."""
_FITTING_PLAIN = 0.8
"""The same for a column that is only called `name`, of values that are names of persons and nothing else."""
_KNOWN = 0.15
"""So many of the values of a column only called `name` must hold a frequent given name, or a title."""


def share_of_persons(texts: Sequence[str], *, name: str) -> float:
    """Tell what share of the texts of a column called `name` are names of persons; 0.0 if it holds none.

    ``first_name``, ``PatientName``, ``성명`` or ``고객명`` say enough. A column called ``name`` or ``이름`` must
    hold titles, frequent given names or Korean surnames too, as products and places have names as well.
    """
    words = [word.lower() for word in _WORD.findall(name)]
    plain = words == ["name"] or "".join(words) in _KOREAN_PLAIN
    if not plain and not _is_of_persons(words):
        return 0.0
    fitting = [text for text in texts if _fits(text)]
    share = len(fitting) / len(texts)
    if not plain:
        return share if share >= _FITTING else 0.0
    known = sum(map(_is_known, fitting)) / len(texts)
    hangul = sum(1 for text in fitting if "가" <= text[0] <= "힣")
    needed = _FITTING_PLAIN * len(fitting) / len(texts) if 2 * hangul > len(fitting) else _KNOWN
    return share if share >= _FITTING_PLAIN and known >= needed else 0.0


def _is_of_persons(words: list[str]) -> bool:
    if _SURE & set(words) or _KOREAN.fullmatch("".join(words)):
        return True
    before = words[-2] if len(words) > 1 and words[-1] in ("name", "names") else ""
    return before in _PARTS or before in _PEOPLE


def _fits(text: str) -> bool:
    if len(text) > _LONGEST or len(text.split()) > _WORDS + 2:
        return False
    return any(pattern.fullmatch(text) for pattern in (_HANGUL, _HAN, _LATIN))


def _is_known(text: str) -> bool:
    """Tell whether a text holds what only names of persons hold."""
    if _HANGUL.fullmatch(text):
        return text[0] in _SURNAMES and len(text) <= 4
    words = [word.lower() for word in _WORD.findall(text)]
    return bool(_TITLE.search(text)) or (len(words) > 1 and not _GIVEN.isdisjoint(words))
