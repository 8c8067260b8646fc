"""The proof that a script does what its notebook does."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from dsml_magics.pipeline.words import counted

Verdict = Literal["equal", "different", "not run"]


@dataclass(frozen=True, slots=True)
class Difference:
    """Where the two disagree: a variable or a part of one, a file, or a line of printed text."""

    where: str
    notebook: str
    script: str

    def __str__(self) -> str:
        return f"{self.where}: {self.notebook} in the notebook, {self.script} in the script"


@dataclass(frozen=True, slots=True, repr=False)
class Proof:
    """What was compared, what was not and why, and where they differ.

    Both sides ran with the same `seed`. `names` and `files` are those that agree, in all their parts; `not_proved`
    gives what differs, and does between two runs of the notebook itself, too; `not_compared` what cannot be looked
    into, with the reason. A `strict` proof fails if something is not proved.
    """

    verdict: Verdict
    notebook: str
    script: str
    notebook_sha256: str
    script_sha256: str
    reason: str = ""
    names: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    printed_lines: int = 0
    differences: tuple[Difference, ...] = ()
    not_proved: tuple[str, ...] = ()
    not_compared: Mapping[str, str] | None = None
    only: tuple[str, ...] | None = None
    seconds: Mapping[str, float] | None = None
    versions: Mapping[str, str] | None = None
    strict: bool = False
    seed: int = 0

    @property
    def is_equal(self) -> bool:
        return self.verdict == "equal"

    @property
    def ignored(self) -> tuple[str, ...]:
        """What is not proved, by its former name."""
        return self.not_proved

    @property
    def exit_code(self) -> int:
        """What a shell gets: 0 equal, 1 different or, if `strict`, not wholly proved, 2 could not run."""
        if self.strict and self.not_proved and self.is_equal:
            return 1
        return {"equal": 0, "different": 1, "not run": 2}[self.verdict]

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "ignored": self.not_proved}

    def to_json(self) -> str:
        import json

        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False) + "\n"

    def __str__(self) -> str:
        return f"{self.script} {self._verdict()}"

    __repr__ = __str__

    def _verdict(self) -> str:
        if self.verdict == "not run":
            return f"could not be proved: {self.reason}"
        if self.verdict == "different":
            more = len(self.differences) - 1
            said = f"differs from {self.notebook}: {self.differences[0]}" + (
                f" (and {more} more)" if more else ""
            )
            return said + self._doubts()
        parts = [
            counted(len(self.names), "variable"),
            counted(self.printed_lines, "printed line"),
            counted(len(self.files), "file"),
        ]
        said = f"equals {self.notebook}: {', '.join(parts)}"
        if self.only:
            said += f"; of {', '.join(self.only)}"
        said += self._doubts()
        if self.not_compared:
            said += f"; not compared: {_listed(tuple(self.not_compared))}"
        return said

    def _doubts(self) -> str:
        if not self.not_proved:
            return ""
        listed = _listed(self.not_proved)
        return f"; {len(self.not_proved)} not proved, as runs of the notebook differ there: {listed}"


def _listed(names: tuple[str, ...]) -> str:
    more = len(names) - 5
    return ", ".join(names[:5]) + (f" and {more} more" if more > 0 else "")
