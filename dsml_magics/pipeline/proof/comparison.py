"""A notebook's run beside a script's: what agrees, what differs, and what cannot be proved."""

from dataclasses import dataclass
from pathlib import Path

from dsml_magics.pipeline.proof.comparing import (
    Found,
    Region,
    difference_of,
    differences_of,
    differing_regions,
    is_unstable,
    line_difference,
    lines_in,
    opaque_parts,
    unstable_lines,
)
from dsml_magics.pipeline.proof.description import Description
from dsml_magics.pipeline.proof.run import Run
from dsml_magics.pipeline.proof.value import Difference
from dsml_magics.pipeline.value import Pipeline

_MOST_DIFFERENCES = 100


@dataclass
class Comparison:
    """What differs between a notebook's run and a script's; further runs of the notebook show what is not proved."""

    first: Run
    ours: Run
    pipeline: Pipeline

    def __post_init__(self) -> None:
        own = {name: held for name, held in self.first.names.items() if name not in self.pipeline.stand_ins}
        wanted = self.pipeline.kept_names
        self.names = own if wanted is None else {name: held for name, held in own.items() if name in wanted}
        self.files = _files_of(self.first) if wanted is None else {}
        self._unstable: dict[str, set[str]] = {}
        self._loose = {
            at for at, line in enumerate(self.first.lines) if line.cell in self.pipeline.silent_cells
        }
        self._silent = frozenset(self._loose)
        self._all = self._found(self.ours)
        self._regions = self._differing_regions()

    def learn(self, again: Run) -> None:
        """Note what another run of the notebook, with the same seeds, disagrees on: of that, nothing is proved."""
        for each in self._found(again):
            self._unstable.setdefault(each.name, set()).add(each.path)
        self._loose |= unstable_lines(_texts(self.first), _texts(again))

    @property
    def has_differences(self) -> bool:
        return any(not self._is_unstable(each) for each in self._all) or bool(self._lines_that_differ())

    @property
    def differences(self) -> tuple[Difference, ...]:
        """What is another in the script, and would not be in another run of the notebook; the first hundred."""
        left = [each for each in self._all if not self._is_unstable(each)][:_MOST_DIFFERENCES]
        named = [self._difference(each) for each in left]
        texts = _texts(self.first), _texts(self.ours)
        return (
            *named,
            *(line_difference(*texts, each, self._loose) for each in self._lines_that_differ()[:1]),
        )

    @property
    def not_proved(self) -> tuple[str, ...]:
        """What differs, and does between two runs of the notebook, too."""
        parts = sorted(each.path for each in self._all if self._is_unstable(each))
        return (*parts, *(f"printed line {at + 1}" for at in self.lines_not_proved))

    @property
    def lines_not_proved(self) -> list[int]:
        excused = {at for each in self._regions if is_unstable(each, self._loose) for at in lines_in(each)}
        among_others = self._loose.intersection(at for each in self._regions for at in lines_in(each))
        return sorted((excused | among_others) - self._silent)

    @property
    def proved_names(self) -> tuple[str, ...]:
        """The variables that are the same in the notebook and in the script, in all their parts."""
        return tuple(sorted(self.names.keys() - {each.name for each in self._all}))

    @property
    def proved_files(self) -> tuple[str, ...]:
        return tuple(
            sorted(name for name in self.files if _of_file(name) not in {each.name for each in self._all})
        )

    @property
    def not_compared(self) -> dict[str, str]:
        """What cannot be looked into, with its kind."""
        return {where: why for name, held in self.names.items() for where, why in opaque_parts(held, name)}

    def _found(self, other: Run) -> list[Found]:
        found = differences_of(self.names, other.names)
        if self.pipeline.kept_names is not None:
            return found
        ours = {_of_file(name): held for name, held in self.files.items()}
        theirs = {_of_file(name): held for name, held in _files_of(other).items()}
        more = [Found(name, name, None, held) for name, held in theirs.items() if name not in ours]
        return [*found, *differences_of(ours, theirs), *more]

    def _difference(self, found: Found) -> Difference:
        missing = "not written" if found.name not in self.names else "missing"
        return difference_of(found, self.first.contents, self.ours.contents, missing=missing)

    def _is_unstable(self, found: Found) -> bool:
        """Whether this part, or one it is in, is another in two runs of the notebook."""
        unstable, path = self._unstable.get(found.name, ()), found.path
        ends = [at for at, sign in enumerate(path) if sign in ".[ "]
        return any(path[:end] in unstable for end in (*ends, len(path)))

    def _differing_regions(self) -> list[Region]:
        if self.pipeline.kept_names is not None:
            return []
        return differing_regions(_texts(self.first), _texts(self.ours))

    def _lines_that_differ(self) -> list[Region]:
        return [each for each in self._regions if not is_unstable(each, self._loose)]


def _of_file(name: str) -> str:
    """Name a file among variables, whose names have no blank."""
    return f"file {name}"


def _files_of(run: Run) -> dict[str, Description]:
    """Leave out the ledger: its identifiers and times are of the run; what it recorded is in the variables."""
    return {
        name: content
        for name, content in run.files.items()
        if not (name.endswith((".db", ".db-journal", ".db-wal", ".db-shm")) and "mlflow" in name)
        and not {"mlruns", "mlartifacts"}.intersection(Path(name).parts)
    }


def _texts(run: Run) -> list[str]:
    return [line.text for line in run.lines]
