"""The nine questions that a data exploration must answer, each with its answer and the evidence for it."""

from collections.abc import Callable

from dsml_magics.profile.figures import Figures, Question
from dsml_magics.profile.question.bias import bias
from dsml_magics.profile.question.enlarge import enlarge
from dsml_magics.profile.question.enough import enough
from dsml_magics.profile.question.gaps import missing, treatment
from dsml_magics.profile.question.inputs import inputs
from dsml_magics.profile.question.saying import Answer
from dsml_magics.profile.question.shape import distribution, outliers, relations
from dsml_magics.profile.settings import Settings

ANSWERS: dict[str, Callable[[Figures, Settings], Answer]] = {
    "distribution": distribution,
    "missing": missing,
    "treatment": treatment,
    "outliers": outliers,
    "relations": relations,
    "inputs": inputs,
    "enough": enough,
    "enlarge": enlarge,
    "bias": bias,
}


def questions(figures: Figures, settings: Settings) -> tuple[Question, ...]:
    """Answer the nine questions, from figures that have their insights already."""
    return tuple(Question(code, *answer(figures, settings)) for code, answer in ANSWERS.items())
