"""What a step needs, and why it must run again, or need not."""

import ast
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from dsml_magics.pipeline.analysis.analysis import Analysis
from dsml_magics.pipeline.analysis.facts import FILES, NETWORK, Facts, overlaps
from dsml_magics.pipeline.analysis.ordering import dependencies_of
from dsml_magics.pipeline.sections import Script
from dsml_magics.pipeline.words import counted
from dsml_magics.run.digest import digest_of
from dsml_magics.run.keeping import is_setting
from dsml_magics.run.record import Record
from dsml_magics.run.settings import ARGUMENTS, RANDOM
from dsml_magics.run.state import State
from dsml_magics.run.versions import changed, versions_of
from dsml_magics.run.watch import GONE, digest_at

_COMMAND_LINE = frozenset(("argv", "parse_args", "parse_known_args", "orig_argv"))
_COMMAND_LINES = frozenset(("click", "typer", "fire", "absl", "cyclopts", "docopt"))


@dataclass(frozen=True)
class Need:
    """What the analysis says of one step.

    `reads` are the names it may read or change; one that `reads_all` may read any. `after` are the earlier steps it
    must wait for.
    """

    name: str
    code: str
    reads: frozenset[str]
    makes: frozenset[str]
    reads_all: bool
    reads_arguments: bool
    uses_files: bool
    after: tuple[str, ...]

    def inputs(self, state: State, arguments: str) -> dict[str, str]:
        """Take down what it would read now."""
        names = state.digests() if self.reads_all else dict.fromkeys(self.reads)
        settings = {name for name in state.groups if is_setting(name) and name not in RANDOM}
        found = {name: state.digest(name) for name in sorted({*names, *settings} - RANDOM)}
        return {**found, ARGUMENTS: arguments} if self.reads_arguments else found


def needs_of(script: Script) -> dict[str, Need]:
    """Analyse a script: what each of its steps needs."""
    pipeline = script.pipeline
    facts = dict(zip([step.name for step in pipeline.steps], Analysis.of(pipeline).facts(), strict=True))
    after = dependencies_of(pipeline)
    top = digest_of(ast.dump(ast.parse(script.top.source)))
    return {
        section.name: _need(section.name, section.source, top, facts[section.name], after)
        for section in script.sections
        if section.name in after
    }


def _need(name: str, source: str, top: str, facts: Facts, after: Mapping[str, tuple[str, ...]]) -> Need:
    tree = ast.parse(source)
    return Need(
        name,
        # Comments change nothing.
        code=digest_of(ast.dump(tree), top),
        reads=facts.reads | facts.changes,
        makes=facts.bound | facts.changes,
        reads_all=facts.opaque,
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

    def reason(self, need: Need, record: Record | None, state: State, last: Mapping[str, str]) -> str:
        """Say why a step must run; nothing where what it left can be kept.

        Parameters
        ----------
        state
            After the steps before it.
        last
            The last step that wrote each file.
        """
        if record is None:
            return "it has not run yet"
        if record.code != need.code:
            return "its code changed"
        if version := changed(record.versions, self.versions):
            return version
        return (
            self._of_names(need, record, state)
            or self._of_files(record.files, "")
            or self._of_files(
                {name: then for name, then in record.written.items() if last.get(name) == need.name}, "its "
            )
        )

    def _of_names(self, need: Need, record: Record, state: State) -> str:
        now = need.inputs(state, self.arguments)
        if record.reads_all:
            now = {**state.digests(), **now}
        then = {**record.inputs}
        for name in RANDOM & then.keys():
            now[name] = state.digest(name)
        if then.get(ARGUMENTS) != now.get(ARGUMENTS):
            return "a parameter changed"
        differing = [
            name for name in sorted({*then, *now} - RANDOM) if then.get(name, "") != now.get(name, "")
        ]
        differing += [name for name in sorted(RANDOM & then.keys()) if then[name] != now[name]]
        return f"{_listed(differing)} changed" if differing else ""

    def _of_files(self, files: Mapping[str, str], whose: str) -> str:
        for name, then in files.items():
            now = digest_at(self.folder, name)
            if now != then:
                return f"{whose}file {name} {'is gone' if now == GONE else 'changed' if then else 'is there'}"
        return ""


def _listed(names: Collection[str]) -> str:
    shown = [f"the {name[1:]} of the process" if is_setting(name) else f"`{name}`" for name in names]
    return ", ".join(shown[:3]) + (f" and {counted(len(shown) - 3, 'other name')}" if len(shown) > 3 else "")
