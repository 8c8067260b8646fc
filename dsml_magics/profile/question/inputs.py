"""What the inputs are, and which need engineering."""

from dsml_magics.profile.figures import Figures
from dsml_magics.profile.question.role import LEFT_OUT, ORDER, roles
from dsml_magics.profile.question.saying import Answer, some, state
from dsml_magics.profile.settings import Settings


def inputs(figures: Figures, settings: Settings) -> Answer:
    """Sort the columns by what has to be done with them."""
    found = roles(figures, settings)
    by_role = {role: [name for name in found if found[name] == role] for role in ORDER}
    out = sum(len(by_role[role]) for role in LEFT_OUT)
    ready = len(by_role["ready"])
    answer = state(
        "inputs_answer",
        columns=len(found),
        ready=ready,
        engineer=len(found) - ready - out,
        out=out,
    )
    evidence = [
        state(f"inputs_{role}", columns=some(names), count=len(names))
        for role, names in by_role.items()
        if names
    ]
    return answer, tuple(evidence)
