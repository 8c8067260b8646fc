"""What an export wrote, and how to use it."""

from dataclasses import dataclass
from pathlib import Path

from dsml_magics.pipeline.words import counted


@dataclass(frozen=True, slots=True, repr=False)
class Export:
    """A job of an engine, written to a folder.

    `files` are those written, as seen from the folder; `steps` are by the names ``dsml run --only`` knows;
    `usage` says what to do next.
    """

    engine: str
    folder: Path
    files: tuple[str, ...]
    steps: tuple[str, ...]
    usage: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def __str__(self) -> str:
        lines = [
            f"{self.folder}: {counted(len(self.steps), 'step')} for {self.engine}",
            *(f"  {file}" for file in self.files),
            *(["then", *(f"  {line}" for line in self.usage)] if self.usage else []),
            *(["warnings", *(f"  {warning}" for warning in self.warnings)] if self.warnings else []),
        ]
        return "\n".join(lines)

    __repr__ = __str__
