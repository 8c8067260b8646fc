"""Which settings of the process a step reads, and which random generators it sets before it draws from them."""

import ast
from collections.abc import Iterable, Sequence

from dsml_magics.pipeline.analysis.facts import FIGURES, FILES, OUTPUT, PROCESS, RANDOM, Facts, overlaps
from dsml_magics.pipeline.analysis.notebook import Statement
from dsml_magics.pipeline.names import dotted
from dsml_magics.run.settings import RANDOM as GENERATORS

_SHOWING = frozenset(("§pandas.display", "§polars", "§numpy.print", "§warnings", "§logging", "§locale"))
"""Settings of what is printed or written."""
_DRAWING = frozenset(("§matplotlib", "§figures"))
_SEEDING = {
    "random.seed": "§random",
    "random.setstate": "§random",
    "numpy.random.seed": "§numpy.random",
    "numpy.random.set_state": "§numpy.random",
    "torch.manual_seed": "§torch.random",
}
_WORDS = ("seed", "set_state", "setstate", "set_rng_state", "deterministic")


def reads_setting(name: str, facts: Facts) -> bool:
    """Tell whether what a step does may depend on a setting; the state of a generator is asked for apart."""
    if facts.opaque or PROCESS in facts.uses:
        return True
    if name in _DRAWING:
        return overlaps((FIGURES,), facts.uses | facts.touches)
    if name in _SHOWING:
        # What a file is read into does not depend on how it would be shown.
        return overlaps((OUTPUT, FIGURES), facts.uses | facts.touches) or overlaps((FILES,), facts.touches)
    return True


def set_first(statements: Sequence[Statement], modules: dict[str, str]) -> frozenset[str]:
    """List the generators a step sets by statements of its own before anything in it may draw."""
    found: set[str] = set()
    for each in statements:
        seeding = [_seeded(node, modules) for node in each.nodes]
        if all(seeding):
            found.update(seeding)
        elif (
            each.facts.opaque or PROCESS in each.facts.uses or RANDOM in each.facts.uses | each.facts.touches
        ):
            break
    return frozenset(found)


def seeds(tree: ast.Module, facts: Facts) -> tuple[str, ...]:
    """List the generators whose state may follow from a seed after a step: all, where it may set one."""
    if facts.opaque or PROCESS in facts.touches:
        return tuple(sorted(GENERATORS))
    words = (
        node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "") for node in ast.walk(tree)
    )
    return tuple(sorted(GENERATORS)) if any(_is_seeding(word) for word in words) else ()


def modules_of(trees: Iterable[ast.Module]) -> dict[str, str]:
    """Name what each name is imported as, if it is only that."""
    from dsml_magics.pipeline.names import names_of

    bound = names_of(enumerate(trees)).bound
    return {name: str(*found) for name, found in bound.items() if len(found) == 1 and None not in found}


def _seeded(node: ast.stmt, modules: dict[str, str]) -> str:
    if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)):
        return ""
    top, _, rest = dotted(node.value.func).partition(".")
    path = f"{modules.get(top, '')}.{rest}" if rest else modules.get(top, "")
    arguments = node.value.args
    is_given = bool(arguments) and not (isinstance(arguments[0], ast.Constant) and arguments[0].value is None)
    return _SEEDING.get(path, "") if is_given else ""


def _is_seeding(word: str) -> bool:
    return any(each in word.casefold() for each in _WORDS)
