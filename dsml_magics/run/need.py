"""What a step needs, and why it must run again, or need not."""

import ast
import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from dsml_magics.pipeline.analysis.analysis import Analysis
from dsml_magics.pipeline.analysis.facts import FILES, NETWORK, PROCESS, Facts, overlaps
from dsml_magics.pipeline.analysis.ordering import dependencies_of
from dsml_magics.pipeline.sections import Script
from dsml_magics.pipeline.words import counted
from dsml_magics.run.crew import outer_environment
from dsml_magics.run.digest import digest_of
from dsml_magics.run.own_files import is_below
from dsml_magics.run.reading import modules_of, reads_setting, seeds, set_first
from dsml_magics.run.record import UNREAD, Left, Record, is_setting
from dsml_magics.run.settings import ARGUMENTS, RANDOM, SECRETS, digest_of_variable
from dsml_magics.run.state import State
from dsml_magics.run.versions import changed, versions_of
from dsml_magics.run.watch import GONE, digest_at

_COMMAND_LINE = frozenset(("argv", "parse_args", "parse_known_args", "orig_argv"))
_COMMAND_LINES = frozenset(("click", "typer", "fire", "absl", "cyclopts", "docopt"))


@dataclass(frozen=True)
class Need:
    """What the analysis says of one step.

    `reads` are the names whose earlier values it may read or change; one that `reads_all` may read any. `binds` are
    those it binds for certain, `set_first` the random generators it sets before it draws, `seeds` those it may set.
    `after` are the earlier steps it must wait for.
    """

    name: str
    code: str
    reads: frozenset[str]
    facts: Facts
    set_first: frozenset[str]
    seeds: tuple[str, ...]
    reads_arguments: bool
    uses_files: bool
    after: tuple[str, ...]

    @property
    def reads_all(self) -> bool:
        return self.facts.opaque

    @property
    def makes(self) -> frozenset[str]:
        """The names it may bind or change."""
        return self.facts.bound | self.facts.changes

    @property
    def may_change(self) -> frozenset[str]:
        """The names whose objects it may change: also through another name that is bound to something else since."""
        found = {*self.facts.changes}
        while (
            more := {name for pair in self.facts.aliases if not found.isdisjoint(pair) for name in pair}
            - found
        ):
            found |= more
        return frozenset(found)

    @property
    def is_known(self) -> bool:
        """Whether all it calls is known, so that it changes only what it says."""
        return not self.facts.opaque and PROCESS not in self.facts.touches

    def inputs(self, state: State, arguments: str) -> dict[str, str]:
        """Take down what it would read now."""
        settings = {name for name in state.groups if is_setting(name) and reads_setting(name, self.facts)}
        found = {name: state.digest(name) for name in sorted((self.reads | settings) - RANDOM)}
        found = {**all_of(state), **found} if self.reads_all else found
        return {**found, ARGUMENTS: arguments} if self.reads_arguments else found

    def changed(self, left: Left, state: State, rebound: Iterable[str]) -> dict[str, str]:
        """Take down what was there before of names it left, but for those it bound anew."""
        # What no step reads any more is nothing to what it did with others.
        unread = {name for name, reason in left.lost.items() if reason == UNREAD} - self.reads
        names = left.names - self.facts.binds - self.set_first - {*rebound} - unread
        return {name: _before(name, state) for name in sorted(names)}


def needs_of(script: Script) -> dict[str, Need]:
    """Analyse a script: what each of its steps needs."""
    pipeline = script.pipeline
    analysis = Analysis.of(pipeline)
    facts = dict(zip([step.name for step in pipeline.steps], analysis.facts(), strict=True))
    statements = {step.name: analysis.statements_of(at) for at, step in enumerate(pipeline.steps)}
    after = dependencies_of(pipeline, analysis)
    tree = ast.parse(script.top.source)
    top, modules = digest_of(ast.dump(tree)), modules_of([tree, *(tree for _, _, tree in analysis.trees)])
    return {
        section.name: _need(
            section.name,
            ast.parse(section.source),
            top,
            facts[section.name],
            set_first(statements[section.name], modules),
            after,
        )
        for section in script.sections
        if section.name in after
    }


def _need(  # noqa: PLR0913, PLR0917  what is known of a step
    name: str,
    tree: ast.Module,
    top: str,
    facts: Facts,
    first: frozenset[str],
    after: Mapping[str, tuple[str, ...]],
) -> Need:
    return Need(
        name,
        # Comments change nothing.
        code=digest_of(ast.dump(tree), top),
        reads=facts.reads,
        facts=facts,
        set_first=first,
        seeds=seeds(tree, facts),
        reads_arguments=facts.opaque or _reads_arguments(tree),
        uses_files=facts.opaque or overlaps(facts.uses | facts.touches, (FILES, NETWORK)),
        after=after[name],
    )


def _reads_arguments(tree: ast.Module) -> bool:
    for node in ast.walk(tree):
        word = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
        if word in _COMMAND_LINE or word in _COMMAND_LINES:
            return True
    return False


@dataclass(frozen=True)
class Past:
    """What is known of earlier runs, and of now: what decides whether a step must run."""

    folder: Path
    arguments: str
    versions: Mapping[str, str]

    @classmethod
    def now(cls, script: Script, folder: Path, arguments: str) -> "Past":
        return cls(folder, arguments, versions_of(script.pipeline.imported))

    def reason(
        self,
        need: Need,
        record: Record | None,
        state: State,
        last: Mapping[str, str],
        later: Mapping[str, str],
    ) -> str:
        """Say why a step must run; nothing where what it left can be kept.

        Parameters
        ----------
        state
            After the steps before it.
        last
            The last step that wrote each file.
        later
            Digest of each file that steps after it wrote.
        """
        if record is None:
            return "it has not run yet"
        if record.code != need.code:
            return "its code changed"
        if version := changed(record.versions, self.versions):
            return version
        if dangling := state.dangling(record.left.names):
            return f"{_listed(dangling)} holds what it binds anew"
        return (
            self._of_names(need, record, state)
            or _of_variables(record.variables)
            or self._of_missing([name for name, then in record.files.items() if then == GONE], later)
            or self._of_files({name: then for name, then in record.files.items() if then != GONE}, "")
            or self._of_files(
                {name: then for name, then in record.written.items() if last.get(name) == need.name}, "its "
            )
        )

    def _of_names(self, need: Need, record: Record, state: State) -> str:
        now, then = need.inputs(state, self.arguments), record.inputs
        if record.reads_all:
            now = {**all_of(state), **now}
        if then.get(ARGUMENTS) != now.get(ARGUMENTS):
            return "a parameter changed"
        differing = {name for name in {*then, *now} if then.get(name, "") != now.get(name, "")}
        differing |= {name for name, before in record.changed.items() if _before(name, state) != before}
        return f"{_listed(sorted(differing, key=rank))} changed" if differing else ""

    def _of_files(self, files: Mapping[str, str], whose: str) -> str:
        for name, then in files.items():
            now = digest_at(self.folder, name)
            if now != then:
                return f"{whose}file {name} {'is gone' if now == GONE else 'changed' if then else 'exists again'}"
        return ""

    def _of_missing(self, names: Iterable[str], later: Mapping[str, str]) -> str:
        """Look for files and folders that were missing when a step ran; not for what later steps left."""
        for name in names:
            path = self.folder / name
            if not os.path.lexists(path) or later.get(name) == digest_at(self.folder, name):
                continue
            is_folder = path.is_dir()
            if not (is_folder and any(is_below(each, Path(name)) for each in later)):
                return f"{'folder' if is_folder else 'file'} {name} was missing and now exists"
        return ""


def _of_variables(variables: Mapping[str, str]) -> str:
    environment = outer_environment()
    for name, then in variables.items():
        if digest_of_variable(name, environment.get(name)) != then:
            return f"variable {name} of the environment changed"
    return ""


def lost_for(need: Need, state: State) -> dict[str, str]:
    """Tell which names a step may need that no state can hold, and which step makes them."""
    lost = {name: step for name, (step, _) in state.lost.items() if not is_setting(name)}
    return (
        lost
        if need.reads_all
        else {name: step for name, step in lost.items() if name in {*need.reads, SECRETS}}
    )


def all_of(state: State) -> dict[str, str]:
    """Take down all there is, but for the states of generators."""
    return {name: digest for name, digest in state.digests().items() if name not in RANDOM}


def _before(name: str, state: State) -> str:
    """Take down what a name was before it was changed; a generator nobody seeded is another each time anyway."""
    return "unseeded" if name in RANDOM - state.seeded else state.shared(name)


def rank(name: str) -> tuple[bool, str]:
    """Put names before settings."""
    return is_setting(name), name


def _listed(names: Collection[str]) -> str:
    first = ", ".join(map(shown, [*names][:3]))
    return first + (f" and {counted(len(names) - 3, 'other name')}" if len(names) > 3 else "")


def shown(name: str) -> str:
    return f"the {name[1:]} of the process" if is_setting(name) else f"`{name}`"
