"""What a call may do to its object, its arguments and the world, by what is known of the function."""

import ast
import builtins
from dataclasses import dataclass, replace

from dsml_magics.pipeline.analysis import knowledge
from dsml_magics.pipeline.analysis.facts import EXTERNAL, FIGURES, FILES, OUTPUT, RANDOM
from dsml_magics.pipeline.analysis.known import Known


@dataclass(frozen=True, slots=True)
class Acts:
    """What a call may do; it `keeps` its arguments where its object holds them afterwards."""

    changes_owner: bool = False
    changes_arguments: bool = False
    consumes: bool = False
    keeps: bool = False
    uses: tuple[str, ...] = ()
    touches: tuple[str, ...] = ()


NOTHING = Acts()
ANYTHING = Acts(
    changes_owner=True, changes_arguments=True, uses=tuple(sorted(EXTERNAL)), touches=tuple(sorted(EXTERNAL))
)
_RANDOM = Acts(changes_owner=True, uses=(RANDOM,), touches=(RANDOM,))
_FILES = Acts(changes_owner=True, uses=(FILES,), touches=(FILES,))
DRAWING = Acts(changes_owner=True, uses=(FIGURES,), touches=(FIGURES,))
_METHODS = (
    (knowledge.RANDOM_METHODS, _RANDOM),
    (knowledge.FITTING_METHODS, _RANDOM),
    (knowledge.READING_METHODS, Acts(changes_owner=True, uses=(FILES,))),
    (knowledge.LOOKING_METHODS, Acts(uses=(FILES,))),
    (knowledge.FILE_METHODS, _FILES),
    (knowledge.DRAWING_METHODS, DRAWING),
    (knowledge.CHANGING_METHODS, Acts(changes_owner=True, keeps=True, consumes=True)),
    (frozenset(("join",)), Acts(consumes=True)),
    (knowledge.TELLING_METHODS, Acts(touches=(OUTPUT,))),
    (knowledge.PURE_METHODS, NOTHING),
)


def acts_of_function(name: str, call: ast.Call | None, known: Known) -> Acts:
    """Tell what calling a function by its plain name may do, besides what the notebook's own do inside."""
    if name in known.functions:
        return Acts(changes_arguments=True)
    if name in knowledge.SHOWING_FUNCTIONS:
        shown = FIGURES if name == "_close_figures" else OUTPUT
        return Acts(touches=(shown, FILES) if _has(call, "file") else (shown,))
    if name in knowledge.PURE_BUILTINS:
        return Acts(consumes=name in knowledge.CONSUMING)
    if name == "open":
        return Acts(uses=(FILES,), touches=(FILES,) if _writes(call) else ())
    if name in ("next", "setattr", "delattr"):
        return Acts(changes_arguments=True)
    return NOTHING if _is_exception(name) else ANYTHING


def acts_of_library(path: str, call: ast.Call | None) -> Acts:
    """Tell what calling a library's function, given by its dotted path, may do."""
    top = path.partition(".")[0]
    acts = _known_acts(path, call)
    if acts is None and top in knowledge.DRAWING_MODULES:
        acts = Acts(uses=(FIGURES,), touches=(FIGURES,))
    if acts is None:
        acts = NOTHING if top in knowledge.PURE_MODULES else ANYTHING
    if _changes_arguments(path, call):
        acts = replace(acts, changes_arguments=True)
    return replace(acts, consumes=True) if path.startswith(knowledge.CONSUMING_FUNCTIONS) else acts


def acts_of_method(name: str, call: ast.Call | None, known: Known) -> Acts:
    """Tell what calling a method of an object that is not known may do."""
    if name in known.methods:
        return Acts(changes_owner=True, changes_arguments=True)
    if _has_true(call, "inplace", "out"):
        return Acts(changes_owner=True)
    if name == "sample" and _has(call, "frac", "n", "axis", "random_state"):
        # Rows of a frame: it stays as it was.
        return NOTHING if _is_seeded(call) else replace(_RANDOM, changes_owner=False)
    return next((acts for names, acts in _METHODS if name in names), ANYTHING)


def _known_acts(path: str, call: ast.Call | None) -> Acts | None:
    if path in knowledge.NOT_TOUCHING or (path == "dsml_magics.profile" and not _has(call, "html", "json")):
        return NOTHING
    matching = [known for known in knowledge.TOUCHING if path == known or path.startswith(_beginning(known))]
    if not matching:
        return None
    touched = knowledge.TOUCHING[max(matching, key=len)]
    if _is_seeded(call):
        touched = tuple(each for each in touched if each != RANDOM)
    return Acts(
        uses=() if path in knowledge.ONLY_TOUCHING else touched,
        touches=() if path.rpartition(".")[2].startswith(knowledge.READING) else touched,
    )


def _changes_arguments(path: str, call: ast.Call | None) -> bool:
    is_numeric = path.partition(".")[0] in ("numpy", "scipy")
    is_in_place = is_numeric and path.endswith(".at")
    return (
        is_in_place
        or path in knowledge.CHANGING_ARGUMENTS
        or _has_true(call, "out" if is_numeric else "inplace")
    )


def _beginning(known: str) -> str:
    return known if known.endswith("_") else f"{known}."


def _writes(call: ast.Call | None) -> bool:
    if call is None:
        return True
    modes = [*call.args[1:2], *(each.value for each in call.keywords if each.arg == "mode")]
    return any(
        not isinstance(mode, ast.Constant) or bool(set(str(mode.value)) & set("wax+")) for mode in modes
    )


def _is_seeded(call: ast.Call | None) -> bool:
    given = [each for each in (call.keywords if call else []) if each.arg in ("random_state", "seed")]
    return any(not (isinstance(each.value, ast.Constant) and each.value.value is None) for each in given)


def _has(call: ast.Call | None, *names: str) -> bool:
    return any(keyword.arg in names for keyword in (call.keywords if call else []))


def _has_true(call: ast.Call | None, *names: str) -> bool:
    return any(
        keyword.arg in names and not (isinstance(keyword.value, ast.Constant) and not keyword.value.value)
        for keyword in (call.keywords if call else [])
    )


def _is_exception(name: str) -> bool:
    found = getattr(builtins, name, None)
    return isinstance(found, type) and issubclass(found, BaseException)
