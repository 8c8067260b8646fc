"""What each statement of a notebook may do, with all that its functions may do when they are called."""

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from dsml_magics.pipeline.analysis.facts import Facts
from dsml_magics.pipeline.analysis.finder import facts_of, facts_of_call
from dsml_magics.pipeline.analysis.known import Known
from dsml_magics.pipeline.analysis.steadiness import steady_names, table_names
from dsml_magics.pipeline.definitions import DEFINITIONS, FUNCTIONS
from dsml_magics.pipeline.names import Names


@dataclass(frozen=True, slots=True)
class Statement:
    """Statements of the notebook's own scope that share their lines, mostly one: their cell, and what they may do."""

    cell: int
    nodes: tuple[ast.stmt, ...]
    facts: Facts

    @property
    def lines(self) -> tuple[int, int]:
        """The first line and the last, counted from 1."""
        decorators = [each.lineno for node in self.nodes for each in getattr(node, "decorator_list", ())]
        return (
            min([*decorators, *(node.lineno for node in self.nodes)]),
            max(node.end_lineno or node.lineno for node in self.nodes),
        )


def statements_of(
    cells: Sequence[tuple[int, ast.Module]], names: Names, given: Collection[str] = ()
) -> list[Statement]:
    """Find what the statements of cells, given with their numbers, may do, calls of the notebook's functions included.

    The names `given` are there without a cell that binds them.

    The time this takes grows with the length of the notebook, not with its square.
    """
    trees = [tree for _, tree in cells]
    known = _known(trees, names, given)
    direct = [
        (number, nodes, _facts(nodes, known)) for number, tree in cells for nodes in _by_line(tree.body)
    ]
    calls = _closed(_calls(trees, known))
    held = _held(facts for _, _, facts in direct)
    stateful = frozenset(_stateful(trees))
    return [
        Statement(number, nodes, _with_calls(facts, calls, held, stateful)) for number, nodes, facts in direct
    ]


def _facts(nodes: Sequence[ast.stmt], known: Known) -> Facts:
    first, *others = (facts_of(node, known) for node in nodes)
    for facts in others:
        first = first.then(facts)
    return first


def _by_line(body: Sequence[ast.stmt]) -> list[tuple[ast.stmt, ...]]:
    """Join statements that share a line: they go or stay together."""
    groups: list[list[ast.stmt]] = []
    for node in body:
        if groups and node.lineno <= (groups[-1][-1].end_lineno or 0):
            groups[-1].append(node)
        else:
            groups.append([node])
    return [tuple(group) for group in groups]


def _stateful(trees: Sequence[ast.Module]) -> Iterator[str]:
    """Find the functions that a call may leave otherwise: by what they hold as defaults, or by a decorator's doing."""
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) or (isinstance(node, FUNCTIONS) and _holds_state(node)):
                yield node.name


def _holds_state(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    defaults = [*function.args.defaults, *(each for each in function.args.kw_defaults if each)]
    return bool(function.decorator_list) or any(not isinstance(each, ast.Constant) for each in defaults)


def _known(trees: Sequence[ast.Module], names: Names, given: Collection[str]) -> Known:
    modules = {
        name: next(iter(found))
        for name, found in names.bound.items()
        if len(found) == 1 and None not in found
    }
    definitions = [node for tree in trees for node in ast.walk(tree) if isinstance(node, DEFINITIONS)]
    lambdas = {name for tree in trees for name, _ in _lambdas(tree)}
    methods: dict[str, set[str]] = {}
    for each in definitions:
        if isinstance(each, ast.ClassDef):
            for inner in each.body:
                if isinstance(inner, FUNCTIONS):
                    methods.setdefault(inner.name, set()).add(each.name)
    functions = lambdas | {each.name for each in definitions}
    plain = {each.name for each in definitions if isinstance(each, FUNCTIONS) and _is_plain(each, functions)}
    return Known(
        frozenset((*names.bound, *given)),
        {name: module for name, module in modules.items() if module},
        frozenset({each.name for each in definitions} | lambdas),
        {name: frozenset(owners) for name, owners in methods.items()},
        frozenset(steady_names(trees, modules)),
        frozenset(plain - lambdas - {each.name for each in definitions if not isinstance(each, FUNCTIONS)}),
        frozenset(table_names(trees, modules)),
        "*" in names.bound,
    )


def _is_plain(function: ast.FunctionDef | ast.AsyncFunctionDef, functions: set[str]) -> bool:
    """Whether a function gives back no function: it makes none, and mentions none but to call it."""
    inner = [node for each in function.body for node in ast.walk(each)]
    if any(isinstance(node, (*DEFINITIONS, ast.Lambda, ast.Yield, ast.YieldFrom)) for node in inner):
        return False
    called = {id(node.func) for node in inner if isinstance(node, ast.Call)}
    return not any(
        isinstance(node, ast.Name) and node.id in functions and id(node) not in called for node in inner
    )


def _lambdas(tree: ast.Module) -> list[tuple[str, ast.Lambda]]:
    return [
        (target.id, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda)
        for target in node.targets
        if isinstance(target, ast.Name)
    ]


def _calls(trees: Sequence[ast.Module], known: Known) -> dict[str, Facts]:
    """Find what calling each function or class of the notebook may do by itself, all definitions of a name joined."""
    found: dict[str, Facts] = {}
    for tree in trees:
        defined = [(node.name, node) for node in ast.walk(tree) if isinstance(node, DEFINITIONS)]
        for name, node in [*defined, *_lambdas(tree)]:
            facts = facts_of_call(node, known)
            found[name] = found[name] | facts if name in found else facts
    return found


def _closed(calls: Mapping[str, Facts]) -> dict[str, Facts]:
    """Join what each function may do with what the functions it mentions may do, however indirectly."""
    closed: dict[str, Facts] = {}
    for name in calls:
        facts, waiting, seen = calls[name], [*calls[name].functions], {name}
        while waiting:
            other = waiting.pop()
            if other not in seen and other in calls:
                seen.add(other)
                facts = facts | calls[other]
                waiting.extend(calls[other].functions)
        closed[name] = facts
    return closed


def _held(facts: Iterable[Facts]) -> dict[str, frozenset[str]]:
    """Find which functions of the notebook an object may hold, and so call: a pipeline holds its transformer's."""
    holders: dict[str, set[str]] = {}
    made_of: dict[str, set[str]] = {}
    for each in facts:
        for name in each.bound | each.changes:
            holders.setdefault(name, set()).update(each.holds)
        for name, source in each.aliases:
            made_of.setdefault(source, set()).add(name)
    waiting = [name for name, functions in holders.items() if functions]
    while waiting:
        source = waiting.pop()
        for name in made_of.get(source, ()):
            before = holders.setdefault(name, set())
            if not holders[source] <= before:
                before |= holders[source]
                waiting.append(name)
    return {name: frozenset(functions) for name, functions in holders.items() if functions}


def _with_calls(
    facts: Facts, calls: Mapping[str, Facts], held: Mapping[str, frozenset[str]], stateful: frozenset[str]
) -> Facts:
    """Add what the functions a statement may call may do."""
    functions = set(facts.functions)
    if facts.calls:
        for name in facts.reads:
            functions |= held.get(name, frozenset())
    for name in functions & calls.keys():
        called = calls[name]
        facts = replace(
            facts,
            reads=facts.reads | called.reads,
            may_bind=facts.may_bind | (called.may_bind - facts.binds),
            changes=facts.changes | called.changes | (stateful & {name, *called.functions}),
            uses=facts.uses | called.uses,
            touches=facts.touches | called.touches,
            aliases=facts.aliases | called.aliases,
            opaque=facts.opaque or called.opaque,
        )
    return facts
